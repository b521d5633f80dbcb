// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LISTED } from '$lib/overview';
import Page from '../../../src/routes/+page.svelte';
import { build, image } from '../samples';

// What the server writes into the page for the browser, from its own environment at run time.
vi.mock('$env/dynamic/public', () => ({ env: { PUBLIC_API_BASE_URL: 'http://api.example/' } }));

const fetcher = vi.fn<typeof fetch>();

beforeEach(() => {
	fetcher
		.mockReset()
		.mockImplementation(async (url) =>
			Response.json(String(url).includes('/images') ? { images: [image(build())] } : { builds: [build()] })
		);
	vi.stubGlobal('fetch', fetcher);
});
afterEach(cleanup);

const asked = () => fetcher.mock.calls.map(([url]) => url);
const QUESTIONS = ['http://api.example/api/v1/images', `http://api.example/api/v1/builds?limit=${LISTED}`];

test('it shows what the API that the environment names answers', async () => {
	render(Page);
	expect(await screen.findByRole('article', { name: 'backend' })).toBeTruthy();
	expect(asked()).toEqual(QUESTIONS);
});

test('the button asks anew', async () => {
	render(Page);
	(await screen.findByRole('button', { name: 'Refresh' })).click();
	expect(asked()).toEqual([...QUESTIONS, ...QUESTIONS]);
	await screen.findByRole('article');
});

test('a reader who comes back to the page finds fresh figures', async () => {
	render(Page);
	await screen.findByRole('article');
	document.dispatchEvent(new Event('visibilitychange'));
	expect(asked()).toEqual([...QUESTIONS, ...QUESTIONS]);
	await screen.findByRole('article');
});

test('once it is left, it asks no more', async () => {
	const { unmount } = render(Page);
	const signals = () => fetcher.mock.calls.map(([, init]) => init?.signal?.aborted);
	expect(signals()).toEqual([false, false]);
	unmount();
	expect(signals()).toEqual([true, true]);
});
