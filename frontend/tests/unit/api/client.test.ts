import { describe, expect, test, vi } from 'vitest';
import { client, Failure, type Client } from '$lib/api';
import { build, image } from '../samples';

const ADDRESS = 'http://api.example:5001';

/** A server that gives these answers in turn, the last again and again, and remembers what it was asked. */
function server(...answers: (() => Response | Promise<Response>)[]) {
	const asked: string[] = [];
	const tags: (string | null)[] = [];
	const fetcher: typeof fetch = async (url, init) => {
		asked.push(String(url).replace(`${ADDRESS}/api/v1`, ''));
		tags.push(new Headers(init?.headers).get('if-none-match'));
		return (answers.length > 1 ? answers.shift()! : answers[0]!)();
	};
	return { api: client(ADDRESS, fetcher), asked, tags };
}

const json = (document: unknown, init?: ResponseInit) => Response.json(document, init);
const problem = (status: number, document: unknown) =>
	json(document, { status, headers: { 'content-type': 'application/problem+json' } });

describe('questions', () => {
	test('images come as the API lists them', async () => {
		const images = [image(build(), 3)];
		const { api, asked } = server(() => json({ images, next: null }));
		expect(await api.images()).toEqual(images);
		expect(asked).toEqual(['/images']);
	});

	test('images of several pages come as one list', async () => {
		const [one, other] = [image(build({ image: 'a' })), image(build({ image: 'b' }))];
		const { api, asked } = server(
			() => json({ images: [one], next: 'c=1' }),
			() => json({ images: [other], next: null })
		);
		expect(await api.images()).toEqual([one, other]);
		expect(asked).toEqual(['/images', '/images?cursor=c%3D1']);
	});

	test('builds come a page at a time, with words quoted and what is not given left out', async () => {
		const page = { builds: [build()], next: 'older' };
		const { api, asked } = server(() => json(page));
		expect(await api.builds({ image: 'a&b', outcome: undefined, limit: 5 })).toEqual(page);
		await api.builds();
		expect(asked).toEqual(['/builds?image=a%26b&limit=5', '/builds']);
	});

	test.each<[string, string, (api: Client) => Promise<unknown>, string]>([
		['an image', 'history', (api) => api.image('a/b'), '/images/a%2Fb'],
		['an image at a build', 'history', (api) => api.image('a', 3), '/images/a?build=3'],
		['a build', 'detail', (api) => api.build('7'), '/builds/7'],
		['a comparison', 'steps', (api) => api.compare(1, 2), '/compare?before=1&after=2'],
		['scenarios', 'reports', (api) => api.scenarios(), '/scenarios'],
		['findings', 'findings', (api) => api.findings(), '/findings'],
		['proofs', 'proofs', (api) => api.proofs(), '/proofs'],
		['the doctor', 'checks', (api) => api.doctor(), '/doctor'],
		['what runs', 'builds', (api) => api.running(), '/running']
	])('%s is asked for at its path', async (_, key, ask, path) => {
		const { api, asked } = server(() => json({ [key]: [] }));
		expect(await ask(api)).toEqual({ [key]: [] });
		expect(asked).toEqual([path]);
	});
});

describe('an answer with a tag', () => {
	const tagged = (tag: string, document: unknown) => () => json(document, { headers: { etag: tag } });

	test('is asked for again by it, and is the same object where nothing changed', async () => {
		const { api, tags } = server(
			tagged('"1"', { builds: [] }),
			() => new Response(null, { status: 304 }),
			tagged('"2"', { builds: [] }),
			() => new Response(null, { status: 304 })
		);
		const first = await api.running();
		expect(await api.running()).toBe(first);
		expect(await api.running()).not.toBe(first);
		await api.running();
		expect(tags).toEqual([null, '"1"', '"1"', '"2"']);
	});

	test('is not taken for the answer to another question', async () => {
		const { api, tags } = server(tagged('"1"', { builds: [], next: null }));
		await api.builds({ image: 'a' });
		await api.builds({ image: 'b' });
		expect(tags).toEqual([null, null]);
	});

	test('is forgotten once many others came', async () => {
		const { api, tags } = server(tagged('"1"', { detail: [] }));
		for (let id = 0; id < 60; id += 1) await api.build(id);
		await api.build(0);
		await api.build(59);
		expect(tags.slice(-2)).toEqual([null, '"1"']);
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

	test('a question that is cut off once is asked again, and nobody is told', async () => {
		const { api, asked } = server(
			() => Promise.reject(new TypeError('network changed')),
			() => json({ images: [], next: null })
		);
		expect(await api.images()).toEqual([]);
		expect(asked).toEqual(['/images', '/images']);
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
		const { api } = server(() => problem(400, { title: 'Bad Request' }));
		expect(await failure(api)).toMatchObject({ message: 'Bad Request (status 400)' });
	});

	test('what the ledger has not is missing', async () => {
		const { api } = server(() => problem(404, { detail: 'there is no build 9' }));
		expect(await failure(api)).toMatchObject({ reason: 'missing', message: 'there is no build 9' });
	});

	test('a 404 that the API did not write is foreign', async () => {
		const { api } = server(() => new Response('<h1>Not Found</h1>', { status: 404 }));
		expect(await failure(api)).toMatchObject({ reason: 'foreign' });
	});

	test('a server that answers, and lets no page read it, is foreign', async () => {
		const { api } = server(
			() => Promise.reject(new TypeError('Failed to fetch')),
			() => new Response()
		);
		expect(await failure(api)).toMatchObject({ reason: 'foreign' });
	});

	test('an address that is none is told without asking', async () => {
		const fetcher = vi.fn<typeof fetch>();
		expect(await failure(client('localhost 5001', fetcher))).toMatchObject({
			reason: 'misplaced',
			message: '“localhost 5001” is no address of http or https.'
		});
		expect(fetcher).not.toHaveBeenCalled();
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
		['a list of another name', () => json({ builds: [] })],
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
