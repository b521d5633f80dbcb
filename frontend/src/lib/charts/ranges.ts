/** What was measured several times, in seconds: each value, the middle one, and how far they lie apart. */
export interface Range {
	/** Which it is: `plan`, `baseline`. Rows name theirs in the same order. */
	name: string;
	values: readonly number[];
	median: number;
	low: number;
	high: number;
	/** What else there is to say of it: `ran 2 of 6 steps`. */
	note?: string;
}

export interface RangeRow {
	label: string;
	/** What follows from the ranges, in words: `4 × as fast`. */
	verdict?: string;
	ranges: readonly Range[];
}
