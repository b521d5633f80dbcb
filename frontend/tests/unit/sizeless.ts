import { vi } from 'vitest';

/** jsdom lays nothing out, so nothing ever has a size to observe: drawings keep the width they begin with. */
export function sizeless(): void {
	vi.stubGlobal(
		'ResizeObserver',
		class {
			observe = vi.fn();
			unobserve = vi.fn();
			disconnect = vi.fn();
		}
	);
}
