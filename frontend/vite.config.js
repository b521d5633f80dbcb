import { sveltekit } from '@sveltejs/kit/vite';

/**
 * Plain JavaScript, read by Node itself (`--configLoader native`), so that the preview server in the image needs no
 * TypeScript and no esbuild binary to read it. What only tests need is in tests/vitest.config.ts for the same reason.
 *
 * @type {import('vite').UserConfig}
 */
export default {
	plugins: [sveltekit()],
	// Bundled into the server as into the pages, so that the image ships none of their packages.
	ssr: { noExternal: [/^d3-/] },
	server: { port: 5173, strictPort: true },
	preview: { port: 5173, strictPort: true }
};
