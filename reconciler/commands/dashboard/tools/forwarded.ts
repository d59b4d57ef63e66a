// HTTP to a pod over a port-forward through the API server, with a connection of its own for each exchange: no port of this machine is opened for it.
import { duplexPair, type Duplex } from 'node:stream';
import type { KubernetesClient } from '../../../../kubernetes/client.ts';
import { forwardPort, type PodPort } from '../../../../kubernetes/port-forward.ts';
import { directExchange } from '../../../verification/exchange-direct.ts';
import type { HttpExchange } from '../../../verification/exchange.ts';

/** Exchanges with the port of a pod. What the API server refuses is the cause of an ExchangeError. */
export function forwardedExchange(client: Pick<KubernetesClient, 'upgrade'>, target: PodPort): HttpExchange {
  return async (request) => {
    const end = new AbortController();
    const connect = (): Duplex => {
      const [near, far] = duplexPair();
      far.on('error', () => undefined);
      const ended = (error?: Error): void => void (near.destroyed || near.destroy(error));
      forwardPort(client, target, { local: far, signal: end.signal }).then(() => far.end(), ended);
      return near;
    };
    try {
      return await directExchange({ ip: target.pod, port: target.port, connect })(request);
    } finally {
      end.abort();
    }
  };
}
