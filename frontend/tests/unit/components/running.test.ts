// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import Running from '$lib/components/Running.svelte';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const one = { images: ['backend', 'frontend'], started: '2026-01-02T03:03:00Z', done: 2, total: 8, step: 'RUN make' };

afterEach(cleanup);

test('a build that runs is shown with its images, its step, how far it is and for how long it runs', () => {
	render(Running, { builds: [one], now: NOW });
	const status = screen.getByRole('status');
	for (const words of ['backend, frontend', '2 of 8 steps', '1 min 05 s', 'RUN make']) {
		expect(status.textContent).toContain(words);
	}
	expect(screen.getByRole('progressbar')).toMatchObject({ value: 2, max: 8 });
});

test('a build whose steps nobody knows yet has no bar', () => {
	render(Running, { builds: [{ ...one, total: null }], now: NOW });
	expect(screen.getByRole('status').textContent).toContain('2 steps done');
	expect(screen.queryByRole('progressbar')).toBeNull();
	cleanup();
	render(Running, { builds: [{ ...one, total: null, done: 1 }], now: NOW });
	expect(screen.getByRole('status').textContent).toContain('1 step done');
});

test('where nothing runs the place stays, so that a screen reader hears of what begins', () => {
	render(Running, { builds: [], now: NOW });
	expect(screen.getByRole('status').textContent).toBe('');
});
