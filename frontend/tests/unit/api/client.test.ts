import { describe, expect, test, vi } from 'vitest';
import { client, Failure } from '$lib/api';
import { build, image } from '../samples';

const ADDRESS = 'http://api.example:5001';

/** A server that gives one answer to everything, and remembers what it was asked. */
function server(answer: () => Response | Promise<Response>) {
	const asked: string[] = [];
	const fetcher: typeof fetch = async (url) => {
		asked.push(String(url));
		return answer();
	};
	return { api: client(ADDRESS, fetcher), asked };
}

const json = (document: unknown, init?: ResponseInit) => Response.json(document, init);
const problem = (status: number, document: unknown) =>
	json(document, { status, headers: { 'content-type': 'application/problem+json' } });

describe('questions', () => {
	test('images come as the API lists them', async () => {
		const images = [image(build(), 3)];
		const { api, asked } = server(() => json({ images }));
		expect(await api.images()).toEqual(images);
		expect(asked).toEqual([`${ADDRESS}/api/v1/images`]);
	});

	test('builds come as the API lists them', async () => {
		const { api, asked } = server(() => json({ builds: [build({ id: 2 }), build({ id: 1 })] }));
		expect((await api.builds()).map(({ id }) => id)).toEqual([2, 1]);
		expect(asked).toEqual([`${ADDRESS}/api/v1/builds`]);
	});

	test('an image name is quoted, and the limit is sent along', async () => {
		const { api, asked } = server(() => json({ builds: [] }));
		await api.builds({ image: 'a&b', limit: 5 });
		expect(asked).toEqual([`${ADDRESS}/api/v1/builds?image=a%26b&limit=5`]);
	});
});

describe('failures', () => {
	const failure = (api: ReturnType<typeof client>) =>
		api.images().then(
			() => undefined,
			(error: unknown) => error
		);

	test('a server that does not answer is away', async () => {
		const { api } = server(() => Promise.reject(new TypeError('Failed to fetch')));
		expect(await failure(api)).toMatchObject({ name: 'Failure', reason: 'away', message: 'No answer from the API.' });
	});

	test('a server that answers too late is away, and the time is named', async () => {
		vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
		const { api } = server(() => Promise.reject(new DOMException('', 'TimeoutError')));
		expect(await failure(api)).toMatchObject({ reason: 'away', message: 'No answer from the API within 10 s.' });
	});

	test('the detail of a problem document reaches the reader', async () => {
		const { api } = server(() => problem(503, { title: 'Service Unavailable', detail: 'a writer holds its lock' }));
		expect(await failure(api)).toMatchObject({
			reason: 'refused',
			status: 503,
			message: 'a writer holds its lock (status 503)'
		});
	});

	test('without a detail the title does', async () => {
		const { api } = server(() => problem(404, { title: 'Not Found' }));
		expect(await failure(api)).toMatchObject({ message: 'Not Found (status 404)' });
	});

	test.each([
		['no JSON', () => new Response('<h1>Bad Gateway</h1>', { status: 502 })],
		['broken JSON', () => new Response('{', { status: 502, headers: { 'content-type': 'application/json' } })],
		['no object', () => json(null, { status: 502 })],
		['fields that are no text', () => problem(502, { title: 1, detail: {} })]
	])('an error with %s is told by its status', async (_, answer) => {
		const { api } = server(answer);
		expect(await failure(api)).toMatchObject({ reason: 'refused', message: 'The API answered with status 502.' });
	});

	test.each([
		['a page', () => new Response('<!doctype html>')],
		['another document', () => json({ hello: 'world' })],
		['a list of another name', () => json({ images: {} })],
		['null', () => json(null)]
	])('%s in place of the list is foreign', async (_, answer) => {
		const { api } = server(answer);
		const error = await failure(api);
		expect(error).toBeInstanceOf(Failure);
		expect(error).toMatchObject({ reason: 'foreign', message: `What answers at ${ADDRESS} is not Drydock's API.` });
	});

	test('a question taken back is no failure of the API', async () => {
		const { api } = server(() => Promise.reject(new TypeError('Failed to fetch')));
		await expect(api.images(AbortSignal.abort('gone'))).rejects.toBe('gone');
	});
});
