import { questions, type Fetch } from './questions';
import type {
	BuildDetail,
	Builds,
	Comparison,
	Doctor,
	Findings,
	Image,
	ImageDetail,
	Images,
	Proofs,
	Running,
	Scenarios
} from './types';

/** Which builds; what is not given does not narrow. */
export interface BuildsQuery {
	image?: string | undefined;
	scenario?: string | undefined;
	outcome?: string | undefined;
	cursor?: string | undefined;
	limit?: number | undefined;
}

export interface Client {
	readonly address: string;
	/** Every image, all pages of the answer as one list. */
	images(signal?: AbortSignal): Promise<Image[]>;
	image(name: string, build?: number, signal?: AbortSignal): Promise<ImageDetail>;
	builds(query?: BuildsQuery, signal?: AbortSignal): Promise<Builds>;
	build(id: string | number, signal?: AbortSignal): Promise<BuildDetail>;
	compare(before: string | number, after: string | number, signal?: AbortSignal): Promise<Comparison>;
	scenarios(signal?: AbortSignal): Promise<Scenarios>;
	findings(signal?: AbortSignal): Promise<Findings>;
	proofs(signal?: AbortSignal): Promise<Proofs>;
	doctor(signal?: AbortSignal): Promise<Doctor>;
	running(signal?: AbortSignal): Promise<Running>;
}

/**
 * A client of the API at `address`. Its promises fail with a `Failure`, or with the signal's own reason when the
 * caller took the question back.
 */
export function client(address: string, fetcher: Fetch = (...question) => fetch(...question)): Client {
	const ask = questions(address, fetcher);
	return {
		address,
		images: async (signal) => {
			let { images, next } = await ask<Images>('/images', 'images', signal);
			while (next !== null) {
				const page = await ask<Images>(`/images${query({ cursor: next })}`, 'images', signal);
				images = [...images, ...page.images];
				next = page.next;
			}
			return images;
		},
		image: (name, build, signal) =>
			ask<ImageDetail>(`/images/${encodeURIComponent(name)}${query({ build })}`, 'history', signal),
		builds: (asked = {}, signal) => ask<Builds>(`/builds${query({ ...asked })}`, 'builds', signal),
		build: (id, signal) => ask<BuildDetail>(`/builds/${encodeURIComponent(id)}`, 'detail', signal),
		compare: (before, after, signal) => ask<Comparison>(`/compare${query({ before, after })}`, 'steps', signal),
		scenarios: (signal) => ask<Scenarios>('/scenarios', 'reports', signal),
		findings: (signal) => ask<Findings>('/findings', 'findings', signal),
		proofs: (signal) => ask<Proofs>('/proofs', 'proofs', signal),
		doctor: (signal) => ask<Doctor>('/doctor', 'checks', signal),
		running: (signal) => ask<Running>('/running', 'builds', signal)
	};
}

/** The words behind the question mark, with it; empty where nothing is asked for. */
function query(words: Record<string, string | number | undefined>): string {
	const given = Object.entries(words).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
	return given.length > 0 ? `?${new URLSearchParams(given)}` : '';
}
