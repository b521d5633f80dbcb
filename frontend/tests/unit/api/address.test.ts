import { describe, expect, test } from 'vitest';
import { apiAddress, DEFAULT_ADDRESS, originOf } from '$lib/api';

describe('the address of the API', () => {
	test.each([
		['not set', undefined, DEFAULT_ADDRESS],
		['set to nothing', '', DEFAULT_ADDRESS],
		['set to blanks', '  ', DEFAULT_ADDRESS],
		['set to an address', 'http://api.example:8080', 'http://api.example:8080'],
		['set with slashes at the end', 'https://api.example/ledger//', 'https://api.example/ledger']
	])('is right when the variable is %s', (_, configured, address) => {
		expect(apiAddress(configured)).toBe(address);
	});
});

describe('the origin in the security policy', () => {
	test('drops the path', () => {
		expect(originOf('https://api.example:8443/ledger')).toBe('https://api.example:8443');
	});

	test.each(['no address', "javascript:alert(1); script-src 'unsafe-inline'", ''])('is left out for %j', (address) => {
		expect(originOf(address)).toBeUndefined();
	});
});
