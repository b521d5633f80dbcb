import type { Image, Limit } from './api';

export type Tone = 'good' | 'warn' | 'bad' | 'none';

/** How an image is, in two words at most, and how bad that is. */
export interface Health {
	tone: Tone;
	words: string;
}

/** The worst that is known of an image. */
export function health({ latest, failed, limits, findings }: Image): Health {
	if (failed) return { tone: 'bad', words: 'build failed' };
	if (limits.some(({ state }) => state === 'fail')) return { tone: 'bad', words: 'over budget' };
	if (findings && findings.error > 0) return { tone: 'bad', words: 'errors found' };
	if (limits.some(({ state }) => state === 'warn')) return { tone: 'warn', words: 'near its budget' };
	if (findings && findings.warning > 0) return { tone: 'warn', words: 'warnings found' };
	if (!latest) return { tone: 'none', words: 'never built' };
	return { tone: 'good', words: 'healthy' };
}

const WORST_FIRST: Record<Tone, number> = { bad: 0, warn: 1, none: 2, good: 3 };

/** Which of two images needs a look first; by name where both are alike. */
export function worse(one: Image, other: Image): number {
	return WORST_FIRST[health(one).tone] - WORST_FIRST[health(other).tone] || one.name.localeCompare(other.name);
}

/** How many images there are of each tone. */
export function tally(images: readonly Image[]): Record<Tone, number> {
	const counts: Record<Tone, number> = { bad: 0, warn: 0, none: 0, good: 0 };
	for (const image of images) counts[health(image).tone] += 1;
	return counts;
}

const STATES: Record<Limit['state'], number> = { fail: 0, warn: 1, ok: 2, unknown: 3 };

/** The limit that is nearest to being broken: by its state, then by how much of the hard one is used. */
export function tightest(limits: readonly Limit[]): Limit | undefined {
	return limits.toSorted((one, other) => STATES[one.state] - STATES[other.state] || used(other) - used(one))[0];
}

/** How much of a limit is used. A number of steps may reach its limit for good, so within it says nothing. */
function used({ figure, state, now, soft, hard }: Limit): number {
	if (figure === 'source-edit-steps' && state === 'ok') return 0;
	const most = hard ?? soft;
	return now === null || !most ? 0 : now / most;
}
