/** A build that changed the size by much, against the one before it. */
export interface Jump<T> {
	before: T;
	after: T;
	delta: number;
}

/** The at most `most` largest changes between neighbours, in their order, of a tenth of the whole range or more. */
export function jumps<T>(points: readonly T[], value: (point: T) => number, most = 5): Jump<T>[] {
	const values = points.map(value);
	const range = values.reduce((a, b) => Math.max(a, b), -Infinity) - values.reduce((a, b) => Math.min(a, b), Infinity);
	const changes = points.slice(1).map((after, index) => {
		const before = points[index] as T;
		return { before, after, delta: value(after) - value(before), index };
	});
	return changes
		.filter(({ delta }) => delta !== 0 && Math.abs(delta) >= range / 10)
		.sort((one, other) => Math.abs(other.delta) - Math.abs(one.delta))
		.slice(0, most)
		.sort((one, other) => one.index - other.index)
		.map(({ before, after, delta }) => ({ before, after, delta }));
}
