import { sveltekit } from '@sveltejs/kit/vite';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

/** The unit tests, without network. Those of components ask for a simulated browser in their first line. */
export default defineConfig({
	plugins: [sveltekit(), svelteTesting({ autoCleanup: false })],
	test: {
		root: '.',
		include: ['tests/unit/**/*.test.ts'],
		restoreMocks: true,
		unstubGlobals: true,
		coverage: {
			include: ['src/**/*.{ts,svelte}', 'scripts/**/*.js'],
			exclude: ['src/app.d.ts'],
			reporter: ['text', 'lcov'],
			thresholds: { statements: 90, lines: 90, functions: 90, branches: 90 }
		}
	}
});
