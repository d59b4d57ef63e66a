// Whether the API server answers, asked at most once every two seconds however many probes arrive.
import type { Logger } from 'pino';
import type { Action, Cluster } from './port.ts';
import { explain } from '../errors.ts';

const FRESH_MS = 2_000;
const PROBE: Action = { verb: 'get', resource: 'readyz' };

/** Ready, or why not, in words for anybody. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string };

/** `now` is in milliseconds; the log is told once of each reason, in full. */
export interface ReadinessOptions {
  readonly now?: () => number;
  readonly log?: Pick<Logger, 'warn'>;
}

/** A check with a short memory. */
export function readinessOf(cluster: Cluster, { now = Date.now, log }: ReadinessOptions = {}): () => Promise<Readiness> {
  let latest: Promise<Readiness> | undefined;
  let askedAt = 0;
  let logged: string | undefined;
  async function ask(): Promise<Readiness> {
    try {
      await cluster.ready(new AbortController().signal);
      logged = undefined;
      return { ready: true };
    } catch (error) {
      const { text, told } = explain(error, PROBE);
      if (logged !== text) log?.warn({ reason: text }, 'not ready');
      logged = text;
      return { ready: false, reason: told };
    }
  }
  return () => {
    if (latest === undefined || now() - askedAt >= FRESH_MS) {
      askedAt = now();
      latest = ask();
    }
    return latest;
  };
}
