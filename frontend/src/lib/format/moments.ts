const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
	['day', 86_400],
	['hour', 3_600],
	['minute', 60]
];
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const ABSOLUTE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** How long ago a moment (RFC 3339) was, as of `now` in milliseconds: `just now`, `5 minutes ago`, `yesterday`. */
export function ago(moment: string, now: number): string {
	const past = Date.parse(moment);
	if (Number.isNaN(past)) return moment;
	const gone = (now - past) / 1000;
	for (const [unit, length] of STEPS) {
		if (gone >= length) return RELATIVE.format(-Math.floor(gone / length), unit);
	}
	return 'just now';
}

/** A moment (RFC 3339) in the reader's own time zone. */
export function full(moment: string): string {
	const time = Date.parse(moment);
	return Number.isNaN(time) ? moment : ABSOLUTE.format(time);
}
