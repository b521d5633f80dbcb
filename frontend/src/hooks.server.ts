import type { Handle } from '@sveltejs/kit';
import { env } from '$env/dynamic/public';
import { apiAddress, originOf } from '$lib/api';

const HEADERS = {
	'x-content-type-options': 'nosniff',
	'referrer-policy': 'no-referrer'
};

/** Lets pages talk to themselves and to the API, wherever PUBLIC_API_BASE_URL puts it at run time, and to no one else. */
export const handle: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
	const policy = response.headers.get('content-security-policy');
	if (policy) {
		const api = originOf(apiAddress(env.PUBLIC_API_BASE_URL));
		response.headers.set('content-security-policy', `${policy}; connect-src 'self'${api ? ` ${api}` : ''}`);
	}
	return response;
};
