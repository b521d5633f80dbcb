import { NONE } from '$lib/format';

/** How a value stands to its limits; a value at a limit keeps it. */
export type State = 'ok' | 'warn' | 'fail' | 'unknown';

export const WORDS: Record<State, string> = {
	ok: '✓ within',
	warn: '▲ above the soft limit',
	fail: '✕ above the hard limit',
	unknown: '– not measured'
};

export function standing(value: number | null, soft: number | null, hard: number | null): State {
	if (value === null) return 'unknown';
	if (hard !== null && value > hard) return 'fail';
	return soft !== null && value > soft ? 'warn' : 'ok';
}

/** The limits in words: `warns above 60 MB, fails above 65 MB`. */
export function limits(soft: number | null, hard: number | null, format: (value: number) => string): string {
	const said = [soft !== null && `warns above ${format(soft)}`, hard !== null && `fails above ${format(hard)}`];
	return said.filter(Boolean).join(', ') || NONE;
}
