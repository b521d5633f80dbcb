export { apiAddress, DEFAULT_ADDRESS, originOf } from './address';
export { client, type BuildsQuery, type Client } from './client';
export { Failure, type Reason } from './failure';
export type * from './types';
