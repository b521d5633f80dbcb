import type { Client, Comparison, ImageDetail, Point } from './api';
import type { Block } from './charts/areas';

/** What a treemap is of: packages and files, or layers. */
export type By = 'parts' | 'layers';

/** An image at one build, and what it is compared with; both null where there is nothing to compare with. */
export interface Anatomy {
	now: ImageDetail;
	then: ImageDetail | null;
	comparison: Comparison | null;
}

/** Ask for an image at `build` (else its latest), beside `before` (else what it grew from). */
export async function anatomy(
	api: Client,
	name: string,
	build: number | undefined,
	before: number | undefined,
	signal: AbortSignal
): Promise<Anatomy> {
	const now = await api.image(name, build, signal);
	const other = before ?? grownFrom(now);
	if (!now.build || other === undefined || other === now.build.id) return { now, then: null, comparison: null };
	const [then, comparison] = await Promise.all([
		api.image(name, other, signal),
		api.compare(other, now.build.id, signal)
	]);
	return { now, then, comparison };
}

/** The build that a change is best compared with: that of the main branch, else the last one of another size. */
export function grownFrom({
	build,
	main,
	history
}: Pick<ImageDetail, 'build' | 'main' | 'history'>): number | undefined {
	if (!build) return undefined;
	if (main && main.build.id < build.id) return main.build.id;
	return history.findLast((point) => point.build < build.id && point.disk_bytes !== build.disk_bytes)?.build;
}

/** What takes room, or null where the image was not taken apart. */
export function blocks({ parts, layers }: Pick<ImageDetail, 'parts' | 'layers'>, by: By): Block[] | null {
	if (by === 'parts') {
		return (
			parts?.map(({ name, version, kind, disk_bytes, base }) => ({
				name,
				note: version,
				kind,
				bytes: disk_bytes,
				base
			})) ?? null
		);
	}
	return (
		layers?.map(({ position, instruction, stage, disk_bytes, base }) => ({
			name: instruction || `Layer ${position + 1}`,
			note: stage && `(${stage})`,
			kind: 'layer',
			bytes: disk_bytes,
			base
		})) ?? null
	);
}

/** What changed, for a drawing: the largest change first. */
export function changes({ parts }: Pick<Comparison, 'parts'>) {
	return parts.map(({ kind, name, before, after, delta_bytes: delta }) => {
		const versions = [...new Set([before?.version, after?.version].filter(Boolean))].join(' → ');
		return {
			name,
			note: [kind, versions].filter(Boolean).join(' '),
			before: before?.disk_bytes ?? null,
			after: after?.disk_bytes ?? null,
			delta
		};
	});
}

/** The builds to choose from, newest first, at most a hundred; `kept` is among them whatever its age. */
export function offered(history: readonly Point[], kept: readonly (number | undefined)[]): Point[] {
	const newest = history.slice(-100);
	const old = history.filter((point) => kept.includes(point.build) && !newest.includes(point));
	return [...old, ...newest].reverse();
}

/** A build id that an address names, or undefined where it names none. */
export function named(words: URLSearchParams, word: string): number | undefined {
	const value = words.get(word) ?? '';
	return /^[1-9]\d{0,14}$/.test(value) ? Number(value) : undefined;
}
