import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Entry {
	resolved?: string;
	integrity?: string;
	link?: boolean;
	optionalDependencies?: Record<string, string>;
}

const text = readFileSync('package-lock.json', 'utf8');
const lock = JSON.parse(text) as { packages: Record<string, Entry> };
const packages = Object.entries(lock.packages).filter(([folder]) => folder);

describe('the lock', () => {
	test('names no place to download from', () => {
		expect(packages.filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
		expect(text).not.toMatch(/\.tgz"/);
	});

	test('names the hash of every package', () => {
		expect(packages.filter(([, entry]) => !entry.integrity)).toEqual([]);
	});

	// Made on one machine it must serve Alpine and Debian, on both architectures. Where node_modules was present
	// when it was made, npm leaves the packages of other platforms out.
	test.each([
		'@rollup/rollup-linux-x64-musl',
		'@rollup/rollup-linux-arm64-musl',
		'@rollup/rollup-linux-x64-gnu',
		'@rollup/rollup-linux-arm64-gnu',
		'@esbuild/linux-x64',
		'@esbuild/linux-arm64'
	])('holds %s', (name) => {
		expect(lock.packages).toHaveProperty([`node_modules/${name}`]);
	});

	test('holds every native variant that a package of it may want', () => {
		const wanted = packages.flatMap(([, entry]) => Object.keys(entry.optionalDependencies ?? {}));
		expect(wanted.length).toBeGreaterThan(40);
		expect(wanted.filter((name) => !(`node_modules/${name}` in lock.packages))).toEqual([]);
	});
});
