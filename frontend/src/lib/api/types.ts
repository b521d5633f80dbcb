import type { components } from './schema';

/** What the API answers, version 1, by the names of its document. Sizes are in bytes and times in seconds. */
type Schemas = components['schemas'];

export type Build = Schemas['Build'];
export type BuildDetail = Schemas['BuildDetail'];
export type Builds = Schemas['Builds'];
export type Check = Schemas['Check'];
export type Comparison = Schemas['Comparison'];
export type Doctor = Schemas['Doctor'];
export type Finding = Schemas['Finding'];
export type Findings = Schemas['Findings'];
export type Image = Schemas['Image'];
export type Images = Schemas['Images'];
export type ImageDetail = Schemas['ImageDetail'];
export type LayerPair = Schemas['LayerPair'];
export type Limit = Schemas['Limit'];
export type PartPair = Schemas['PartPair'];
export type Point = Schemas['Point'];
export type Proof = Schemas['Proof'];
export type Proofs = Schemas['Proofs'];
export type Running = Schemas['Running'];
export type RunningBuild = Schemas['RunningBuild'];
export type Scenario = Schemas['Scenario'];
export type ScenarioReport = Schemas['ScenarioReport'];
export type Scenarios = Schemas['Scenarios'];
export type Step = Schemas['Step'];
export type StepPair = Schemas['StepPair'];
export type Why = Schemas['Why'];
