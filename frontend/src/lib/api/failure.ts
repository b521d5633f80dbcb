/** Why there is no answer: nobody there, an answer that says no, or an answer that is not the API's. */
export type Reason = 'away' | 'refused' | 'foreign';

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

/** The failure that an answer outside 2xx tells of: the detail of its problem document (RFC 9457), else its status. */
export async function failureOf(response: Response): Promise<Failure> {
	const problem = await problemOf(response);
	const said = problem?.detail || problem?.title;
	const status = `status ${response.status}`;
	return new Failure('refused', said ? `${said} (${status})` : `The API answered with ${status}.`, response.status);
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
