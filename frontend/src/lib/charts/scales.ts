import { scaleLinear, scaleLog, scaleTime } from 'd3-scale';
import { UNITS } from '$lib/format';

/** A place on an axis, as a share of its length (0 to 1), and what stands there. */
export interface Tick {
	at: number;
	text: string;
}

/** An axis: where a value lies (0 to 1) and the ticks that name it. */
export interface Axis {
	place: (value: number) => number;
	ticks: Tick[];
}

/** From nothing to `most`, in about `count` round steps; `spell` writes a value with its unit. */
export function fromZero(most: number, spell: (value: number) => string, count = 4): Axis {
	const scale = scaleLinear([0, most > 0 ? most : 1], [0, 1]);
	return { place: scale, ticks: scale.ticks(count).map((value) => ({ at: scale(value), text: spell(value) })) };
}

/**
 * Around the values, ends rounded outward: for what grew, not for what it weighs, since it does not begin at nothing.
 * `spell` writes a value, and is told how far the ticks lie apart.
 */
export function around(values: readonly number[], spell: (value: number, apart: number) => string, count = 4): Axis {
	const [low, high] = ends(values);
	const room = high > low ? (high - low) * 0.08 : Math.max(Math.abs(high) * 0.01, 1);
	const scale = scaleLinear([low - Math.min(room, Math.max(low, 0)), high + room], [0, 1]).nice(count);
	const ticks = scale.ticks(count);
	const apart = (ticks[1] ?? 0) - (ticks[0] ?? 0);
	return { place: scale, ticks: ticks.map((value) => ({ at: scale(value), text: spell(value, apart) })) };
}

/** Bytes at a tick, with as many digits as tell it from a tick `apart` bytes away: `147.5 MB`. */
export function sized(count: number, apart: number): string {
	const power = Math.min(Math.max(Math.floor(Math.log10(Math.abs(count) || 1) / 3), 0), UNITS.length - 1);
	const unit = 1000 ** power;
	const decimals = apart > 0 ? Math.max(0, Math.ceil(-Math.log10(apart / unit) - 1e-9)) : 0;
	return `${(count / unit).toFixed(Math.min(decimals, 6))} ${UNITS[power]}`;
}

/** Seconds on a logarithmic axis, from one power of ten to another; values at or below nothing lie at its start. */
export function decades(values: readonly number[]): Axis {
	const [low, high] = ends(values.filter((value) => value > 0));
	const first = Math.floor(Math.log10(low));
	const last = Math.max(Math.ceil(Math.log10(high)), first + 1);
	const scale = scaleLog([10 ** first, 10 ** last], [0, 1]).clamp(true);
	const ticks = Array.from({ length: last - first + 1 }, (_, power) => {
		const value = Number((10 ** (first + power)).toPrecision(1));
		return { at: scale(value), text: `${value} s` };
	});
	return { place: (value) => (value > 0 ? scale(value) : 0), ticks };
}

/** Moments (milliseconds) in the reader's time zone, with about `count` ticks. */
export function moments(values: readonly number[], count = 4): Axis {
	const [low, high] = ends(values);
	const scale = scaleTime([low, high > low ? high : low + 60_000], [0, 1]);
	return {
		place: (value) => scale(value),
		ticks: scale.ticks(count).map((moment) => ({ at: scale(moment), text: day(moment) ?? HOUR.format(moment) }))
	};
}

const HOUR = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** The day that begins at a moment, its year where that begins too; undefined within a day. */
function day(moment: Date): string | undefined {
	if (moment.getHours() + moment.getMinutes() > 0) return undefined;
	return moment.getMonth() + moment.getDate() === 1 ? String(moment.getFullYear()) : DAY.format(moment);
}

function ends(values: readonly number[]): [number, number] {
	let [low, high] = [Infinity, -Infinity];
	for (const value of values) {
		low = Math.min(low, value);
		high = Math.max(high, value);
	}
	return low <= high ? [low, high] : [1, 1];
}
