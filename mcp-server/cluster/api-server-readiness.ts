// Whether the API server answers, asked at most once every two seconds however many probes arrive.
import type { Action, Cluster } from './port.ts';
import { explain } from '../errors.ts';

const FRESH_MS = 2_000;
const PROBE: Action = { verb: 'get', resource: 'readyz' };

/** Ready, or why not. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string };

/** A check with a short memory. `now` is in milliseconds. */
export function readinessOf(cluster: Cluster, now: () => number = Date.now): () => Promise<Readiness> {
  let latest: Promise<Readiness> | undefined;
  let askedAt = 0;
  async function ask(): Promise<Readiness> {
    try {
      await cluster.ready(new AbortController().signal);
      return { ready: true };
    } catch (error) {
      return { ready: false, reason: explain(error, PROBE).text };
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
