import { describe, expect, test, vi } from 'vitest';
import { anatomy, blocks, changes, grownFrom, named, offered } from '$lib/anatomy';
import type { Client, ImageDetail, Point } from '$lib/api';
import { build } from './samples';

const point = (id: number, disk_bytes = id): Point => ({
	build: id,
	started: '2026-01-02T03:04:05Z',
	commit: null,
	dirty: false,
	disk_bytes,
	pull_bytes: 1,
	seconds: 1
});
const detail = (differences: Partial<ImageDetail> = {}): ImageDetail => ({
	name: 'backend',
	builds: 3,
	build: build({ id: 9, disk_bytes: 90 }),
	failed: null,
	limits: [],
	findings: null,
	main: null,
	layers: null,
	parts: null,
	wasted_bytes: null,
	base_bytes: null,
	own_bytes: null,
	history: [],
	...differences
});

describe('what an image is compared with', () => {
	const main = { branch: 'main', build: build({ id: 5 }) };
	test.each([
		['the build of the main branch', { main }, 5],
		['not with itself', { main: { branch: 'main', build: build({ id: 9 }) } }, undefined],
		['else the last of another size', { history: [point(3, 50), point(4, 60), point(8, 90), point(9, 90)] }, 4],
		['never a later one', { history: [point(9, 90), point(12, 10)] }, undefined],
		['nothing without a build', { build: null, main }, undefined]
	])('%s', (_, differences, id) => expect(grownFrom(detail(differences))).toBe(id));
});

describe('an image is asked for', () => {
	const api = () => {
		const image = vi.fn(async (_: string, id?: number) => detail({ build: build({ id: id ?? 9 }) }));
		const compare = vi.fn(async () => ({ parts: [] }));
		return { image, compare, client: { image, compare } as unknown as Client };
	};
	const signal = new AbortController().signal;

	test('beside the build that the address names', async () => {
		const { client, compare } = api();
		const found = await anatomy(client, 'backend', undefined, 4, signal);
		expect([found.now.build?.id, found.then?.build?.id]).toEqual([9, 4]);
		expect(compare).toHaveBeenCalledWith(4, 9, signal);
	});

	test('alone where there is nothing to compare with', async () => {
		const { client, image } = api();
		expect(await anatomy(client, 'backend', 9, 9, signal)).toMatchObject({ then: null, comparison: null });
		expect(image).toHaveBeenCalledTimes(1);
	});
});

describe('what takes room', () => {
	const taken = detail({
		parts: [{ kind: 'pip', name: 'flask', version: '3.1', disk_bytes: 5, base: false }],
		layers: [
			{ position: 0, instruction: '', stage: '', line: null, disk_bytes: 7, pull_bytes: 1, base: true, diff_id: 'a' },
			{
				position: 1,
				instruction: 'RUN x',
				stage: 'app',
				line: 3,
				disk_bytes: 2,
				pull_bytes: 1,
				base: false,
				diff_id: 'b'
			}
		]
	});

	test('by packages', () =>
		expect(blocks(taken, 'parts')).toEqual([{ name: 'flask', note: '3.1', kind: 'pip', bytes: 5, base: false }]));

	test('by layers, where those of the base have a number for a name', () =>
		expect(blocks(taken, 'layers')!.map(({ name, note, bytes }) => [name, note, bytes])).toEqual([
			['Layer 1', '', 7],
			['RUN x', '(app)', 2]
		]));

	test('is unknown of an image that was not taken apart', () =>
		expect([blocks(detail(), 'parts'), blocks(detail(), 'layers')]).toEqual([null, null]));
});

test.each([
	['raised', { version: '1', disk_bytes: 1 }, { version: '2', disk_bytes: 3 }, 'pip 1 → 2'],
	['grown at the same version', { version: '1', disk_bytes: 1 }, { version: '1', disk_bytes: 3 }, 'pip 1'],
	['added', null, { version: '2', disk_bytes: 2 }, 'pip 2'],
	['removed', { version: '1', disk_bytes: 1 }, null, 'pip 1']
])('a package %s says so', (_, before, after, note) => {
	const [change] = changes({ parts: [{ kind: 'pip', name: 'flask', before, after, delta_bytes: 2 }] });
	expect(change).toMatchObject({ note, before: before?.disk_bytes ?? null, after: after?.disk_bytes ?? null });
});

test('of many builds the newest are offered, and those that are shown', () => {
	const history = Array.from({ length: 150 }, (_, index) => point(index + 1));
	const ids = offered(history, [7, undefined]).map(({ build }) => build);
	expect([ids.length, ids[0], ids.at(-2), ids.at(-1)]).toEqual([101, 150, 51, 7]);
});

test.each([
	['12', 12],
	['', undefined],
	['0', undefined],
	['-1', undefined],
	['1e3', undefined],
	['x', undefined]
])('"%s" in an address is build %s', (text, id) =>
	expect(named(new URLSearchParams({ build: text }), 'build')).toBe(id)
);
