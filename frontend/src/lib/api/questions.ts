import { originOf } from './address';
import { Failure, failureOf, foreign } from './failure';

/** A server that does not answer within this time counts as away. */
export const PATIENCE_MS = 10_000;

/** How many answers are kept to be asked about by their tag. */
const KEPT = 50;

export type Fetch = typeof fetch;

/** Asks for the document at a path; `key` is a field that only this document has. */
export type Ask = <T>(path: string, key: keyof T & string, signal?: AbortSignal) => Promise<T>;

/**
 * Questions to version 1 of the API at `address`. An answer is kept with its tag, and asked for again by it: where nothing changed
 * the server sends no body, and the caller gets the very object it had.
 */
export function questions(address: string, fetcher: Fetch): Ask {
	const kept = new Map<string, { tag: string; document: unknown }>();

	return async <T>(path: string, key: keyof T & string, signal?: AbortSignal): Promise<T> => {
		const url = `${address}/api/v1${path}`;
		if (!originOf(address)) throw new Failure('misplaced', `“${address}” is no address of http or https.`);
		const known = kept.get(url);
		const response = await answer(fetcher, url, known?.tag, signal);
		if (response.status === 304 && known) return known.document as T;
		if (!response.ok) throw await failureOf(response, url);
		const document = await body(response, signal);
		if (typeof document !== 'object' || document === null || !(key in document)) throw foreign(url);
		const tag = response.headers.get('etag');
		kept.delete(url);
		if (tag) kept.set(url, { tag, document });
		for (const oldest of kept.keys()) if (kept.size > KEPT) kept.delete(oldest);
		return document as T;
	};
}

async function body(response: Response, signal?: AbortSignal): Promise<unknown> {
	try {
		return await response.json();
	} catch {
		signal?.throwIfAborted();
		return undefined;
	}
}

async function answer(fetcher: Fetch, url: string, tag: string | undefined, signal?: AbortSignal): Promise<Response> {
	const patience = AbortSignal.timeout(PATIENCE_MS);
	const question = {
		headers: { accept: 'application/json', ...(tag && { 'if-none-match': tag }) },
		signal: signal ? AbortSignal.any([signal, patience]) : patience
	};
	try {
		return await fetcher(url, question).catch((error: unknown) => {
			if (question.signal.aborted) throw error;
			// Browsers cut off what is under way when a network comes or goes, as with every container that a build starts.
			return fetcher(url, question);
		});
	} catch {
		signal?.throwIfAborted();
		if (patience.aborted) throw new Failure('away', `No answer from the API within ${PATIENCE_MS / 1000} s.`);
		throw (await answersAtAll(fetcher, url)) ? foreign(url) : new Failure('away', 'No answer from the API.');
	}
}

/**
 * Whether anyone is at `url`. A browser does not say why a request failed: a refused connection and a server that lets
 * no page read its answer look alike. Asked without reading, only the second succeeds.
 */
async function answersAtAll(fetcher: Fetch, url: string): Promise<boolean> {
	try {
		await fetcher(url, { mode: 'no-cors', signal: AbortSignal.timeout(PATIENCE_MS) });
		return true;
	} catch {
		return false;
	}
}
