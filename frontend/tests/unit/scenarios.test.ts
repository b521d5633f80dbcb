import { describe, expect, test } from 'vitest';
import type { Scenario, ScenarioReport } from '$lib/api';
import { timed, verdict } from '$lib/scenarios';

const scenario = (median: number, name = 'no-op'): Scenario => ({
	scenario: name,
	seconds: [median * 0.9, median, median * 1.1],
	median,
	low: median * 0.9,
	high: median * 1.1,
	ran: 0,
	steps: 6
});
const report = (...images: Partial<ScenarioReport['images'][number]>[]): ScenarioReport => ({
	name: 'before-after',
	made: '2026-01-02T03:04:05Z',
	command: 'inv bench',
	machine: '2 cores',
	commit: null,
	dirty: false,
	runs: 3,
	standin: false,
	images: images.map((one) => ({
		image: 'backend',
		variant: 'plan',
		disk_bytes: null,
		pull_bytes: null,
		own_bytes: null,
		scenarios: [],
		...one
	}))
});

describe('the plan against the baseline', () => {
	test.each([
		['faster', 1, 4, '4.0 × as fast'],
		['much faster', 1, 12, '12 × as fast'],
		['slower', 3, 2, '1.5 × as slow'],
		['within the spread', 1, 1.1, 'no difference beyond the spread']
	])('%s', (_, plan, baseline, words) => expect(verdict(scenario(plan), scenario(baseline))).toBe(words));
});

test('an image has a row for each scenario, the plan first, whichever the run names first', () => {
	const [backend] = timed(
		report({ variant: 'baseline', scenarios: [scenario(4)] }, { scenarios: [scenario(1), scenario(9, 'cold')] })
	);
	expect(backend!.rows.map(({ label, ranges }) => [label, ...ranges.map(({ name }) => name)])).toEqual([
		['no-op', 'plan', 'baseline'],
		['cold', 'plan']
	]);
	expect(backend!.rows.map((row) => row.verdict)).toEqual(['4.0 × as fast', undefined]);
});

test('sizes are compared where both were taken', () => {
	const sizes = (...images: Parameters<typeof report>) => timed(report(...images))[0]!.sizes;
	expect(sizes({ disk_bytes: 148e6 }, { variant: 'baseline', disk_bytes: 593e6 })).toBe(
		'On disk 148 MB instead of 593 MB.'
	);
	expect(sizes({ disk_bytes: 148e6, pull_bytes: 55e6 })).toBe('On disk 148 MB, to pull 55.0 MB.');
	expect(sizes({})).toBe('');
});
