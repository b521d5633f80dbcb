import { describe, expect, test } from 'vitest';
import { ago, full } from '$lib/format';

const NOW = Date.parse('2026-03-10T12:00:00Z');

describe('how long ago', () => {
	test.each([
		['2026-03-10T12:00:03Z', 'just now', 'a clock that is ahead'],
		['2026-03-10T11:59:30Z', 'just now', 'under a minute'],
		['2026-03-10T11:58:59Z', '1 minute ago', 'over a minute'],
		['2026-03-10T10:00:00Z', '2 hours ago', 'hours'],
		['2026-03-10T11:00:00+01:00', '2 hours ago', 'another time zone'],
		['2026-03-09T11:00:00Z', 'yesterday', 'a day'],
		['2026-02-28T12:00:00Z', '10 days ago', 'days'],
		['some day', 'some day', 'no moment at all']
	])('%s is %s: %s', (moment, text) => expect(ago(moment, NOW)).toBe(text));
});

test('a moment is written out with its day and time', () => {
	expect(full('2026-03-10T12:00:00')).toMatch(/10 Mar 2026.*12:00/);
	expect(full('some day')).toBe('some day');
});
