/**
 * Why there is no answer: nobody there, an answer that says no, a thing that the ledger has not, an answer that is not
 * the API's, or an address that is none.
 */
export type Reason = 'away' | 'refused' | 'missing' | 'foreign' | 'misplaced';

/** An expected failure of the API; `message` is one sentence for the reader. */
export class Failure extends Error {
	readonly reason: Reason;
	readonly status: number | undefined;

	constructor(reason: Reason, message: string, status?: number) {
		super(message);
		this.name = 'Failure';
		this.reason = reason;
		this.status = status;
	}
}

/** What is at `url` answers, and is not the API: a wrong PUBLIC_API_BASE_URL more often than not. */
export function foreign(url: string): Failure {
	return new Failure('foreign', `What answers at ${new URL(url).origin} is not Drydock's API.`);
}

/**
 * The failure that an answer outside 2xx tells of: the detail of its problem document (RFC 9457), else its status.
 * The API gives each of its errors such a document, so a 404 without one is someone else's.
 */
export async function failureOf(response: Response, url: string): Promise<Failure> {
	const { status } = response;
	const problem = await problemOf(response);
	const said = problem?.detail || problem?.title;
	if (status === 404) return said ? new Failure('missing', said, status) : foreign(url);
	const words = said ? `${said} (status ${status})` : `The API answered with status ${status}.`;
	return new Failure('refused', words, status);
}

async function problemOf(response: Response): Promise<{ title?: string; detail?: string } | undefined> {
	if (!/\bjson\b/.test(response.headers.get('content-type') ?? '')) return undefined;
	const document: unknown = await response.json().catch(() => undefined);
	if (typeof document !== 'object' || document === null) return undefined;
	const { title, detail } = document as Record<string, unknown>;
	return {
		...(typeof title === 'string' && { title }),
		...(typeof detail === 'string' && { detail })
	};
}
