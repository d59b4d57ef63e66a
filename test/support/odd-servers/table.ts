// The table of odd servers: what the operator says of each, and which real clients can use it. A new server is one line in its kind's file.
import { ERAS } from './eras.ts';
import { FRAMING } from './framing.ts';
import { INTRODUCTIONS } from './introductions.ts';
import { LIMITS } from './limits.ts';
import type { OddServer } from './odd-server.ts';
import { STATUSES } from './statuses.ts';
import { STEPS } from './steps.ts';
import { WAYS } from './ways.ts';

/** By kind, a file each. */
export const ODD_KINDS: readonly (readonly OddServer[])[] = [FRAMING, STATUSES, INTRODUCTIONS, STEPS, ERAS, WAYS, LIMITS];

export const ODD_SERVERS: readonly OddServer[] = ODD_KINDS.flat();
