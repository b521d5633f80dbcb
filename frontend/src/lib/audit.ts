import type { Finding } from './api';
import type { Tone } from './health';

/** What the audit page shows. */
export const SHOWS = { findings: 'Findings', proofs: 'Proofs', doctor: 'Doctor' } as const;
export type Show = keyof typeof SHOWS;

export const SEVERITIES = ['error', 'warning', 'note'] as const satisfies Finding['severity'][];
export const TONES: Record<Finding['severity'], Tone> = { error: 'bad', warning: 'warn', note: 'none' };

/** What the reader asked for by the address; undefined does not narrow. */
export interface Wish {
	severity: string | undefined;
	path: string | undefined;
	image: string | undefined;
}

export function wish(words: URLSearchParams): Wish {
	const word = (name: string) => words.get(name) || undefined;
	return { severity: word('severity'), path: word('path'), image: word('image') };
}

export function isWanted(finding: Finding, { severity, path, image }: Wish): boolean {
	return (
		(severity === undefined || finding.severity === severity) &&
		(path === undefined || finding.path === path) &&
		(image === undefined || finding.images.includes(image))
	);
}

/** Findings by their file: the file with the worst first, and in each from top to bottom. */
export function byFile(findings: readonly Finding[]): { path: string; findings: Finding[] }[] {
	const files = new Map<string, Finding[]>();
	for (const finding of findings) {
		const known = files.get(finding.path);
		if (known) known.push(finding);
		else files.set(finding.path, [finding]);
	}
	return [...files]
		.map(([path, all]) => ({ path, findings: all.toSorted((a, b) => a.line - b.line || a.column - b.column) }))
		.sort((one, other) => worst(one.findings) - worst(other.findings) || one.path.localeCompare(other.path));
}

function worst(findings: readonly Finding[]): number {
	return Math.min(...findings.map(({ severity }) => SEVERITIES.indexOf(severity)));
}
