// What the table says of an odd server.
import type { RunningServer } from '../mcp-servers.ts';
import { serveOdd, type Answers } from './answers.ts';

/** TypeScript SDK v1, v2 choosing the era itself, and Python's. */
export type ClientName = 'v1' | 'v2' | 'python';

export interface OddServer {
  readonly name: string;
  /** The reason that the operator gives. */
  readonly says: string;
  /** What it gives through the API server, where that is another, and why. */
  readonly proxied?: readonly [says: string, why: string];
  /** What its message has in it. */
  readonly tells?: RegExp;
  /** The clients that can use it: they connect, and list tools where tools are announced. */
  readonly works: readonly ClientName[];
  /** Why operator and clients, or clients among themselves, differ. Nothing where they do not. */
  readonly why?: string;
  /** The operator cannot name who cannot use it: it looks at schemas, and not into what is in them. */
  readonly isUnnamed?: true;
  /** How it answers what is asked. */
  readonly answers?: Answers;
  /** Starts it, where it is none that answers HTTP by message. */
  readonly serve?: (host?: string) => Promise<RunningServer>;
  /** How long the operator waits, in milliseconds. Default: 4,000. */
  readonly timeoutMs?: number;
}

/** All of them can use it. */
export const ALL: readonly ClientName[] = ['v1', 'v2', 'python'];
export const NONE: readonly ClientName[] = [];

/** Starts an odd server, of 127.0.0.1 unless told otherwise. */
export function start({ answers = {}, serve }: OddServer, host?: string): Promise<RunningServer> {
  return serve === undefined ? serveOdd(answers, host) : serve(host);
}
