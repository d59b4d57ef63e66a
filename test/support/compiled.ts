// Where Node keeps what it made of the sources, so that programs that tests start anew again and again start in half the time.
import { join } from 'node:path';

/** For the environment of such a program. */
export const COMPILED = { NODE_COMPILE_CACHE: join(import.meta.dirname, '../../node_modules/.cache/compiled') } as const;
