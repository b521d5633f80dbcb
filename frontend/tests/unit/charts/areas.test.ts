import { describe, expect, test } from 'vitest';
import { areas, fitting, HEADER, SHOWN, type Area, type Block } from '$lib/charts/areas';

const block = (name: string, bytes: number, differences: Partial<Block> = {}): Block => ({
	name,
	note: '',
	kind: 'pip',
	bytes,
	base: false,
	...differences
});
const surface = ({ width, height }: Area) => width * height;

const BLOCKS = [
	block('libc6', 300, { kind: 'apt', base: true }),
	block('bash', 100, { kind: 'apt', base: true }),
	block('flask', 60),
	block('app', 40, { kind: 'file' })
];

describe('areas of an image', () => {
	const { regions, tiles } = areas(BLOCKS, 1000, 500);
	const tile = (name: string) => tiles.find(({ block }) => block.name === name)!;

	test('own and base lie apart, own first, with their sums', () =>
		expect(regions.map(({ base, bytes }) => [base, bytes])).toEqual([
			[false, 100],
			[true, 400]
		]));

	test('regions take room by their bytes', () => {
		const [own, base] = regions;
		expect(surface(base!) / surface(own!) / 4).toBeCloseTo(1, 1);
	});

	test('within a region tiles take room by their bytes', () =>
		expect(surface(tile('libc6')) / surface(tile('bash')) / 3).toBeCloseTo(1, 1));

	test('every tile lies in its own region, below its name', () => {
		for (const one of tiles) {
			const region = regions.find(({ base }) => base === one.block.base)!;
			expect(one.x).toBeGreaterThanOrEqual(region.x);
			expect(one.x + one.width).toBeLessThanOrEqual(region.x + region.width);
			expect(one.y).toBeGreaterThanOrEqual(region.y + HEADER);
			expect(one.y + one.height).toBeLessThanOrEqual(region.y + region.height);
		}
	});

	test('no two tiles overlap', () => {
		for (const one of tiles) {
			for (const other of tiles) {
				if (one === other) continue;
				const apart =
					one.x + one.width <= other.x ||
					other.x + other.width <= one.x ||
					one.y + one.height <= other.y ||
					other.y + other.height <= one.y;
				expect(apart, `${one.block.name} and ${other.block.name}`).toBe(true);
			}
		}
	});

	test('in a narrow drawing the regions are one below the other', () => {
		const [own, base] = areas(BLOCKS, 300, 500).regions;
		expect([own!.x, base!.x]).toEqual([0, 0]);
		expect(base!.y).toBeGreaterThan(own!.y);
	});
});

test('what is small becomes one tile, and loses no byte', () => {
	const many = Array.from({ length: SHOWN + 20 }, (_, index) => block(`p${index}`, 1000 - index));
	const { tiles, regions } = areas(many, 1000, 500);
	expect(tiles).toHaveLength(SHOWN + 1);
	expect(tiles.map(({ block }) => block.name)).toContain('20 smaller');
	expect(regions[0]!.bytes).toBe(many.reduce((sum, { bytes }) => sum + bytes, 0));
});

test.each([
	['nothing', []],
	['only what takes no room', [block('WORKDIR /srv', 0)]]
])('%s fills no area', (_, blocks) => expect(areas(blocks, 100, 100)).toEqual({ regions: [], tiles: [] }));

test.each([
	['flask', 100, 'flask'],
	['a long name of a package', 70, 'a long na…'],
	['flask', 20, '']
])('%s in %s units is "%s"', (text, width, shown) => expect(fitting(text, width)).toBe(shown));
