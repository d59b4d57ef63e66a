// Decides how pods are reached: by their own addresses, or through the API server.
import { KubernetesClient } from '../../kubernetes/client.ts';
import { apiServerExchange } from './exchange-api-server.ts';
import { directExchange } from './exchange-direct.ts';
import type { HttpExchange } from './exchange.ts';

/** Values of `--pod-access`. */
export const POD_ACCESS = ['auto', 'direct', 'api-server'] as const;

export type PodAccess = (typeof POD_ACCESS)[number];

/** A pod as an exchange needs it. */
export interface PodAddress {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  readonly port: number;
}

/** How to exchange with a pod: `auto` is direct inside the cluster, where pod addresses are routed, and api-server outside. */
export function podExchange(access: PodAccess, { connection }: Pick<KubernetesClient, 'connection'>): (pod: PodAddress) => HttpExchange {
  const direct = access === 'direct' || (access === 'auto' && connection.inCluster);
  if (direct) return directExchange;
  // A client of its own: a handshake that hangs must not hold a connection that reconciles wait for.
  const client = new KubernetesClient(connection);
  return (pod) => apiServerExchange(client, pod);
}
