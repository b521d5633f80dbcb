import type { Build, Client, Image } from './api';

/** How many builds the page lists. */
export const LISTED = 20;

/** What the first page shows: every image with its latest build, and the newest builds of all. */
export interface Overview {
	images: Image[];
	builds: Build[];
}

/** Both questions at once; one signal takes both back. */
export async function overview(api: Client, signal: AbortSignal): Promise<Overview> {
	const [images, builds] = await Promise.all([api.images(signal), api.builds({ limit: LISTED }, signal)]);
	return { images, builds };
}

/**
 * By how many bytes the unpacked image grew since the finished build before, on the same kind of base and platform;
 * `null` where `builds` (newest first) holds none to compare with.
 */
export function growth(latest: Build, builds: readonly Build[]): number | null {
	const before = builds.find(
		(build) =>
			build.id < latest.id &&
			build.image === latest.image &&
			build.scenario === latest.scenario &&
			build.platform === latest.platform &&
			build.standin === latest.standin &&
			build.disk_bytes !== null
	);
	if (latest.disk_bytes === null || !before || before.disk_bytes === null) return null;
	return latest.disk_bytes - before.disk_bytes;
}
