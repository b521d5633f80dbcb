// @vitest-environment jsdom
import { cleanup, render, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Failure } from '$lib/api';
import Builds from '$lib/components/Builds.svelte';
import type { Overview } from '$lib/overview';
import { Remote } from '$lib/remote.svelte';
import { build, failedBuild, image } from '../samples';

const ADDRESS = 'http://api.example:5001';
const NOW = Date.parse('2026-01-02T03:14:05Z');
const AWAY = new Failure('away', 'No answer from the API.');

let stop: (() => void) | undefined;
afterEach(() => {
	stop?.();
	cleanup();
});

/** The page's content after each of these answers came, in turn. */
async function shown(...answers: (Overview | Failure)[]) {
	const ask = vi.fn<() => Promise<Overview>>();
	for (const answer of answers) {
		if (answer instanceof Failure) ask.mockRejectedValueOnce(answer);
		else ask.mockResolvedValueOnce(answer);
	}
	const remote = new Remote<Overview>(ask);
	stop = () => remote.stop();
	for (let asked = 0; asked < answers.length; asked += 1) await remote.load();
	render(Builds, { remote, address: ADDRESS, now: NOW });
	return { remote, ask };
}

describe('before the first answer', () => {
	test('it says that it is loading', async () => {
		await shown();
		expect(screen.getByRole('status').textContent).toContain('Loading');
	});
});

describe('with an empty ledger', () => {
	test('it says how to get the first build', async () => {
		await shown({ images: [], builds: [] });
		const notice = screen.getByRole('status');
		expect(within(notice).getByRole('heading', { name: 'No builds yet' })).toBeTruthy();
		expect(notice.textContent).toContain('./dev build');
		expect(screen.queryByRole('table')).toBeNull();
	});
});

describe('with the API away', () => {
	test('it says so, where the API is expected, and what starts it', async () => {
		await shown(AWAY);
		const alert = screen.getByRole('alert');
		expect(within(alert).getByRole('heading', { name: 'The API is away' })).toBeTruthy();
		for (const words of [AWAY.message, ADDRESS, './dev up', 'PUBLIC_API_BASE_URL']) {
			expect(alert.textContent).toContain(words);
		}
		expect(alert.textContent).not.toContain('from before');
		expect(screen.queryByText(/Loading/)).toBeNull();
	});

	test('the button asks again, once per press while it waits', async () => {
		const { ask } = await shown(AWAY);
		ask.mockReturnValue(new Promise(() => undefined));
		screen.getByRole('button', { name: 'Try again' }).click();
		const waiting = await screen.findByRole('button', { name: 'Asking …' });
		expect(waiting.getAttribute('aria-disabled')).toBe('true');
		waiting.click();
		expect(ask).toHaveBeenCalledTimes(2);
	});

	test('an answer takes the message away', async () => {
		const { ask } = await shown(AWAY);
		ask.mockResolvedValue({ images: [image(build())], builds: [build()] });
		screen.getByRole('button', { name: 'Try again' }).click();
		await screen.findByRole('table');
		expect(screen.queryByRole('alert')).toBeNull();
	});

	test('figures from before stay, and are called so', async () => {
		await shown({ images: [image(build())], builds: [build()] }, AWAY);
		expect(screen.getByRole('alert').textContent).toContain('from before');
		expect(screen.getByRole('table')).toBeTruthy();
	});

	test.each([
		['refused', 'The API could not answer'],
		['foreign', 'Something else answers in place of the API']
	] as const)('an answer that is %s has a heading of its own', async (reason, heading) => {
		await shown(new Failure(reason, 'why'));
		expect(screen.getByRole('heading', { name: heading })).toBeTruthy();
	});
});

describe('with builds', () => {
	const latest = build({ id: 9, standin: false });
	const before = build({ id: 8, disk_bytes: 250_000_000, commit: null });

	test('each image has a card with size, time, share of cached steps, and growth', async () => {
		await shown({ images: [image(latest, 2)], builds: [latest, before] });
		const card = screen.getByRole('article', { name: 'backend' });
		for (const words of ['251 MB', '60.4 MB', '12.3 s', '75 %', '+1.00 MB', '2 builds', '10 minutes ago']) {
			expect(card.textContent).toContain(words);
		}
		expect(within(card).getByRole('meter', { name: 'Share of cached steps' })).toHaveProperty('value', 0.75);
		expect(within(card).queryByText('stand-in base')).toBeNull();
	});

	test('the table lists the builds, newest first, by column', async () => {
		await shown({ images: [image(latest)], builds: [latest, before] });
		const [header, first, second] = screen.getAllByRole('row');
		expect(
			within(header!)
				.getAllByRole('columnheader')
				.map((cell) => cell.textContent)
		).toEqual(['Image', 'Started', 'Commit', 'Outcome', 'Time', 'Cached', 'Unpacked', 'To pull']);
		expect(within(first!).getByText('0123456')).toBeTruthy();
		expect(within(second!).getByRole('rowheader').textContent).toBe('backend');
		expect(within(second!).getByText('250 MB')).toBeTruthy();
	});

	test('a build on a stand-in base says so, and which base it stands in for', async () => {
		const bases = [{ name: 'python:3.12-slim', reference: 'a/b', origin: 'standin', note: null, digest: null }];
		await shown({ images: [image(build({ standin: true, bases }))], builds: [] });
		expect(screen.getByText('stand-in base').title).toContain('python:3.12-slim');
	});

	test('a newer build that failed is told, and leaves the sizes', async () => {
		await shown({ images: [image(latest, 2, failedBuild({ id: 10 }))], builds: [latest] });
		const card = screen.getByRole('article', { name: 'backend' });
		expect(card.textContent).toContain('251 MB');
		expect(card.textContent).toContain('A newer build failed');
	});

	test('an image of which no build was done shows the one that failed', async () => {
		await shown({ images: [{ ...image(build()), latest: null, failed: failedBuild() }], builds: [] });
		const card = screen.getByRole('article', { name: 'backend' });
		expect(within(card).getByText('failed')).toBeTruthy();
		expect(card.textContent).not.toContain('A newer build failed');
	});

	test('a failed build is marked, and lacks sizes', async () => {
		await shown({ images: [image(latest)], builds: [failedBuild()] });
		const row = screen.getAllByRole('row')[1]!;
		expect(within(row).getByText('failed')).toBeTruthy();
		expect(within(row).getAllByText('–')).toHaveLength(2);
	});

	test('edits that were not committed are told', async () => {
		await shown({ images: [image(latest)], builds: [build({ dirty: true })] });
		expect(screen.getByText('+ edits')).toBeTruthy();
	});
});
