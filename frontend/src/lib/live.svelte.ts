import { getContext, setContext, untrack } from 'svelte';
import { Failure, type Client, type RunningBuild } from './api';
import { Remote } from './remote.svelte';

/** How long after an answer it asks again which builds run, while the page is seen. */
export const LOOK_MS = 2_000;

/** How old the figures of a page may become before they are asked for again. */
export const FRESH_MS = 10_000;

/** The key of the context in which it is. */
export const LIVE = Symbol('live');

/**
 * What goes on now: the builds that run, the clock, and `round`, which counts each time the figures of a page should be
 * asked for again: when a build ended, when the API went away or is back, when the reader is, and else every ten seconds.
 */
export class Live {
	readonly api: Client;
	running = $state.raw<readonly RunningBuild[]>([]);
	now = $state(Date.now());
	round = $state(0);

	#timer: ReturnType<typeof setTimeout> | undefined;
	#question: AbortController | undefined;
	#asked = Date.now();
	#away = false;

	constructor(api: Client) {
		this.api = api;
	}

	/** Look now, and again two seconds after each answer. */
	async look(): Promise<void> {
		this.stop();
		const question = new AbortController();
		this.#question = question;
		this.now = Date.now();
		try {
			const { builds } = await this.api.running(question.signal);
			if (question.signal.aborted) return;
			this.#tell(builds);
		} catch (error) {
			if (question.signal.aborted) return;
			if (!(error instanceof Failure)) throw error;
			// Nobody knows now what runs. The page's own question says why, so it has to be asked.
			this.running = [];
			if (!this.#away) this.#begin();
			this.#away = true;
		}
		this.#timer = setTimeout(() => void this.look(), LOOK_MS);
	}

	/** The reader is back at the page. */
	returned(): void {
		this.#begin();
		void this.look();
	}

	/** Look no more. */
	stop(): void {
		clearTimeout(this.#timer);
		this.#question?.abort();
	}

	#tell(builds: readonly RunningBuild[]): void {
		const ended = this.running.some((one) => !builds.some((other) => isSame(one, other)));
		this.running = builds;
		if (ended || this.#away || this.now - this.#asked >= FRESH_MS) this.#begin();
		this.#away = false;
	}

	#begin(): void {
		this.#asked = Date.now();
		this.round += 1;
	}
}

function isSame(one: RunningBuild, other: RunningBuild): boolean {
	return one.started === other.started && one.images.join() === other.images.join();
}

/** Make `live` known to every component below. */
export function provide(live: Live): Live {
	return setContext(LIVE, live);
}

/** What the layout provided. */
export function current(): Live {
	return getContext<Live>(LIVE);
}

/**
 * The answer to a question, asked while the component lives: at once when what `ask` reads changes, and with each round
 * of `live`.
 */
export function asked<T>(live: Live, ask: (api: Client, signal: AbortSignal) => Promise<T>): Remote<T> {
	const remote = new Remote((signal) => ask(live.api, signal));
	$effect(() => {
		void remote.load();
		return () => remote.stop();
	});
	$effect(() => {
		if (live.round > 0) untrack(() => remote.refresh());
	});
	return remote;
}
