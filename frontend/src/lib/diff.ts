import { plural } from './format';

/** What a line of a unified diff is. */
export type Kind = 'file' | 'place' | 'added' | 'removed' | 'same';

export interface Line {
	kind: Kind;
	text: string;
}

const PLACE = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

/**
 * The lines of a unified diff, each with what it is. The counts of a hunk say how long it is: a line in it that begins
 * with `---` was removed, and names no file.
 */
export function lines(diff: string): Line[] {
	let [before, after] = [0, 0];
	return diff
		.replace(/\n$/, '')
		.split('\n')
		.map((text) => {
			const inside = before > 0 || after > 0;
			const place = inside ? null : PLACE.exec(text);
			if (place) {
				[before, after] = [Number(place[1] ?? 1), Number(place[2] ?? 1)];
				return { kind: 'place', text };
			}
			if (!inside) return { kind: text.startsWith('\\') ? 'same' : 'file', text };
			if (text.startsWith('+')) {
				after -= 1;
				return { kind: 'added', text };
			}
			if (text.startsWith('-')) {
				before -= 1;
				return { kind: 'removed', text };
			}
			if (!text.startsWith('\\')) {
				before -= 1;
				after -= 1;
			}
			return { kind: 'same', text };
		});
}

/** `3 lines added, 1 removed`. */
export function told(all: readonly Line[]): string {
	const count = (kind: Kind) => all.filter((line) => line.kind === kind).length;
	return `${plural(count('added'), 'line')} added, ${count('removed')} removed`;
}
