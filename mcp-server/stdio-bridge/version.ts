// The bridge's own version. It moves when the bridge's bytes change, and with nothing else: where it moves, every pod that has one is replaced.

export const VERSION = '0.1.0';
