import { Failure, failureOf } from './failure';
import type { Build, Image } from './types';

/** A server that does not answer within this time counts as away. */
export const PATIENCE_MS = 10_000;

type Fetch = typeof fetch;

export interface Client {
	readonly address: string;
	images(signal?: AbortSignal): Promise<Image[]>;
	builds(query?: { image?: string; limit?: number }, signal?: AbortSignal): Promise<Build[]>;
}

/**
 * A client of the API at `address`. Its promises fail with a `Failure`, or with the signal's own reason when the
 * caller took the question back.
 */
export function client(address: string, fetcher: Fetch = fetch): Client {
	return {
		address,
		images: (signal) => list<Image>(fetcher, `${address}/api/v1/images`, 'images', signal),
		builds: ({ image, limit } = {}, signal) => {
			const query = new URLSearchParams();
			if (image !== undefined) query.set('image', image);
			if (limit !== undefined) query.set('limit', String(limit));
			const words = query.size > 0 ? `?${query}` : '';
			return list<Build>(fetcher, `${address}/api/v1/builds${words}`, 'builds', signal);
		}
	};
}

async function list<T>(fetcher: Fetch, url: string, key: string, signal?: AbortSignal): Promise<T[]> {
	const response = await answer(fetcher, url, signal);
	if (!response.ok) throw await failureOf(response);
	const document: unknown = await response.json().catch(() => {
		signal?.throwIfAborted();
		return undefined;
	});
	const items = (document as Record<string, unknown> | null | undefined)?.[key];
	if (!Array.isArray(items)) {
		throw new Failure('foreign', `What answers at ${new URL(url).origin} is not Drydock's API.`);
	}
	return items as T[];
}

async function answer(fetcher: Fetch, url: string, signal?: AbortSignal): Promise<Response> {
	const patience = AbortSignal.timeout(PATIENCE_MS);
	try {
		return await fetcher(url, {
			headers: { accept: 'application/json' },
			signal: signal ? AbortSignal.any([signal, patience]) : patience
		});
	} catch {
		// A browser tells nobody why a request failed: a refused connection, a name, a CORS rule all look alike.
		signal?.throwIfAborted();
		const late = patience.aborted ? ` within ${PATIENCE_MS / 1000} s` : '';
		throw new Failure('away', `No answer from the API${late}.`);
	}
}
