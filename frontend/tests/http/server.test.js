/**
 * What the shipped image answers, asked from outside:
 *
 *     FRONTEND_URL=http://127.0.0.1:5173 npm run test:http
 *
 * API_URL is the PUBLIC_API_BASE_URL that the server was started with (default http://localhost:5001).
 * Plain JavaScript and Node's own test runner, so that it runs wherever Node is.
 */
import assert from 'node:assert/strict';
import test from 'node:test';

const { FRONTEND_URL: server, API_URL: api = 'http://localhost:5001' } = process.env;
assert(server, 'FRONTEND_URL is not set: it names the running server that these tests ask');

/** @type {(path: string, init?: RequestInit) => Promise<Response>} */
const get = (path, init) => fetch(new URL(path, server), init);
const page = async () => (await get('/')).text();
/** @type {(answer: Response, name: string) => string} */
const header = (answer, name) => answer.headers.get(name) ?? '';

test('the page arrives rendered, in its loading state, without figures', async () => {
	const answer = await get('/');
	const html = await answer.text();
	assert.equal(answer.status, 200);
	assert.match(header(answer, 'content-type'), /^text\/html/);
	assert.match(html, /<html lang="en">/);
	assert.match(html, /<h1[^>]*>Overview<\/h1>/);
	assert.match(html, /role="status"[^>]*>.*Loading the images/s);
	assert.doesNotMatch(html, /<table/);
});

test('the page names the API that the environment named at run time', async () => {
	const env = /env: (\{.*\})/.exec(await page())?.[1];
	assert.deepEqual(JSON.parse(env ?? '{}'), { PUBLIC_API_BASE_URL: api });
});

test('the page may talk to itself and to that API, and to no one else', async () => {
	const policy = header(await get('/'), 'content-security-policy');
	const directives = new Map(policy.split('; ').map((rule) => [rule.split(' ')[0], rule]));
	assert.equal(directives.get('connect-src'), `connect-src 'self' ${new URL(api).origin}`);
	assert.match(directives.get('script-src') ?? '', /^script-src 'self' 'nonce-[^']+'$/);
	assert.equal(directives.get('frame-ancestors'), "frame-ancestors 'none'");
});

test('scripts and styles of the page are there, and may be kept for good', async () => {
	const paths = [...(await page()).matchAll(/"\.(\/_app\/[^"]+)"/g)].map(([, path]) => String(path));
	assert(paths.some((path) => path.endsWith('.js')));
	assert(paths.some((path) => path.endsWith('.css')));
	for (const path of paths) {
		const answer = await get(path);
		await answer.arrayBuffer();
		assert.equal(answer.status, 200, path);
		assert.match(header(answer, 'content-type'), /javascript|css/, path);
		assert.match(header(answer, 'cache-control'), /immutable/, path);
	}
});

test('the health check answers in one word, and is never kept', async () => {
	const answer = await get('/healthz');
	assert.equal(answer.status, 200);
	assert.equal(await answer.text(), 'ok\n');
	assert.equal(answer.headers.get('cache-control'), 'no-store');
});

test('an address that is no page is answered with 404 and a way back', async () => {
	const answer = await get('/no/such/page', { headers: { accept: 'text/html' } });
	const html = await answer.text();
	assert.equal(answer.status, 404);
	assert.match(html, /There is no such page/);
	assert.match(html, /Back to the overview/);
});

test('nothing of the source, the settings or the packages is served', async () => {
	for (const path of [
		'/package.json',
		'/src/app.html',
		'/svelte.config.js',
		'/.env',
		'/node_modules/vite/package.json'
	]) {
		const answer = await get(path);
		await answer.arrayBuffer();
		assert.equal(answer.status, 404, path);
	}
});

test('the server says what type its answers are, once and for all', async () => {
	const { headers } = await get('/');
	assert.equal(headers.get('x-content-type-options'), 'nosniff');
	assert.equal(headers.get('referrer-policy'), 'no-referrer');
});
