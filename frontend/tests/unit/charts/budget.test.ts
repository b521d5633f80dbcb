// @vitest-environment jsdom
import { cleanup, render } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import type { Limit } from '$lib/api';
import BudgetBar from '$lib/charts/BudgetBar.svelte';

afterEach(cleanup);

const shown = (now: number | null, state: Limit['state'] = 'ok') => {
	const limit: Limit = { figure: 'pull', soft: 60e6, hard: 65e6, against: '', now, state };
	return render(BudgetBar, { limit, title: 'To pull' }).container;
};
const widths = (bar: Element) => [...bar.querySelectorAll('rect')].map((one) => one.getAttribute('width'));

test('it says the figure, the state and the limits in words', () => {
	const text = shown(62e6, 'warn').textContent;
	for (const words of ['To pull', '62.0 MB', 'above the soft limit', 'warns above 60.0 MB'])
		expect(text).toContain(words);
});

test('it is as long as its share of what is allowed', () =>
	expect(widths(shown(65e6 * 1.15 * 0.5))).toEqual(['100%', '50%']));

test('what is past every limit fills it', () => expect(widths(shown(200e6, 'fail'))).toEqual(['100%', '100%']));

test('what shrank has no length', () => expect(widths(shown(-5))).toEqual(['100%']));

test('what is not measured is a dash', () => {
	const bar = shown(null, 'unknown');
	expect(bar.textContent).toContain('–');
	expect(widths(bar)).toEqual(['100%']);
});
