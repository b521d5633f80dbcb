import { expect, test } from 'vitest';
import { handle } from '../../src/hooks.server';

type Event = Parameters<typeof handle>[0]['event'];

const answer = async (response: Response) =>
	(await handle({ event: {} as Event, resolve: async () => response })).headers;

test('a page may talk to itself and to the API', async () => {
	const headers = await answer(new Response('', { headers: { 'content-security-policy': "default-src 'self'" } }));
	expect(headers.get('content-security-policy')).toBe("default-src 'self'; connect-src 'self' http://localhost:5001");
});

test('an answer without a policy gets none', async () => {
	const headers = await answer(new Response(''));
	expect(headers.get('content-security-policy')).toBeNull();
	expect(headers.get('x-content-type-options')).toBe('nosniff');
});
