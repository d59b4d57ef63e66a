// The stdio bridge's own version, written by `npm run generate`: it moves when the bridge's bytes change, and with nothing else.
// Where it moves, every pod that has a bridge is replaced.

export const BRIDGE_VERSION = '0.1.0';

/** SHA-256 of what has this version: images/portable/version.ts. */
export const BRIDGE_DIGEST = '7eeb3f86c209fafc00bf4cce3998f5f5b6c120d5a4dfd9221950bf6b089bf5c1';
