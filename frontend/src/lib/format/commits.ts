import { NONE } from './measures';

/** A commit in short, with a word for what was edited since: `0123456 + edits`. */
export function commit(build: { commit: string | null; dirty: boolean }): string {
	return build.commit ? build.commit.slice(0, 7) + (build.dirty ? ' + edits' : '') : NONE;
}
