import type { Build, Comparison, LayerPair, Step, StepPair } from './api';
import { bytes, change, commit, later, NONE, seconds } from './format';

/** One figure of both builds; `same` where there is nothing to see. */
export interface Figure {
	name: string;
	before: string;
	after: string;
	difference: string;
	same: boolean;
}

type Sized = 'disk_bytes' | 'pull_bytes' | 'context_bytes';
type Counted = 'steps' | 'cached' | 'layers';

const SIZES: [string, Sized][] = [
	['On disk', 'disk_bytes'],
	['To pull', 'pull_bytes'],
	['Context sent', 'context_bytes']
];
const COUNTS: [string, Counted][] = [
	['Steps', 'steps'],
	['Steps from the cache', 'cached'],
	['Layers', 'layers']
];

/** The figures of two builds, those that differ first. */
export function figures({ before, after }: Comparison): Figure[] {
	const all = [
		...SIZES.map(([name, key]) => figure(name, before[key], after[key], bytes, change)),
		figure('Time', before.seconds, after.seconds, seconds, later),
		...COUNTS.map(([name, key]) => figure(name, before[key], after[key], String, signed)),
		text('Commit', before, after, commit),
		text(
			'Bases',
			before,
			after,
			({ bases }) => bases.map(({ name, origin }) => `${name} (${origin})`).join(', ') || NONE
		),
		text('Platform', before, after, ({ platform }) => platform),
		text('Scenario', before, after, ({ scenario }) => scenario)
	];
	return all.toSorted((one, other) => Number(one.same) - Number(other.same));
}

function figure(
	name: string,
	before: number | null,
	after: number | null,
	spell: (value: number) => string,
	differ: (value: number) => string
): Figure {
	const difference = before === null || after === null ? NONE : differ(after - before);
	return {
		name,
		before: before === null ? NONE : spell(before),
		after: after === null ? NONE : spell(after),
		difference,
		same: before === after
	};
}

function text(name: string, before: Build, after: Build, spell: (build: Build) => string): Figure {
	const [one, other] = [spell(before), spell(after)];
	return { name, before: one, after: other, difference: one === other ? 'same' : 'differs', same: one === other };
}

function signed(count: number): string {
	if (count === 0) return 'no change';
	return count > 0 ? `+${count}` : `−${-count}`;
}

/** How a step went, in a few words: `cached`, `ran 12.3 s`, `failed`. */
export function went(step: Step | null): string {
	if (!step) return 'not there';
	if (step.error !== null) return 'failed';
	return step.cached ? 'cached' : `ran ${seconds(step.seconds)}`;
}

/** Whether a step is in both builds, and went the same way in both: how long it took is no difference by itself. */
export function isAlike({ before, after }: StepPair): boolean {
	return (
		before !== null &&
		after !== null &&
		before.cached === after.cached &&
		(before.error === null) === (after.error === null)
	);
}

/** The longest difference first. */
export function bySeconds(one: StepPair, other: StepPair): number {
	return Math.abs(gap(other)) - Math.abs(gap(one));
}

/** Seconds by which a step took longer after; what is not there takes none. */
export function gap({ before, after }: StepPair): number {
	return (after?.seconds ?? 0) - (before?.seconds ?? 0);
}

/** Bytes by which a layer grew; what is not there has none. */
export function growth({ before_bytes: before, after_bytes: after }: LayerPair): number {
	return (after ?? 0) - (before ?? 0);
}
