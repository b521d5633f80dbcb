import type { Limit } from './api';
import { bytes, plural } from './format';

/** The figures that a budget limits, as people call them. */
export const FIGURES: Record<Limit['figure'], string> = {
	pull: 'To pull',
	disk: 'On disk',
	own: 'Own part',
	growth: 'Growth',
	'source-edit-steps': 'Steps after an edit'
};

/** Writes a value of such a figure with its unit. */
export function formatted(figure: Limit['figure']): (value: number) => string {
	return figure === 'source-edit-steps' ? (value) => plural(value, 'step') : bytes;
}
