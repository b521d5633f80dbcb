import { describe, expect, test } from 'vitest';
import type { Image, Limit } from '$lib/api';
import { health, tally, tightest, worse } from '$lib/health';
import { chosen, wish } from '$lib/overview';
import { build, failedBuild, image } from './samples';

const limit = (state: Limit['state'], now: number | null = 1, hard: number | null = 10): Limit => ({
	figure: 'disk',
	soft: null,
	hard,
	against: '',
	now,
	state
});
const with_ = (differences: Partial<Image>, name = 'backend'): Image => ({
	...image(build({ image: name })),
	...differences
});
const count = (error: number, warning: number, note = 0) => ({ error, warning, note });

describe('how an image is', () => {
	test.each<[string, Image, string, string]>([
		['nothing is known against it', with_({}), 'good', 'healthy'],
		['only notes', with_({ findings: count(0, 0, 3) }), 'good', 'healthy'],
		['no build was done', with_({ latest: null }), 'none', 'never built'],
		['warnings', with_({ findings: count(0, 1) }), 'warn', 'warnings found'],
		['a soft limit', with_({ limits: [limit('ok'), limit('warn')], findings: count(0, 1) }), 'warn', 'near its budget'],
		['errors', with_({ limits: [limit('warn')], findings: count(1, 0) }), 'bad', 'errors found'],
		['a hard limit', with_({ limits: [limit('fail')], findings: count(1, 0) }), 'bad', 'over budget'],
		['a failed build', with_({ failed: failedBuild(), limits: [limit('fail')] }), 'bad', 'build failed']
	])('%s', (_, subject, tone, words) => expect(health(subject)).toEqual({ tone, words }));
});

test('the limit to show is the one that is broken, else the one most used', () => {
	const used = limit('ok', 9);
	expect(tightest([limit('unknown', null), limit('ok', 2), used])).toBe(used);
	const broken = limit('fail', 1);
	expect(tightest([used, limit('warn'), broken])).toBe(broken);
	expect(tightest([])).toBeUndefined();
	const steps: Limit = { ...limit('ok', 3, 3), figure: 'source-edit-steps' };
	expect(tightest([steps, used])).toBe(used);
	expect(tightest([used, { ...steps, state: 'fail' }])?.figure).toBe('source-edit-steps');
});

describe('the overview', () => {
	const images = [
		with_({ latest: build({ disk_bytes: 3, started: '2026-01-03T00:00:00Z' }) }, 'a'),
		with_({ name: 'b', latest: build({ disk_bytes: 9, started: '2026-01-01T00:00:00Z' }) }),
		with_({ name: 'c', latest: build({ disk_bytes: 5 }), findings: count(1, 0) })
	];

	test('counts the images of each state', () => {
		expect(tally(images)).toEqual({ bad: 1, warn: 0, none: 0, good: 2 });
	});

	test.each([
		['', ['c', 'a', 'b'], 'the worst first, then by name'],
		['order=name', ['a', 'b', 'c'], 'by name'],
		['order=size', ['b', 'c', 'a'], 'the largest first'],
		['order=time', ['a', 'c', 'b'], 'the newest build first'],
		['order=toString', ['c', 'a', 'b'], 'an order that is none'],
		['state=good', ['a', 'b'], 'of one state'],
		['q=%20B', ['b'], 'by a part of the name'],
		['q=z', [], 'none']
	])('at ?%s shows %j: %s', (search, names) => {
		expect(chosen(images, wish(new URLSearchParams(search))).map(({ name }) => name)).toEqual(names);
	});

	test('keeps its order whatever the API lists first', () => {
		expect(
			images
				.toReversed()
				.sort(worse)
				.map(({ name }) => name)
		).toEqual(['c', 'a', 'b']);
	});
});
