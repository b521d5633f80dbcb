import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Failure, type Client, type RunningBuild } from '$lib/api';
import { FRESH_MS, Live, LOOK_MS } from '$lib/live.svelte';

const AWAY = new Failure('away', 'No answer from the API.');

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-01-02T03:04:05Z') }));
afterEach(() => void vi.useRealTimers());

const running = (differences: Partial<RunningBuild> = {}): RunningBuild => ({
	images: ['backend'],
	started: '2026-01-02T03:04:00Z',
	done: 1,
	total: 5,
	step: 'RUN make',
	...differences
});

/** Live over an API that answers so in turn, and then that nothing runs. */
function looking(...answers: (RunningBuild[] | Failure)[]) {
	const ask = vi.fn(async () => {
		const answer = answers.shift() ?? [];
		if (answer instanceof Failure) throw answer;
		return { builds: answer };
	});
	return { live: new Live({ running: ask } as unknown as Client), ask };
}

test('a build that began is known at the next look', async () => {
	const { live } = looking([], [running()]);
	await live.look();
	expect(live.running).toEqual([]);
	await vi.advanceTimersByTimeAsync(LOOK_MS);
	expect(live.running).toEqual([running()]);
	live.stop();
});

describe('figures are asked for again', () => {
	test('when a build ended, and not because it goes on', async () => {
		const { live } = looking([running()], [running({ done: 2 })], [running({ started: '2026-01-02T03:04:09Z' })]);
		await live.look();
		await vi.advanceTimersByTimeAsync(LOOK_MS);
		expect(live.round).toBe(0);
		await vi.advanceTimersByTimeAsync(LOOK_MS);
		expect(live.round).toBe(1);
		live.stop();
	});

	test('every ten seconds', async () => {
		const { live } = looking();
		await live.look();
		await vi.advanceTimersByTimeAsync(FRESH_MS - 1);
		expect(live.round).toBe(0);
		await vi.advanceTimersByTimeAsync(2 * FRESH_MS);
		expect(live.round).toBe(2);
		live.stop();
	});

	test('once when the API goes away, so that the page says so, and when it is back', async () => {
		const { live } = looking([running()], AWAY, AWAY, [running()]);
		await live.look();
		await vi.advanceTimersByTimeAsync(2 * LOOK_MS);
		expect([live.running, live.round]).toEqual([[], 1]);
		await vi.advanceTimersByTimeAsync(LOOK_MS);
		expect([live.running, live.round]).toEqual([[running()], 2]);
		live.stop();
	});

	test('when the reader is back', async () => {
		const { live, ask } = looking();
		live.returned();
		await vi.advanceTimersByTimeAsync(0);
		expect([live.round, ask.mock.calls.length]).toEqual([1, 1]);
		live.stop();
	});
});

test('once stopped, it asks no more', async () => {
	const { live, ask } = looking();
	await live.look();
	live.stop();
	await vi.advanceTimersByTimeAsync(10 * LOOK_MS);
	expect(ask).toHaveBeenCalledTimes(1);
});

test('an answer that comes after it was stopped is left alone', async () => {
	const { live } = looking([running()]);
	const look = live.look();
	live.stop();
	await look;
	await vi.advanceTimersByTimeAsync(10 * LOOK_MS);
	expect(live.running).toEqual([]);
});

test('a bug is not taken for a failure', async () => {
	const live = new Live({ running: async () => Promise.reject(new RangeError('a bug')) } as unknown as Client);
	await expect(live.look()).rejects.toThrow('a bug');
});
