import type { Scenario, ScenarioReport } from './api';
import type { Range, RangeRow } from './charts/ranges';
import { bytes } from './format';

/** What a saved run says of one image. */
export interface Timed {
	image: string;
	/** One row for each scenario, the plan before the baseline. */
	rows: RangeRow[];
	/** Its sizes in one sentence; empty where none was taken. */
	sizes: string;
}

/** The images of a run, each with its plan beside its baseline where that was measured too. */
export function timed({ images }: ScenarioReport): Timed[] {
	return [...new Set(images.map(({ image }) => image))].map((image) => {
		const plan = images.find((one) => one.image === image && one.variant === 'plan');
		const baseline = images.find((one) => one.image === image && one.variant === 'baseline');
		const names = [...new Set([plan, baseline].flatMap((one) => one?.scenarios.map(({ scenario }) => scenario) ?? []))];
		const rows = names.map((name) => {
			const [ours, theirs] = [plan, baseline].map((one) => one?.scenarios.find(({ scenario }) => scenario === name));
			const ranges = [ours && range('plan', ours), theirs && range('baseline', theirs)].filter(
				(one) => one !== undefined
			);
			return { label: name, ranges, ...(ours && theirs && { verdict: verdict(ours, theirs) }) };
		});
		const sizes = [
			compared('On disk', plan?.disk_bytes, baseline?.disk_bytes),
			compared('to pull', plan?.pull_bytes, baseline?.pull_bytes),
			compared('its own part', plan?.own_bytes, baseline?.own_bytes)
		].filter(Boolean);
		return { image, rows, sizes: sizes.length > 0 ? `${sizes.join(', ')}.` : '' };
	});
}

/** How the plan does against the baseline, in words; where the spreads overlap it claims nothing. */
export function verdict(plan: Scenario, baseline: Scenario): string {
	if (plan.low <= baseline.high && baseline.low <= plan.high) return 'no difference beyond the spread';
	const faster = plan.median < baseline.median;
	const factor = faster ? baseline.median / plan.median : plan.median / baseline.median;
	return `${factor >= 9.95 ? factor.toFixed(0) : factor.toFixed(1)} × as ${faster ? 'fast' : 'slow'}`;
}

function range(name: string, { seconds, median, low, high, ran, steps }: Scenario): Range {
	return { name, values: seconds, median, low, high, note: `ran ${ran} of ${steps} steps` };
}

function compared(what: string, plan: number | null | undefined, baseline: number | null | undefined): string {
	if (plan == null) return '';
	return baseline == null ? `${what} ${bytes(plan)}` : `${what} ${bytes(plan)} instead of ${bytes(baseline)}`;
}
