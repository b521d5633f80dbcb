/** A share (0 to 1) as a length in SVG, which stretches with the drawing: `12.5%`. */
export function along(share: number): string {
	return `${Math.round(share * 1e5) / 1e3}%`;
}
