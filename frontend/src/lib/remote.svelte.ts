import { Failure } from './api';

/** After a failure the question is asked again by itself, after this long. */
export const RETRY_MS = 5_000;

/**
 * A value that comes from elsewhere: what came last, whether a question is under way, and why the last one failed.
 * A failure keeps the value that was there. A new question takes the one before it back, so the last one asked wins.
 */
export class Remote<T> {
	value = $state.raw<T>();
	failure = $state.raw<Failure>();
	busy = $state(false);

	readonly #ask: (signal: AbortSignal) => Promise<T>;
	#question: AbortController | undefined;
	#retry: ReturnType<typeof setTimeout> | undefined;

	constructor(ask: (signal: AbortSignal) => Promise<T>) {
		this.#ask = ask;
	}

	/** Ask now. A failure is kept in `failure`; anything unexpected is thrown. */
	async load(): Promise<void> {
		this.stop();
		const question = new AbortController();
		this.#question = question;
		this.busy = true;
		try {
			const value = await this.#ask(question.signal);
			if (question.signal.aborted) return;
			this.value = value;
			this.failure = undefined;
		} catch (error) {
			if (question.signal.aborted) return;
			if (!(error instanceof Failure)) throw error;
			this.failure = error;
			this.#retry = setTimeout(() => void this.load(), RETRY_MS);
		} finally {
			if (this.#question === question) this.busy = false;
		}
	}

	/** Ask anew, unless a question is under way: a server that is slow would else never get to answer. */
	refresh(): void {
		if (!this.busy) void this.load();
	}

	/** Take back the question under way, and ask no more. */
	stop(): void {
		clearTimeout(this.#retry);
		this.#question?.abort();
		this.#question = undefined;
		this.busy = false;
	}
}
