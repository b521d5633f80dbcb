import { describe, expect, test } from 'vitest';
import { lines, told } from '$lib/diff';

const kinds = (diff: string) => lines(diff).map(({ kind }) => kind);

describe('a unified diff', () => {
	test.each([
		['a line replaced', '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n', ['file', 'file', 'place', 'removed', 'added']],
		['lines around it', '@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n', ['place', 'same', 'removed', 'added', 'same']],
		['a removed line that looks like the name of a file', '@@ -1,2 +1 @@\n--- old\n a\n', ['place', 'removed', 'same']],
		['an added line that looks like one', '@@ -0,0 +1 @@\n+++ new\n', ['place', 'added']],
		[
			'a second file behind a hunk',
			'@@ -1 +1 @@\n-a\n+b\n--- a/y\n+++ b/y\n',
			['place', 'removed', 'added', 'file', 'file']
		],
		[
			'no newline at the end',
			'@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n',
			['place', 'removed', 'same', 'added']
		]
	])('%s', (_, diff, expected) => expect(kinds(diff)).toEqual(expected));

	test('its lines are counted', () => {
		expect(told(lines('@@ -1 +1,2 @@\n-a\n+b\n+c\n'))).toBe('2 lines added, 1 removed');
		expect(told(lines('@@ -0,0 +1 @@\n+c\n'))).toBe('1 line added, 0 removed');
	});
});
