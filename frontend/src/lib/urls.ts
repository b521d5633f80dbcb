/**
 * The search of an address with some of its words changed: `undefined` and '' take a word out. What is not named stays.
 */
export function changed(search: URLSearchParams, words: Record<string, string | undefined>): string {
	const next = new URLSearchParams(search);
	for (const [name, value] of Object.entries(words)) {
		if (value) next.set(name, value);
		else next.delete(name);
	}
	return next.size > 0 ? `?${next}` : '?';
}
