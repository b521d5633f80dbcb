import { expect, test } from 'vitest';
import { changed } from '$lib/urls';

test.each<[string, Record<string, string | undefined>, string, string]>([
	['image=a&cursor=x', { image: 'b', cursor: undefined }, '?image=b', 'a word is changed and one taken out'],
	['image=a', { image: '' }, '?', 'an empty word is taken out'],
	['image=a', { step: '3' }, '?image=a&step=3', 'what is not named stays'],
	['', { q: 'a&b' }, '?q=a%26b', 'a word is quoted']
])('%s with %j is %s: %s', (search, words, result) => {
	expect(changed(new URLSearchParams(search), words)).toBe(result);
});
