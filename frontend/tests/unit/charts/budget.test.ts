// @vitest-environment jsdom
import { cleanup, render } from '@testing-library/svelte';
import { afterEach, describe, expect, test } from 'vitest';
import BudgetBar from '$lib/charts/BudgetBar.svelte';
import { limits, standing } from '$lib/charts/budget';
import { bytes } from '$lib/format';

afterEach(cleanup);

describe('a figure and its limits', () => {
	test.each([
		['below both', 5, 10, 20, 'ok'],
		['at the soft limit, which it keeps', 10, 10, 20, 'ok'],
		['past the soft limit', 11, 10, 20, 'warn'],
		['at the hard limit', 20, 10, 20, 'warn'],
		['past the hard limit', 21, 10, 20, 'fail'],
		['past the only limit', 21, null, 20, 'fail'],
		['with a soft limit only', 99, 10, null, 'warn'],
		['with none', 99, null, null, 'ok'],
		['not measured', null, 10, 20, 'unknown']
	] as const)('%s', (_, value, soft, hard, state) => expect(standing(value, soft, hard)).toBe(state));

	test.each([
		[1, 2, 'warns above 1, fails above 2'],
		[null, 2, 'fails above 2'],
		[null, null, '–']
	])('%s and %s in words', (soft, hard, words) => expect(limits(soft, hard, String)).toBe(words));
});

describe('the bar', () => {
	const shown = (value: number | null) =>
		render(BudgetBar, { title: 'To pull', value, soft: 60e6, hard: 65e6, format: bytes }).container;
	const widths = (bar: Element) => [...bar.querySelectorAll('rect')].map((one) => one.getAttribute('width'));

	test('it says the figure, the state and the limits in words', () => {
		const text = shown(62e6).textContent;
		for (const words of ['To pull', '62.0 MB', 'above the soft limit', 'warns above 60.0 MB'])
			expect(text).toContain(words);
	});

	test('it is as long as its share of what is allowed', () =>
		expect(widths(shown(65e6 * 1.15 * 0.5))).toEqual(['100%', '50%']));

	test('what is past every limit fills it', () => expect(widths(shown(200e6))).toEqual(['100%', '100%']));

	test('what shrank has no length', () => expect(widths(shown(-5))).toEqual(['100%']));

	test('what is not measured is a dash', () => {
		const bar = shown(null);
		expect(bar.textContent).toContain('–');
		expect(widths(bar)).toEqual(['100%']);
	});
});
