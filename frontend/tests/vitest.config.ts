import { sveltekit } from '@sveltejs/kit/vite';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

/** The unit tests: a simulated browser, no network. They run from the folder above this one. */
export default defineConfig({
	plugins: [sveltekit(), svelteTesting()],
	test: {
		root: '.',
		include: ['tests/unit/**/*.test.ts'],
		environment: 'jsdom',
		restoreMocks: true,
		unstubGlobals: true
	}
});
