import { describe, expect, test } from 'vitest';
import type { Finding } from '$lib/api';
import { byFile, isWanted, wish } from '$lib/audit';

const finding = (differences: Partial<Finding> = {}): Finding => ({
	code: 'link-missing',
	severity: 'note',
	path: 'backend/Dockerfile',
	line: 1,
	column: 1,
	message: 'COPY without --link',
	images: ['backend'],
	fix: null,
	declined: null,
	proof: null,
	...differences
});

test('files with errors come first, and their findings from top to bottom', () => {
	const files = byFile([
		finding({ path: 'a', line: 9 }),
		finding({ path: 'b', severity: 'warning' }),
		finding({ path: 'c', severity: 'note' }),
		finding({ path: 'c', severity: 'error', line: 7 }),
		finding({ path: 'a', line: 2 })
	]);
	expect(files.map(({ path }) => path)).toEqual(['c', 'b', 'a']);
	expect(files.at(-1)!.findings.map(({ line }) => line)).toEqual([2, 9]);
});

describe('an address', () => {
	const keeps = (words: string) => isWanted(finding(), wish(new URLSearchParams(words)));
	test.each([
		['', true],
		['severity=note', true],
		['severity=error', false],
		['path=backend/Dockerfile&image=backend', true],
		['image=frontend', false],
		['path=x', false]
	])('"%s" keeps the finding: %s', (words, kept) => expect(keeps(words)).toBe(kept));
});
