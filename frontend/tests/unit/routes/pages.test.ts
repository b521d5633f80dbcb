// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import type { Component } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { client } from '$lib/api';
import { Live, LIVE } from '$lib/live.svelte';
import Overview from '../../../src/routes/+page.svelte';
import Builds from '../../../src/routes/builds/+page.svelte';
import Build from '../../../src/routes/builds/[id]/+page.svelte';
import Compare from '../../../src/routes/compare/+page.svelte';
import { build, failedBuild, image, step } from '../samples';

const { address, goto } = vi.hoisted(() => ({
	address: { url: new URL('http://page.example/'), params: {} as Record<string, string> },
	goto: vi.fn()
}));
vi.mock('$app/state', () => ({ page: address }));
vi.mock('$app/navigation', () => ({ goto }));

const API = 'http://api.example:5001';
const fetcher = vi.fn<typeof fetch>();
let answers: Record<string, unknown>;
let live: Live;

beforeEach(() => {
	goto.mockReset();
	fetcher.mockReset().mockImplementation(async (url) => {
		const path = String(url).replace(`${API}/api/v1`, '');
		const found = Object.entries(answers).find(([begin]) => path.startsWith(begin));
		if (!found) throw new TypeError('Failed to fetch');
		return found[1] instanceof Response ? found[1].clone() : Response.json(found[1]);
	});
});
afterEach(cleanup);

/** The page at this address, over an API that answers so to paths that begin so, and not at all to others. */
function open(page: Component, path: string, given: Record<string, unknown>, params: Record<string, string> = {}) {
	answers = given;
	Object.assign(address, { url: new URL(path, 'http://page.example/'), params });
	live = new Live(client(API, fetcher));
	return render(page, { context: new Map([[LIVE, live]]) });
}

const asked = () => fetcher.mock.calls.map(([url]) => String(url).replace(`${API}/api/v1`, ''));
const problem = (status: number, detail: string) =>
	Response.json({ detail }, { status, headers: { 'content-type': 'application/problem+json' } });
const images = (...all: ReturnType<typeof image>[]) => ({ '/images': { images: all, next: null } });

describe('the overview', () => {
	const main = { branch: 'main', build: build({ id: 3, disk_bytes: 250_000_000 }) };
	const backend = {
		...image(build({ standin: false }), 2),
		main,
		findings: { error: 0, warning: 2, note: 0 },
		limits: [
			{ figure: 'pull' as const, soft: 1e8, hard: 2e8, against: '', now: 60_400_000, state: 'ok' as const },
			{ figure: 'source-edit-steps' as const, soft: null, hard: 3, against: '', now: 3, state: 'ok' as const }
		]
	};

	test('says that it is loading until the first answer', () => {
		open(Overview, '/', images());
		expect(screen.getByRole('status').textContent).toContain('Loading the images');
	});

	test('says how to get the first build', async () => {
		open(Overview, '/', images());
		expect((await screen.findByRole('heading', { name: 'No builds yet' })).parentElement?.textContent).toContain(
			'./dev build'
		);
	});

	test('shows of each image its state, sizes, tightest budget, last build, findings, and what changed since main', async () => {
		open(Overview, '/', images(backend));
		const card = await screen.findByRole('article', { name: 'backend' });
		for (const words of ['warnings found', '251 MB', '60.4 MB', 'To pull', '75 %', '12.3 s']) {
			expect(card.textContent).toContain(words);
		}
		const link = within(card).getByRole('link', { name: '+1.00 MB since main' });
		expect(link.getAttribute('href')).toBe('/compare?before=3&after=7');
		expect(within(card).getByRole('link', { name: '2 warnings' })).toBeTruthy();
	});

	test('tells of a newer build that failed, and leaves the sizes of the one before', async () => {
		open(Overview, '/', images(image(build(), 2, failedBuild({ id: 10 }))));
		const card = await screen.findByRole('article', { name: 'backend' });
		expect(card.textContent).toContain('251 MB');
		expect(within(card).getByText('build failed')).toBeTruthy();
		expect(within(card).getByText(', failed')).toBeTruthy();
	});

	test('marks an image that is built now', async () => {
		open(Overview, '/', images(backend));
		live.running = [{ images: ['backend'], started: '2026-01-02T03:04:00Z', done: 1, total: 2, step: '' }];
		expect((await screen.findByRole('article')).textContent).toContain('building …');
	});

	test('shows the images that its address asks for, and puts a wish into it', async () => {
		const all = ['a', 'b', 'c', 'd'].map((name) => image(build({ image: name })));
		open(Overview, '/?q=b', images(...all));
		expect(await screen.findByRole('article', { name: 'b' })).toBeTruthy();
		expect(screen.getAllByRole('article')).toHaveLength(1);
		await fireEvent.input(screen.getByRole('searchbox'), { target: { value: 'c' } });
		expect(goto.mock.calls[0]?.[0]).toBe('?q=c');
	});

	test('asks again with each round, and keeps what was there when the API goes away', async () => {
		open(Overview, '/', images(backend));
		await screen.findByRole('article');
		answers = {};
		live.round += 1;
		const alert = await screen.findByRole('alert');
		for (const words of ['The API is away', 'from before', API, './dev up', 'PUBLIC_API_BASE_URL']) {
			expect(alert.textContent).toContain(words);
		}
		expect(screen.getByRole('article')).toBeTruthy();
		answers = images(backend);
		screen.getByRole('button', { name: 'Try again' }).click();
		await vi.waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
	});

	test('takes its question back when it is left', () => {
		const { unmount } = open(Overview, '/', images());
		unmount();
		expect(fetcher.mock.calls[0]?.[1]?.signal?.aborted).toBe(true);
	});
});

test('a wrong address is called so, with the variable that holds it', async () => {
	open(Overview, '/', { '/': new Response('<h1>It works</h1>') });
	const alert = await screen.findByRole('alert');
	expect(within(alert).getByRole('heading').textContent).toBe('Something else answers in place of the API');
	expect(alert.textContent).toContain(`PUBLIC_API_BASE_URL names ${API}`);
});

describe('the builds', () => {
	const page = {
		'/builds': { builds: [build({ id: 9 }), failedBuild({ id: 8 })], next: 'older' },
		...images(image(build()))
	};

	test('are those that the address asks for', async () => {
		open(Builds, '/builds?image=backend&outcome=done&cursor=x', page);
		await screen.findByRole('table');
		expect(asked()).toContain('/builds?image=backend&outcome=done&cursor=x&limit=50');
		expect(screen.getByRole('link', { name: 'Older builds' }).getAttribute('href')).toBe(
			'?image=backend&outcome=done&cursor=older'
		);
		expect(screen.getByRole('link', { name: 'Newest builds' })).toBeTruthy();
	});

	test('are listed by column, and one that failed lacks sizes', async () => {
		open(Builds, '/builds', page);
		const [header, first, second] = await screen.findAllByRole('row');
		expect(within(header!).getAllByRole('columnheader')).toHaveLength(11);
		expect(within(first!).getByRole('link', { name: '#9' }).getAttribute('href')).toBe('/builds/9');
		expect(within(second!).getAllByText('–')).toHaveLength(2);
	});

	test('begin at the first page when another filter is chosen', async () => {
		open(Builds, '/builds?cursor=x', page);
		await screen.findByRole('table');
		await fireEvent.change(screen.getByLabelText('Outcome'), { target: { value: 'failed' } });
		expect(goto.mock.calls[0]?.[0]).toBe('?outcome=failed');
	});

	test('two that are picked can be compared, the older one first', async () => {
		open(Builds, '/builds', page);
		await fireEvent.click(await screen.findByLabelText('Pick build 9'));
		await fireEvent.click(screen.getByLabelText('Pick build 8'));
		expect(screen.getByRole('link', { name: 'Compare #8 with #9' }).getAttribute('href')).toBe(
			'/compare?before=8&after=9'
		);
	});

	test.each([
		['/builds?image=backend', 'No build is like that'],
		['/builds', 'No builds yet']
	])('at %s without any say: %s', async (path, heading) => {
		open(Builds, path, { '/builds': { builds: [], next: null }, ...images() });
		expect(await screen.findByRole('heading', { name: heading })).toBeTruthy();
	});
});

describe('a build', () => {
	const failed = step({
		position: 1,
		instruction: 'RUN npm run build',
		error: 'exit code: 1',
		log: 'Unexpected token'
	});
	const detail = {
		build: failedBuild({ id: 8 }),
		detail: [step({ instruction: 'COPY . .', cached: true }), failed],
		why: { words: 'page.svelte changed', line: 22, instruction: 'COPY . .', against: 5, after: 1, notes: ['a note'] },
		critical_seconds: 2,
		previous: 7,
		next: null
	};
	const at = (path: string, given: unknown) => open(Build, path, { '/builds/8': given }, { id: '8' });

	test('says why it ran what it ran, shows the log of the step that failed, and leads to the one before', async () => {
		at('/builds/8', detail);
		expect((await screen.findByRole('region', { name: 'Why steps ran' })).textContent).toContain('page.svelte changed');
		expect(screen.getByRole('region', { name: 'The last lines of its log' }).textContent).toBe('Unexpected token');
		expect(screen.getByRole('link', { name: 'Compare with the one before' }).getAttribute('href')).toBe(
			'/compare?before=7&after=8'
		);
		expect(screen.queryByRole('link', { name: 'After →' })).toBeNull();
	});

	test('shows the step that the address names', async () => {
		at('/builds/8?step=0', detail);
		expect(await screen.findByRole('heading', { name: 'COPY . .' })).toBeTruthy();
	});

	test.each([
		[{ ...detail, why: null }, 'Nobody recorded why'],
		[{ ...detail, why: { ...detail.why, words: '' } }, 'no earlier build'],
		[{ ...detail, build: build({ id: 8, steps: 2, cached: 2 }) }, 'Every step came from the cache']
	])('%#: says %s', async (given, words) => {
		at('/builds/8', given);
		expect(await screen.findByText(new RegExp(words))).toBeTruthy();
	});

	test('that the ledger has not is said to be missing', async () => {
		at('/builds/8', problem(404, 'there is no build 8'));
		expect((await screen.findByRole('alert')).textContent).toContain('there is no build 8');
	});
});

describe('a comparison', () => {
	const [before, after] = [step({ instruction: 'RUN a' }), step({ instruction: 'RUN a', cached: true })];
	const comparison = {
		before: build({ id: 1 }),
		after: build({ id: 2, image: 'worker', disk_bytes: 252_000_000 }),
		steps: [
			{ stage: 'app', instruction: 'RUN a', before, after },
			{ stage: 'app', instruction: 'RUN b', before, after: before }
		],
		layers: [
			{ instruction: 'COPY . .', stage: 'app', base: false, before_bytes: 5, after_bytes: 9 },
			{ instruction: '', stage: '', base: true, before_bytes: 5, after_bytes: 5 }
		],
		parts: [{ kind: 'pip', name: 'flask', before: null, after: { version: '3.1', disk_bytes: 9 }, delta_bytes: 9 }],
		is_taken_apart: true
	};
	const given = (of: unknown) => ({
		'/compare': of,
		'/builds': { builds: [build({ id: 1 })], next: null },
		...images(image(build()))
	});

	test('shows what differs, and folds what does not', async () => {
		open(Compare, '/compare?before=1&after=2', given(comparison));
		const rows = within(await screen.findByRole('region', { name: 'Steps that differ' })).getAllByRole('row');
		expect(rows[1]?.textContent).toMatch(/RUN a.*ran 2\.00 s.*cached.*no change/);
		expect(asked().filter((path) => path === '/images')).toHaveLength(1);
		expect(screen.getByText('1 step that went alike')).toBeTruthy();
		expect(screen.getByText('1 layer of the same size')).toBeTruthy();
		expect(screen.getByRole('region', { name: 'Packages and files that differ' }).textContent).toContain('not there');
	});

	test('says where images were not taken apart', async () => {
		open(Compare, '/compare?before=1&after=2', given({ ...comparison, is_taken_apart: false }));
		expect(await screen.findByText(/was not taken apart/)).toBeTruthy();
	});

	test('of nothing asks for two builds', () => {
		open(Compare, '/compare', given(comparison));
		expect(screen.getByRole('heading', { name: 'Choose two builds' })).toBeTruthy();
	});

	test('puts the build that is chosen into the address', async () => {
		open(Compare, '/compare?after=2', given(comparison));
		const side = within(screen.getByRole('group', { name: 'Before' }));
		await side.findByRole('option', { name: 'backend' });
		await fireEvent.change(side.getByLabelText('Image'), { target: { value: 'backend' } });
		await side.findByRole('option', { name: /#1/ });
		await fireEvent.change(side.getByLabelText('Build'), { target: { value: '1' } });
		expect(goto.mock.calls[0]?.[0]).toBe('?after=2&before=1');
	});
});
