export { bytes, change, NONE, percent, seconds, share } from './measures';
export { ago, full } from './moments';
