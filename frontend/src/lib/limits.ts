import type { Limit } from './api';
import { bytes, NONE, plural } from './format';

/** The figures that a budget limits, as people call them. */
export const FIGURES: Record<Limit['figure'], string> = {
	pull: 'To pull',
	disk: 'On disk',
	own: 'Own part',
	growth: 'Growth',
	'source-edit-steps': 'Steps after an edit'
};

/** How a figure stands to its limits, in words. */
export const STANDING: Record<Limit['state'], string> = {
	ok: '✓ within',
	warn: '▲ above the soft limit',
	fail: '✕ above the hard limit',
	unknown: '– not measured'
};

/** Writes a value of such a figure with its unit. */
export function formatted(figure: Limit['figure']): (value: number) => string {
	return figure === 'source-edit-steps' ? (value) => plural(value, 'step') : bytes;
}

/** What a limit allows, in words: `warns above 60 MB, fails above 65 MB`. */
export function allowed({ figure, soft, hard }: Pick<Limit, 'figure' | 'soft' | 'hard'>): string {
	const spell = formatted(figure);
	const said = [soft !== null && `warns above ${spell(soft)}`, hard !== null && `fails above ${spell(hard)}`];
	return said.filter(Boolean).join(', ') || NONE;
}
