export { commit } from './commits';
export { bytes, change, elapsed, later, NONE, percent, plural, seconds, share, UNITS } from './measures';
export { ago, full } from './moments';
