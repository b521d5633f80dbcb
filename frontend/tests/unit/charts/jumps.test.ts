import { expect, test } from 'vitest';
import { jumps } from '$lib/charts/jumps';

const found = (sizes: number[], most?: number) =>
	jumps(sizes, (size) => size, most).map(({ before, after, delta }) => [before, after, delta]);

test.each([
	['no build', [], []],
	['one build', [5], []],
	['the same size throughout', [5, 5, 5], []],
	['a step up', [100, 100, 200], [[100, 200, 100]]],
	[
		'a step up and one down, in their order',
		[100, 150, 0],
		[
			[100, 150, 50],
			[150, 0, -150]
		]
	],
	['what is less than a tenth of the range', [0, 100, 109], [[0, 100, 100]]]
])('%s', (_, sizes, expected) => expect(found(sizes)).toEqual(expected));

test('only the largest are told', () =>
	expect(found([0, 30, 40, 60, 100], 2)).toEqual([
		[0, 30, 30],
		[60, 100, 40]
	]));
