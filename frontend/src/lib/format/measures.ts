/** What a reader sees where there is no figure. */
export const NONE = '–';

/** The units of bytes, each a thousand of the one before. */
export const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in decimal units, three digits: `812 B`, `4.21 kB`, `284 MB`. */
export function bytes(count: number | null): string {
	if (count === null) return NONE;
	let value = Math.abs(count);
	let unit = 0;
	// What would round up to 1000 belongs to the next unit.
	while (value >= 999.5 && unit < UNITS.length - 1) {
		value /= 1000;
		unit += 1;
	}
	return `${count < 0 ? '−' : ''}${unit === 0 ? String(value) : digits(value)} ${UNITS[unit]}`;
}

/** A change in bytes with its sign: `+1.20 MB`, `−340 kB`, `no change`. */
export function change(count: number): string {
	if (count === 0) return 'no change';
	return count > 0 ? `+${bytes(count)}` : bytes(count);
}

/** Seconds: `0.28 s`, `13.5 s`, `2 min 05 s`. */
export function seconds(time: number): string {
	if (time < 9.995) return `${time.toFixed(2)} s`;
	if (time < 59.95) return `${time.toFixed(1)} s`;
	const whole = Math.round(time);
	return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** A time that still runs, in whole seconds: `8 s`, `2 min 05 s`. */
export function elapsed(time: number): string {
	return time < 60 ? `${Math.floor(time)} s` : seconds(Math.floor(time));
}

/** A change in seconds with its sign: `+1.20 s`, `−13.5 s`, `no change`. */
export function later(time: number): string {
	if (Math.abs(time) < 0.005) return 'no change';
	return `${time > 0 ? '+' : '−'}${seconds(Math.abs(time))}`;
}

/** A number and what it counts: `1 step`, `3 steps`. */
export function plural(count: number, one: string, many = `${one}s`): string {
	return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** The part of the whole, 0 to 1; `null` where there is no whole. */
export function share(part: number, whole: number): number | null {
	return whole > 0 ? part / whole : null;
}

/** A share in whole percent. Only what is complete is 100 %, and only nothing is 0 %. */
export function percent(value: number | null): string {
	if (value === null) return NONE;
	const rounded = Math.round(value * 100);
	if (rounded === 100 && value < 1) return '99 %';
	if (rounded === 0 && value > 0) return '1 %';
	return `${rounded} %`;
}

function digits(value: number): string {
	if (value >= 99.95) return value.toFixed(0);
	return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}
