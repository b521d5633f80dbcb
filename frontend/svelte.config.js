/**
 * No adapter on purpose: the image serves the build with Vite's preview server. A change of runtime server is a
 * proposal of its own (docs/decisions/), and an adapter would be its first line.
 *
 * @type {import('@sveltejs/kit').Config}
 */
export default {
	compilerOptions: {
		runes: true
	},
	kit: {
		// The default is the time of the build, which would make no two builds of the same source alike.
		version: { name: process.env.npm_package_version ?? 'local' },
		csp: {
			// connect-src follows the address of the API, known only at run time: src/hooks.server.ts adds it.
			directives: {
				'default-src': ['self'],
				'img-src': ['self', 'data:'],
				// The one inline style: with it SvelteKit hides the words that tell a screen reader of a new page.
				'style-src': ['self', 'unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
				'object-src': ['none'],
				'base-uri': ['none'],
				'form-action': ['none'],
				'frame-ancestors': ['none']
			}
		}
	}
};
