import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { copy, kept } from '../../scripts/runtime-modules.js';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));

describe('of the packages in our lock', () => {
	const names = kept(lock).map((folder) => folder.replace('node_modules/', ''));

	test.each(['vite', '@sveltejs/kit', '@sveltejs/vite-plugin-svelte', 'svelte', 'rollup', 'esbuild', 'sirv'])(
		'%s is kept: the preview server loads it',
		(name) => expect(names).toContain(name)
	);

	test.each([
		'typescript',
		'eslint',
		'prettier',
		'vitest',
		'jsdom',
		'svelte-check',
		'@esbuild/linux-x64',
		'@types/estree',
		'd3-scale',
		'internmap'
	])('%s is left behind', (name) => expect(names).not.toContain(name));

	test('the native halves for Alpine are kept', () => {
		expect(names).toEqual(expect.arrayContaining(['@rollup/rollup-linux-x64-musl', '@rollup/rollup-linux-arm64-musl']));
	});
});

describe('of a folder', () => {
	let from: string;
	let to: string;

	beforeEach(() => {
		[from, to] = [mkdtempSync(join(tmpdir(), 'from-')), mkdtempSync(join(tmpdir(), 'to-'))];
	});
	afterEach(() => [from, to].forEach((folder) => rmSync(folder, { recursive: true })));

	function write(path: string, text = '') {
		mkdirSync(dirname(join(from, path)), { recursive: true });
		writeFileSync(join(from, path), text);
	}

	test('it copies packages, their nested packages and their commands, without what Node never loads', () => {
		const packages = {
			'': {},
			'node_modules/a': {},
			'node_modules/a/node_modules/b': {},
			'node_modules/a/node_modules/unwanted': { dev: true },
			'node_modules/tool': { dev: true },
			'node_modules/peer': { devOptional: true },
			'node_modules/elsewhere': { optional: true }
		};
		write('package-lock.json', JSON.stringify({ packages }));
		for (const file of [
			'index.js',
			'index.test.js',
			'index.d.ts',
			'index.js.map',
			'README.md',
			'LICENSE',
			'.eslintrc'
		]) {
			write(`node_modules/a/${file}`);
		}
		for (const file of ['a/node_modules/b/b.mjs', 'a/node_modules/unwanted/u.js', 'tool/tool.js', 'peer/peer.js']) {
			write(`node_modules/${file}`);
		}
		mkdirSync(join(from, 'node_modules/.bin'));
		symlinkSync('../a/index.js', join(from, 'node_modules/.bin/a'));
		symlinkSync('../tool/tool.js', join(from, 'node_modules/.bin/tool'));

		copy(from, to);

		const there = (path: string) => existsSync(join(to, 'node_modules', path));
		const expected = ['a/index.js', 'a/LICENSE', 'a/node_modules/b/b.mjs', '.bin/a'];
		const unexpected = [
			'a/index.test.js',
			'a/index.d.ts',
			'a/index.js.map',
			'a/README.md',
			'a/.eslintrc',
			'a/node_modules/unwanted'
		];
		expect(expected.filter((path) => !there(path))).toEqual([]);
		expect([...unexpected, 'tool', 'peer', 'elsewhere', '.bin/tool'].filter(there)).toEqual([]);
	});
});
