import { goto } from '$app/navigation';
import { page } from '$app/state';
import { changed } from './urls';

/**
 * Put what the reader chose into the address of the page, as `changed` does. It takes the place of the address before,
 * unless `replaceState` is false: then the way back leads there.
 */
export function want(words: Record<string, string | undefined>, { replaceState = true } = {}): void {
	// eslint-disable-next-line svelte/no-navigation-without-resolve -- the same page with another query
	void goto(changed(page.url.searchParams, words), { keepFocus: true, noScroll: true, replaceState });
}
