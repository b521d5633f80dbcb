import { describe, expect, test } from 'vitest';
import { along } from '$lib/charts/percent';
import { around, decades, fromZero, moments, sized } from '$lib/charts/scales';

const texts = (axis: { ticks: { text: string }[] }) => axis.ticks.map(({ text }) => text);

describe('an axis from nothing', () => {
	test('it begins at nothing, ends at the most, and has round ticks', () => {
		const axis = fromZero(14.6, (value) => `${value} s`);
		expect(texts(axis)).toEqual(['0 s', '5 s', '10 s']);
		expect([axis.place(0), axis.place(14.6)]).toEqual([0, 1]);
	});

	test('nothing at all still has a place', () => expect(fromZero(0, String).place(0)).toBe(0));
});

describe('an axis around values', () => {
	test('it leaves room on both sides', () => {
		const axis = around([147, 148], String);
		expect(axis.place(147)).toBeGreaterThan(0);
		expect(axis.place(148)).toBeLessThan(1);
		expect(axis.place(147)).toBeLessThan(axis.place(148));
	});

	test('sizes never fall below nothing', () => expect(texts(around([0, 10], String))[0]).toBe('0'));

	test.each([
		['one value', [5_000_000]],
		['the same value again', [7, 7]],
		['no value', []]
	])('%s has an axis', (_, values) => {
		const at = around(values, String).place(values[0] ?? 1);
		expect(at).toBeGreaterThanOrEqual(0);
		expect(at).toBeLessThanOrEqual(1);
	});
});

describe('an axis of decades', () => {
	test('a factor is the same length everywhere', () => {
		const { place } = decades([0.4, 39.2]);
		expect(place(4) - place(0.4)).toBeCloseTo(place(40) - place(4));
	});

	test('its ticks are powers of ten, with their unit', () =>
		expect(texts(decades([0.04, 39.2]))).toEqual(['0.01 s', '0.1 s', '1 s', '10 s', '100 s']));

	test('a power of ten alone has an axis', () => expect(texts(decades([10]))).toEqual(['10 s', '100 s']));

	test('what is not measurable lies at its start', () => expect(decades([0, 5]).place(0)).toBe(0));
});

describe('an axis of moments', () => {
	test('it runs from the first to the last', () => {
		const [first, last] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 9)];
		const axis = moments([last, first]);
		expect([axis.place(first), axis.place(last)]).toEqual([0, 1]);
		expect(axis.ticks.length).toBeGreaterThan(1);
	});

	test('one moment alone has a place', () => expect(moments([5]).place(5)).toBe(0));
});

test.each([
	[0, '0%'],
	[0.123456789, '12.346%'],
	[1, '100%']
])('%s along the drawing is %s', (share, text) => expect(along(share)).toBe(text));

describe('bytes at a tick', () => {
	test.each([
		[0, 50, '0 B'],
		[500, 100, '500 B'],
		[147_500_000, 500_000, '147.5 MB'],
		[147_000_000, 1_000_000, '147 MB'],
		[1_200_000_000, 200_000_000, '1.2 GB'],
		[5_000_000, 0, '5 MB']
	])('%s, the next %s away, is %s', (count, apart, text) => expect(sized(count, apart)).toBe(text));
});
