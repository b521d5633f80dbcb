import { describe, expect, test } from 'vitest';
import { client } from '$lib/api';
import { growth, overview } from '$lib/overview';
import { build, failedBuild, image } from './samples';

test('images and builds are asked for together', async () => {
	const latest = build();
	const api = client('http://api.example', async (url) =>
		Response.json(String(url).endsWith('/images') ? { images: [image(latest)] } : { builds: [latest] })
	);
	expect(await overview(api, new AbortController().signal)).toEqual({ images: [image(latest)], builds: [latest] });
});

describe('growth', () => {
	const latest = build({ id: 9, disk_bytes: 300 });

	test('is the difference to the build before', () => {
		const builds = [latest, build({ id: 8, disk_bytes: 280 }), build({ id: 7, disk_bytes: 100 })];
		expect(growth(latest, builds)).toBe(20);
	});

	test.each([
		['there is none', []],
		['it is of another image', [build({ id: 8, image: 'frontend' })]],
		['it is of a test target', [build({ id: 8, scenario: 'target test' })]],
		['it is for another platform', [build({ id: 8, platform: 'linux/arm64' })]],
		['it rests on another kind of base', [build({ id: 8, standin: true })]],
		['it failed', [failedBuild({ id: 8 })]],
		['it is newer', [build({ id: 10 })]]
	])('is unknown when, of the build before, %s', (_, builds) => {
		expect(growth(latest, [...builds, latest])).toBeNull();
	});

	test('looks past a failed build', () => {
		expect(growth(latest, [latest, failedBuild({ id: 8 }), build({ id: 7, disk_bytes: 310 })])).toBe(-10);
	});

	test('is unknown for a failed build itself', () => {
		expect(growth(failedBuild({ id: 9 }), [build({ id: 8 })])).toBeNull();
	});
});
