import { expect, test } from 'vitest';
import type { Limit } from '$lib/api';
import { allowed } from '$lib/limits';

test.each<[Limit['figure'], number | null, number | null, string]>([
	['disk', 1, 2, 'warns above 1 B, fails above 2 B'],
	['source-edit-steps', null, 2, 'fails above 2 steps'],
	['disk', null, null, '–']
])('a limit of %s at %s and %s in words', (figure, soft, hard, words) =>
	expect(allowed({ figure, soft, hard })).toBe(words)
);
