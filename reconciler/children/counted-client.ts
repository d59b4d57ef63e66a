// The client of one reconcile, which knows how many requests it sent.
import type { KubernetesClient } from '../../kubernetes/client.ts';

/** The calls that reconciling makes. */
export type ReconcilingClient = Pick<KubernetesClient, 'get' | 'apply' | 'patch' | 'delete'>;

/** A client that sends what `client` sends, and counts it. */
export function counted(client: ReconcilingClient): { readonly client: ReconcilingClient; readonly requests: () => number } {
  let requests = 0;
  const counting = <Call extends (...args: never[]) => unknown>(call: Call): Call =>
    ((...args: Parameters<Call>) => {
      requests += 1;
      return call.apply(client, args);
    }) as Call;
  return {
    client: { get: counting(client.get), apply: counting(client.apply), patch: counting(client.patch), delete: counting(client.delete) },
    requests: () => requests,
  };
}
