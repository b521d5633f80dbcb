import { text } from '@sveltejs/kit';
import type { RequestHandler } from './$types';

/** For health checks: the server answers. It says nothing of the API, which the browser asks, not this server. */
export const GET: RequestHandler = () => text('ok\n', { headers: { 'cache-control': 'no-store' } });
