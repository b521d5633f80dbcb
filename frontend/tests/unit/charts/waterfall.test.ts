// @vitest-environment jsdom
import { cleanup, render, screen, within } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import Waterfall from '$lib/charts/Waterfall.svelte';
import type { Step } from '$lib/api';
import { step as sample } from '../samples';

afterEach(cleanup);

const step = (differences: Partial<Step> = {}) => sample({ started: 0, critical: false, ...differences });

const STEPS = [
	step({ instruction: 'COPY a .', seconds: 0, cached: true }),
	step({ position: 1, started: 1, seconds: 4, critical: true }),
	step({ position: 2, instruction: 'RUN test', started: 5, seconds: 5, error: 'exit code 1' })
];

test('each step says in words how it went', () => {
	render(Waterfall, { steps: STEPS, seconds: 10 });
	const [first, second, third] = within(screen.getAllByRole('list').at(-1)!).getAllByRole('listitem');
	expect(first!.textContent).toContain('cached');
	expect(second!.textContent).toMatch(/4\.00 s\s+● critical/);
	expect(third!.textContent).toContain('✕ failed');
});

test('a bar begins when its step did, and is as long', () => {
	const { container } = render(Waterfall, { steps: STEPS, seconds: 10 });
	const bar = container.querySelector('ol rect.critical:not(.least)')!;
	expect([bar.getAttribute('x'), bar.getAttribute('width')]).toEqual(['10%', '40%']);
});

test('a step that ended after the build was told done still fits', () => {
	const { container } = render(Waterfall, { steps: [step({ started: 5, seconds: 15 })], seconds: 10 });
	const bar = container.querySelector('ol rect.ran:not(.least)')!;
	expect([bar.getAttribute('x'), bar.getAttribute('width')]).toEqual(['25%', '75%']);
});

test('steps are links where a page has a place for them', () => {
	render(Waterfall, { steps: STEPS, seconds: 10, link: (position: number) => `#step-${position}` });
	expect(screen.getByRole('link', { name: 'RUN test' }).getAttribute('href')).toBe('#step-2');
});

test('the table behind it has the same steps, once it is opened', async () => {
	render(Waterfall, { steps: STEPS, seconds: 10 });
	expect(screen.queryByRole('table')).toBeNull();
	screen.getByText(/^Table/).click();
	const table = await screen.findByRole('table');
	expect(within(table).getAllByRole('row')).toHaveLength(4);
	expect(
		within(table)
			.getAllByRole('cell')
			.map((cell) => cell.textContent)
	).toContain('4.00 s');
});
