export { bytes, change, elapsed, later, NONE, percent, plural, seconds, share } from './measures';
export { ago, full } from './moments';
