import { describe, expect, test } from 'vitest';
import { bytes, change, elapsed, later, percent, plural, seconds, share } from '$lib/format';

describe('bytes', () => {
	test.each([
		[0, '0 B'],
		[812, '812 B'],
		[999, '999 B'],
		[1000, '1.00 kB'],
		[4_214, '4.21 kB'],
		[9_996, '10.0 kB'],
		[99_960, '100 kB'],
		[999_499, '999 kB'],
		[999_500, '1.00 MB'],
		[13_490_000, '13.5 MB'],
		[284_000_000, '284 MB'],
		[1_250_000_000, '1.25 GB'],
		[5_000_000_000_000_000, '5000 TB'],
		[null, '–']
	])('%s is %s', (count, text) => expect(bytes(count)).toBe(text));
});

describe('a change in bytes', () => {
	test.each([
		[0, 'no change'],
		[1_200_000, '+1.20 MB'],
		[-340_000, '−340 kB']
	])('%s is %s', (count, text) => expect(change(count)).toBe(text));
});

describe('seconds', () => {
	test.each([
		[0, '0.00 s'],
		[0.281, '0.28 s'],
		[9.994, '9.99 s'],
		[9.996, '10.0 s'],
		[59.94, '59.9 s'],
		[59.96, '1 min 00 s'],
		[125, '2 min 05 s'],
		[119.6, '2 min 00 s']
	])('%s is %s', (time, text) => expect(seconds(time)).toBe(text));
});

describe('a share', () => {
	test.each([
		['nothing of nothing', 0, 0, '–'],
		['nothing', 0, 8, '0 %'],
		['almost nothing', 1, 1000, '1 %'],
		['three quarters', 6, 8, '75 %'],
		['almost all', 999, 1000, '99 %'],
		['all', 8, 8, '100 %']
	])('%s', (_, part, whole, text) => expect(percent(share(part, whole))).toBe(text));
});

test.each([
	[0.9, '0 s'],
	[59.99, '59 s'],
	[125.4, '2 min 05 s']
])('%s seconds that still run are %s', (time, text) => expect(elapsed(time)).toBe(text));

test.each([
	[0.001, 'no change'],
	[1.5, '+1.50 s'],
	[-70, '−1 min 10 s']
])('%s seconds more are %s', (time, text) => expect(later(time)).toBe(text));

test.each([
	[1, '1 step'],
	[0, '0 steps'],
	[12_345, '12,345 steps']
])('%s: %s', (count, text) => expect(plural(count, 'step')).toBe(text));
