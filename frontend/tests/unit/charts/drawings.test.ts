// @vitest-environment jsdom
import { cleanup, render, screen, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Point } from '$lib/api';
import Changes from '$lib/charts/Changes.svelte';
import Growth from '$lib/charts/Growth.svelte';
import Ranges from '$lib/charts/Ranges.svelte';
import Treemap from '$lib/charts/Treemap.svelte';
import { sizeless } from '../sizeless';

beforeEach(sizeless);
afterEach(cleanup);

async function table() {
	screen.getByText(/^Table/).click();
	const rows = within(await screen.findByRole('table')).getAllByRole('row');
	return rows.slice(1).map((row) => [...row.children].map((cell) => cell.textContent));
}

describe('a treemap', () => {
	const blocks = [
		{ name: 'bash', note: '5.2', kind: 'apt', bytes: 1_000_000, base: true },
		{ name: 'flask', note: '3.1', kind: 'pip', bytes: 3_000_000, base: false }
	];

	test('it says in a sentence what takes the room', () => {
		render(Treemap, { blocks, title: 'backend' });
		const said = screen.getByRole('img').getAttribute('aria-label');
		expect(said).toContain('4.00 MB, of which 3.00 MB is its own and 1.00 MB came with the base');
		expect(said).toContain('The largest is flask with 3.00 MB');
	});

	test('each tile names itself, its size, its share and its part', () => {
		const { container } = render(Treemap, { blocks, title: 'backend' });
		const told = [...container.querySelectorAll('g > title')].map((title) => title.textContent);
		expect(told).toEqual(['flask 3.1: 3.00 MB, 75 %, own', 'bash 5.2: 1.00 MB, 25 %, base']);
	});

	test('its table has the largest first', async () => {
		render(Treemap, { blocks, title: 'backend' });
		expect(await table()).toEqual([
			['flask 3.1', 'Python packages', 'own', '3.00 MB', '75 %'],
			['bash 5.2', 'system packages', 'base', '1.00 MB', '25 %']
		]);
	});

	test('nothing is drawn without a fault', () => {
		render(Treemap, { blocks: [], title: 'backend' });
		expect(screen.getByRole('img').getAttribute('aria-label')).toContain('0 B');
	});
});

describe('growth', () => {
	const point = (build: number, disk_bytes: number): Point => ({
		build,
		started: `2026-01-0${build}T00:00:00Z`,
		commit: `${build}23456789`,
		dirty: build === 2,
		disk_bytes,
		pull_bytes: disk_bytes / 2,
		seconds: 1
	});
	const points = [point(1, 100e6), point(2, 150e6), point(3, 151e6)];
	const link = (before: number, after: number) => `/compare?before=${before}&after=${after}`;

	test('a jump names its commit, and leads to the comparison of the two builds', () => {
		render(Growth, { points, figure: 'disk', title: 'backend on disk', link });
		const jump = screen.getByRole('link');
		expect(jump.textContent).toBe('+50.0 MB at 2234567 + edits');
		expect(jump.getAttribute('href')).toBe('/compare?before=1&after=2');
	});

	test('it follows the size that is asked for', () => {
		render(Growth, { points, figure: 'pull', title: 'backend to pull', link });
		expect(screen.getByRole('img').getAttribute('aria-label')).toContain('from 50.0 MB to 75.5 MB over 3 builds');
	});

	test('its table is newest first, with the change of each build', async () => {
		render(Growth, { points, figure: 'disk', title: 'backend on disk', link });
		expect((await table()).map((row) => row.slice(1, 4))).toEqual([
			['3234567', '151 MB', '+1.00 MB'],
			['2234567 + edits', '150 MB', '+50.0 MB'],
			['1234567', '100 MB', '–']
		]);
	});

	test('no build is told so', () => {
		render(Growth, { points: [], figure: 'disk', title: 'backend on disk', link });
		expect(screen.getByRole('img').getAttribute('aria-label')).toBe('backend on disk: nothing measured');
	});
});

describe('ranges', () => {
	const range = (name: string, median: number) => ({
		name,
		values: [median * 0.9, median, median * 1.1],
		median,
		low: median * 0.9,
		high: median * 1.1
	});
	const rows = [{ label: 'no-op', verdict: '4 × as fast', ranges: [range('plan', 1), range('baseline', 4)] }];

	test('medians and spreads are words too', () => {
		render(Ranges, { rows, title: 'backend' });
		const row = screen.getByText('no-op').closest('li')!;
		for (const words of ['4 × as fast', '1.00 s', '0.90 s to 1.10 s', '4.00 s'])
			expect(row.textContent).toContain(words);
	});

	test('a factor is as long as the same factor elsewhere, and the median lies within its spread', () => {
		const { container } = render(Ranges, { rows, title: 'backend' });
		const place = (mark: Element, name: string) => parseFloat(mark.getAttribute(name)!);
		const marks = [...container.querySelectorAll('.rows g')];
		const [plan, baseline] = marks.map((mark) => place(mark.querySelector('rect')!, 'width'));
		expect(plan).toBeCloseTo(baseline!);
		for (const mark of marks) {
			const spread = mark.querySelector('rect')!;
			const median = place(mark.querySelector('line')!, 'x1');
			expect(median).toBeGreaterThan(place(spread, 'x'));
			expect(median).toBeLessThan(place(spread, 'x') + place(spread, 'width'));
		}
	});

	test('its table has a row for each range', async () => {
		render(Ranges, { rows, title: 'backend' });
		expect(await table()).toEqual([
			['no-op', 'plan', '1.00 s', '0.90 s', '1.10 s', '3', '–'],
			['no-op', 'baseline', '4.00 s', '3.60 s', '4.40 s', '3', '–']
		]);
	});
});

describe('changes', () => {
	const rows = [
		{ name: 'numpy', note: '2.0', before: null, after: 4_000_000, delta: 4_000_000 },
		{ name: 'flask', note: '3.1', before: 3_000_000, after: 2_000_000, delta: -1_000_000 }
	];

	test('what grew lies to the right of the middle, what shrank to the left', () => {
		const { container } = render(Changes, { rows, title: 'what changed' });
		const bars = [...container.querySelectorAll('rect')].map((bar) => [
			bar.getAttribute('x'),
			bar.getAttribute('width')
		]);
		expect(bars).toEqual([
			['50%', '50%'],
			['37.5%', '12.5%']
		]);
	});

	test('where all grew, they have the whole width', () => {
		const { container } = render(Changes, { rows: rows.slice(0, 1), title: 'what changed' });
		expect(container.querySelector('rect')!.getAttribute('width')).toBe('100%');
	});

	test('the table has them all, the drawing as many as it is told', async () => {
		render(Changes, { rows, title: 'what changed', shown: 1 });
		expect(screen.queryByText('flask')).toBeNull();
		expect(screen.getByText('1 smaller changes are in the table.')).toBeTruthy();
		expect(await table()).toEqual([
			['numpy', '2.0', '–', '4.00 MB', '+4.00 MB'],
			['flask', '3.1', '3.00 MB', '2.00 MB', '−1.00 MB']
		]);
	});
});
