/** Where the API is when nothing else is said; the same default stands in the Dockerfile and in .env.example. */
export const DEFAULT_ADDRESS = 'http://localhost:5001';

/** The address of the API from PUBLIC_API_BASE_URL, without a slash at its end. */
export function apiAddress(configured: string | undefined): string {
	return (configured?.trim() || DEFAULT_ADDRESS).replace(/\/+$/, '');
}

/** The origin of an address for a security policy, or `undefined` where the address is none. */
export function originOf(address: string): string | undefined {
	const url = URL.canParse(address) ? new URL(address) : undefined;
	return url && /^https?:$/.test(url.protocol) ? url.origin : undefined;
}
