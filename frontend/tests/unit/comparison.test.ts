import { describe, expect, test } from 'vitest';
import type { Comparison, Step } from '$lib/api';
import { bySeconds, figures, gap, growth, isAlike, went } from '$lib/comparison';
import { build, failedBuild, step } from './samples';

const compared = (before: Comparison['before'], after: Comparison['after']): Comparison => ({
	before,
	after,
	steps: [],
	layers: [],
	parts: [],
	is_taken_apart: false
});
const pair = (before: Step | null, after: Step | null) => ({ stage: '', instruction: 'RUN make', before, after });

describe('the figures of two builds', () => {
	const before = build({ id: 1, disk_bytes: 200_000_000, seconds: 10, layers: 7 });

	test('name what differs first, with its sign', () => {
		const found = figures(compared(before, build({ id: 2, disk_bytes: 201_000_000, seconds: 8.5, layers: 5 })));
		expect(found.filter(({ same }) => !same).map(({ name, difference }) => `${name} ${difference}`)).toEqual([
			'On disk +1.00 MB',
			'Time −1.50 s',
			'Layers −2'
		]);
		expect(found.findIndex(({ same }) => same)).toBe(3);
	});

	test('have no difference where one build failed', () => {
		const disk = figures(compared(before, failedBuild({ id: 2 }))).find(({ name }) => name === 'On disk');
		expect(disk).toEqual({ name: 'On disk', before: '200 MB', after: '–', difference: '–', same: false });
	});

	test('tell commits and edits apart', () => {
		const edited = figures(compared(before, build({ id: 2, dirty: true }))).find(({ name }) => name === 'Commit');
		expect([edited?.before, edited?.after, edited?.difference]).toEqual(['0123456', '0123456 + edits', 'differs']);
	});
});

describe('a step of both builds', () => {
	const ran = step({ seconds: 12.3 });

	test.each([
		[null, 'not there'],
		[step({ error: 'exit code: 1' }), 'failed'],
		[step({ cached: true }), 'cached'],
		[ran, 'ran 12.3 s']
	])('%# went: %s', (one, words) => expect(went(one)).toBe(words));

	test.each([
		['both ran, one for longer', ran, step({ seconds: 1 }), true],
		['one came from the cache', ran, step({ cached: true }), false],
		['one failed', ran, step({ error: 'no' }), false],
		['one is not there', ran, null, false]
	])('%s: alike %s', (_, before, after, alike) => expect(isAlike(pair(before, after))).toBe(alike));

	test('stands by how much longer or shorter it took', () => {
		const pairs = [pair(ran, step({ seconds: 12 })), pair(ran, null), pair(null, step({ seconds: 20 }))];
		expect(pairs.sort(bySeconds).map(gap)).toEqual([20, -12.3, expect.closeTo(-0.3)]);
	});
});

test('a layer that is not there has no bytes', () => {
	const layer = { instruction: '', stage: '', base: false };
	expect(growth({ ...layer, before_bytes: null, after_bytes: 5 })).toBe(5);
	expect(growth({ ...layer, before_bytes: 7, after_bytes: null })).toBe(-7);
});
