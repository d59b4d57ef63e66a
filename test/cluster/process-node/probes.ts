// Asks a container's process how it is, as a startup, readiness or liveness probe says.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Container, V1Probe } from '@kubernetes/client-node';

/** The container, and the loopback address its process listens on. */
export interface ProbeTarget {
  readonly container: V1Container;
  readonly address: string;
}

/** Yields true (healthy) or false each time enough answers in a row agreed, until the signal is aborted. No probe: healthy, once. */
export async function* probeResults(probe: V1Probe | undefined, target: ProbeTarget, signal: AbortSignal): AsyncGenerator<boolean> {
  if (probe === undefined) yield true;
  let healthy = true;
  let agreeing = 0;
  for (let wait = probe?.initialDelaySeconds ?? 0; probe !== undefined && !signal.aborted; wait = probe.periodSeconds ?? 10) {
    await sleep(wait * 1000, undefined, { signal }).catch(() => undefined);
    const result = !signal.aborted && (await attempt(probe, target));
    agreeing = result === healthy ? agreeing + 1 : 1;
    healthy = result;
    if (!signal.aborted && agreeing >= (healthy ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3))) yield healthy;
  }
}

/** A probe that cannot be asked here (exec, grpc) fails. */
async function attempt({ tcpSocket, httpGet, timeoutSeconds = 1 }: V1Probe, { container, address }: ProbeTarget): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  const wanted = (tcpSocket ?? httpGet)?.port;
  const port = container.ports?.find(({ name }) => name === wanted)?.containerPort ?? Number(wanted);
  if (tcpSocket !== undefined) return connects(port, address, signal);
  if (httpGet === undefined) return false;
  const headers = (httpGet.httpHeaders ?? []).map(({ name, value }): [string, string] => [name, value]);
  const url = `${(httpGet.scheme ?? 'HTTP').toLowerCase()}://${address}:${port}${httpGet.path ?? '/'}`;
  const answer = await fetch(url, { headers, redirect: 'manual', signal }).catch(() => undefined);
  await answer?.body?.cancel().catch(() => undefined);
  return answer !== undefined && answer.status >= 200 && answer.status < 400;
}

function connects(port: number, host: string, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ port, host, signal }, () => resolve(true)).on('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
