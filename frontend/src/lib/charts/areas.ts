import {
	hierarchy,
	treemap,
	treemapDice,
	treemapSlice,
	treemapSquarify,
	type HierarchyRectangularNode
} from 'd3-hierarchy';

/** Something that takes room in an image: a layer, or a package or file in it. */
export interface Block {
	name: string;
	/** What tells it from others of its name: a version, a stage. */
	note: string;
	/** Its colour, and its place beside what is like it. */
	kind: string;
	bytes: number;
	/** Whether it came with the base image. */
	base: boolean;
}

/** A rectangle of the drawing, in its own units; the first corner is at the top. */
export interface Area {
	x: number;
	y: number;
	width: number;
	height: number;
}

export interface Region extends Area {
	base: boolean;
	bytes: number;
}

export interface Tile extends Area {
	block: Block;
}

/** Room for the name of a region above its tiles. */
export const HEADER = 22;

/** A region shows this many blocks; the smaller ones become one. */
export const SHOWN = 60;

type Node = { base: boolean; children: Kind[] } | Kind | Block;
interface Kind {
	kind: string;
	children: Block[];
}

/**
 * Where each block lies when the drawing is filled in proportion to bytes: what is the image's own and what came with its
 * base apart, and in both what is of one kind together.
 */
export function areas(blocks: readonly Block[], width: number, height: number): { regions: Region[]; tiles: Tile[] } {
	const apart = [false, true].map((base) => ({ base, children: kinds(blocks, base) }));
	const tree = { children: apart.filter(({ children }) => children.length > 0) };
	const root = hierarchy<Node | typeof tree>(tree, (node) => ('children' in node ? node.children : undefined))
		.sum((node) => ('bytes' in node ? node.bytes : 0))
		.sort(
			(one, other) => Number(isBase(one.data)) - Number(isBase(other.data)) || (other.value ?? 0) - (one.value ?? 0)
		);
	const split = width >= height * 1.2 ? treemapDice : treemapSlice;
	const laid = treemap<Node | typeof tree>()
		.size([width, height])
		.tile((node, ...sides) => (node.depth === 0 ? split : treemapSquarify)(node, ...sides))
		.paddingTop((node) => (node.depth === 1 ? HEADER : 0))
		.paddingInner((node) => (node.depth === 0 ? 4 : 1))
		.round(true)(root);
	return {
		regions: (laid.children ?? []).map((node) => ({ ...area(node), base: isBase(node.data), bytes: node.value ?? 0 })),
		tiles: laid.leaves().flatMap((node) => ('bytes' in node.data ? [{ ...area(node), block: node.data }] : []))
	};
}

/** The text cut to what fits into so many units of width, at about seven for a letter; empty where nothing would. */
export function fitting(text: string, width: number): string {
	const letters = Math.floor(width / 7);
	if (text.length <= letters) return text;
	return letters >= 4 ? `${text.slice(0, letters - 1)}…` : '';
}

function kinds(blocks: readonly Block[], base: boolean): Kind[] {
	const sorted = blocks.filter((block) => block.base === base && block.bytes > 0).sort((a, b) => b.bytes - a.bytes);
	const small = sorted.slice(SHOWN);
	const bytes = small.reduce((sum, block) => sum + block.bytes, 0);
	const rest: Block = { name: `${small.length} smaller`, note: '', kind: 'rest', bytes, base };
	const byKind = new Map<string, Block[]>();
	for (const block of bytes > 0 ? [...sorted.slice(0, SHOWN), rest] : sorted) {
		byKind.set(block.kind, [...(byKind.get(block.kind) ?? []), block]);
	}
	return [...byKind].map(([kind, children]) => ({ kind, children }));
}

function isBase(node: object): boolean {
	return 'base' in node && node.base === true;
}

function area(node: Pick<HierarchyRectangularNode<unknown>, 'x0' | 'x1' | 'y0' | 'y1'>): Area {
	return { x: node.x0, y: node.y0, width: node.x1 - node.x0, height: node.y1 - node.y0 };
}
