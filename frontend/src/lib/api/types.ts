/** What the API answers, version 1. Sizes are in bytes and times in seconds; `null` is what a failed build lacks. */

export interface Base {
	name: string;
	reference: string;
	origin: string;
	digest: string | null;
}

export interface Build {
	id: number;
	image: string;
	tag: string;
	/** RFC 3339, UTC. */
	started: string;
	commit: string | null;
	dirty: boolean;
	platform: string;
	scenario: string;
	engine: string;
	store: string;
	bases: Base[];
	/** Whether any base was a stand-in, built here because no registry answered. */
	standin: boolean;
	/** `done` or `failed`. */
	outcome: string;
	seconds: number;
	steps: number;
	cached: number;
	context_bytes: number;
	pull_bytes: number | null;
	disk_bytes: number | null;
	layers: number | null;
	digest: string | null;
}

export interface Image {
	name: string;
	builds: number;
	/** The newest that was done, test targets and development apart; `null` until one was. */
	latest: Build | null;
	/** The newest of all, if that failed; never `null` where `latest` is. */
	failed: Build | null;
}
