// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import Trend from '$lib/charts/Trend.svelte';

afterEach(cleanup);

const point = (value: number) => ({ at: '2026-01-02T03:04:05Z', value, label: `${value} MB` });

test.each([
	['none', [], 'Disk size: nothing measured'],
	['one', [1], 'Disk size: 1 MB'],
	['some', [1, 4, 2], 'Disk size: from 1 MB to 2 MB over 3 builds']
])('%s of it is told in one sentence', (_, values, words) => {
	render(Trend, { title: 'Disk size', points: values.map(point) });
	expect(screen.getByRole('img').getAttribute('aria-label')).toBe(words);
});

test('what grew is drawn higher', () => {
	const { container } = render(Trend, { title: 'Disk size', points: [1, 4].map(point) });
	const numbers = container
		.querySelector('path')!
		.getAttribute('d')!
		.match(/[\d.]+/g)!
		.map(Number);
	expect(numbers.at(-1)).toBeLessThan(numbers[1]!);
});

test('the table behind it is newest first', async () => {
	render(Trend, { title: 'Disk size', points: [1, 4].map(point) });
	screen.getByText(/^Table/).click();
	expect((await screen.findAllByRole('cell')).map((cell) => cell.textContent)).toEqual(['4 MB', '1 MB']);
});
