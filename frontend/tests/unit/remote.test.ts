import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Failure } from '$lib/api';
import { Remote, RETRY_MS } from '$lib/remote.svelte';

const AWAY = new Failure('away', 'No answer from the API.');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('it is busy until the answer is there', async () => {
	const remote = new Remote(async () => 'value');
	expect([remote.busy, remote.value]).toEqual([false, undefined]);
	const loading = remote.load();
	expect(remote.busy).toBe(true);
	await loading;
	expect([remote.busy, remote.value]).toEqual([false, 'value']);
});

describe('after a failure', () => {
	test('the value from before stays, and the failure is told', async () => {
		const answers = [async () => 'old', async () => Promise.reject(AWAY)];
		const remote = new Remote(() => answers.shift()!());
		await remote.load();
		await remote.load();
		expect([remote.value, remote.failure, remote.busy]).toEqual(['old', AWAY, false]);
		remote.stop();
	});

	test('it asks again by itself until it succeeds', async () => {
		const ask = vi.fn().mockRejectedValueOnce(AWAY).mockRejectedValueOnce(AWAY).mockResolvedValue('value');
		const remote = new Remote<string>(ask);
		await remote.load();
		await vi.advanceTimersByTimeAsync(RETRY_MS);
		expect(remote.failure).toBe(AWAY);
		await vi.advanceTimersByTimeAsync(RETRY_MS);
		expect([remote.value, remote.failure]).toEqual(['value', undefined]);
		await vi.advanceTimersByTimeAsync(10 * RETRY_MS);
		expect(ask).toHaveBeenCalledTimes(3);
	});

	test('it asks no more once it is stopped', async () => {
		const ask = vi.fn().mockRejectedValue(AWAY);
		const remote = new Remote(ask);
		await remote.load();
		remote.stop();
		await vi.advanceTimersByTimeAsync(10 * RETRY_MS);
		expect(ask).toHaveBeenCalledTimes(1);
	});

	test('a bug is not taken for a failure', async () => {
		const remote = new Remote(async () => Promise.reject(new RangeError('a bug')));
		await expect(remote.load()).rejects.toThrow('a bug');
		expect([remote.failure, remote.busy]).toEqual([undefined, false]);
	});
});

test('it is not asked anew while a question is under way', async () => {
	const ask = vi.fn(async () => 'value');
	const remote = new Remote(ask);
	const loading = remote.load();
	remote.refresh();
	expect(ask).toHaveBeenCalledTimes(1);
	await loading;
	remote.refresh();
	expect(ask).toHaveBeenCalledTimes(2);
});

describe('when two questions overlap', () => {
	test('the last one asked wins, whichever answer comes first', async () => {
		const answers: ((value: string) => void)[] = [];
		const signals: AbortSignal[] = [];
		const remote = new Remote<string>((signal) => {
			signals.push(signal);
			return new Promise((resolve) => answers.push(resolve));
		});
		const both = [remote.load(), remote.load()];
		answers[1]!('second');
		answers[0]!('first');
		await Promise.all(both);
		expect(remote.value).toBe('second');
		expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
	});

	test('the failure of one that was taken back is no failure', async () => {
		const remote = new Remote<string>((signal) => new Promise((_, reject) => signal.addEventListener('abort', reject)));
		const loading = remote.load();
		remote.stop();
		await loading;
		expect([remote.failure, remote.busy]).toEqual([undefined, false]);
	});
});
