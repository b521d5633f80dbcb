import type { Build, Image, Step } from '$lib/api';

/** A finished build; say only what the test is about. */
export function build(differences: Partial<Build> = {}): Build {
	return {
		id: 7,
		image: 'backend',
		tag: 'drydock/backend:local',
		started: '2026-01-02T03:04:05Z',
		commit: '0123456789abcdef',
		dirty: false,
		platform: 'linux/amd64',
		scenario: 'build',
		engine: '26.1.5',
		store: 'overlay2',
		bases: [
			{ name: 'python:3.12-slim', reference: 'python:3.12-slim', origin: 'pulled', note: null, digest: 'sha256:ab' }
		],
		standin: false,
		outcome: 'done',
		seconds: 12.34,
		steps: 8,
		cached: 6,
		context_bytes: 20_000,
		pull_bytes: 60_400_000,
		disk_bytes: 251_000_000,
		layers: 7,
		digest: 'sha256:cd',
		export_seconds: null,
		...differences
	};
}

/** A build that failed: nothing was produced, so nothing has a size. */
export function failedBuild(differences: Partial<Build> = {}): Build {
	return build({ outcome: 'failed', pull_bytes: null, disk_bytes: null, layers: null, digest: null, ...differences });
}

export function image(latest: Build, builds = 1, failed: Build | null = null): Image {
	return { name: latest.image, builds, latest, failed, limits: [], trend: [], findings: null, main: null };
}

/** A step that ran; say only what the test is about. */
export function step(differences: Partial<Step> = {}): Step {
	return {
		position: 0,
		stage: 'builder',
		instruction: 'RUN make',
		line: 3,
		started: 0.1,
		seconds: 2,
		cached: false,
		bytes: 1_000,
		error: null,
		log: null,
		critical: true,
		inputs: [],
		...differences
	};
}
