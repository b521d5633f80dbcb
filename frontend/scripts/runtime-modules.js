/**
 * Copies out of node_modules what the preview server can load, and nothing else:
 *
 *     node scripts/runtime-modules.js FROM TO
 *
 * It reads the lock beside it and asks no registry. Left behind are packages that only development needs (TypeScript
 * among them, which the lock marks as optional for SvelteKit), the packages of NEVER_LOADED, and files that Node
 * never loads. What the server does load was seen with `strace -f -e trace=openat npm run preview`.
 */
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Native esbuild compiles; its JavaScript half is imported by Vite, but starts the binary only for a build. What charts
 * are calculated with is bundled into the pages and their server.
 */
const NEVER_LOADED = [/\/@esbuild\//, /\/@types\//, /^\/node_modules\/(d3-[a-z]+(-[a-z]+)?|internmap)$/];

/** Declarations, source maps, manuals, tests, and settings of other tools. Licences stay. */
const NEVER_READ = /\.([cm]?ts|map|md|markdown|flow|test\.[cm]?js)$|[/\\]\.[^/\\]+$/;

/**
 * The folders of the packages to keep, as the lock names them: `node_modules/vite`.
 *
 * @param {{ packages: Record<string, { dev?: boolean, devOptional?: boolean }> }} lock
 * @returns {string[]}
 */
export function kept({ packages }) {
	return Object.entries(packages)
		.filter(([folder, entry]) => folder && !entry.dev && !entry.devOptional)
		.map(([folder]) => folder)
		.filter((folder) => !NEVER_LOADED.some((pattern) => pattern.test(`/${folder}`)));
}

/**
 * @param {string} from a folder that holds package-lock.json and node_modules
 * @param {string} to the folder that gets a node_modules of its own
 */
export function copy(from, to) {
	const lock = JSON.parse(readFileSync(join(from, 'package-lock.json'), 'utf8'));
	for (const folder of kept(lock)) {
		if (!existsSync(join(from, folder))) continue; // a native package for another platform
		const nested = join(from, folder, 'node_modules');
		cpSync(join(from, folder), join(to, folder), {
			recursive: true,
			filter: (path) => path !== nested && !NEVER_READ.test(path)
		});
	}
	commands(join(from, 'node_modules/.bin'), join(to, 'node_modules/.bin'));
}

/**
 * Copies the links of those commands whose package was kept.
 *
 * @param {string} from
 * @param {string} to
 */
function commands(from, to) {
	mkdirSync(to, { recursive: true });
	for (const name of readdirSync(from)) {
		cpSync(join(from, name), join(to, name), { verbatimSymlinks: true });
		if (lstatSync(join(to, name)).isSymbolicLink() && !existsSync(join(to, name))) rmSync(join(to, name));
	}
}

const [from, to] = process.argv.slice(2);
if (from && to) copy(from, to);
