import type { Image } from './api';
import { health, worse, type Tone } from './health';

export const ORDERS = {
	state: 'worst first',
	name: 'name',
	size: 'largest first',
	time: 'newest build first'
} as const;
export type Order = keyof typeof ORDERS;

const COMPARE: Record<Order, (one: Image, other: Image) => number> = {
	state: worse,
	name: (one, other) => one.name.localeCompare(other.name),
	size: (one, other) => (other.latest?.disk_bytes ?? 0) - (one.latest?.disk_bytes ?? 0),
	time: (one, other) => built(other) - built(one)
};

/** What the reader asked the overview for, from its address. */
export interface Wish {
	tone: string | null;
	text: string;
	order: Order;
}

/** The wish in an address: `?state=bad&q=back&order=size`. What it does not know, it takes for the default. */
export function wish(search: URLSearchParams): Wish {
	const order = search.get('order') ?? '';
	return {
		tone: search.get('state'),
		text: search.get('q') ?? '',
		order: Object.hasOwn(ORDERS, order) ? (order as Order) : 'state'
	};
}

/** The images that are wished for, in the order that is. */
export function chosen(images: readonly Image[], { tone, text, order }: Wish): Image[] {
	const words = text.trim().toLowerCase();
	return images
		.filter((image) => (!tone || health(image).tone === tone) && image.name.toLowerCase().includes(words))
		.sort(COMPARE[order]);
}

/** The tones as the overview names them. */
export const STATES: Record<Tone, string> = {
	bad: 'need work',
	warn: 'need a look',
	none: 'never built',
	good: 'healthy'
};

function built({ latest, failed }: Image): number {
	return Date.parse((failed ?? latest)?.started ?? '') || 0;
}
