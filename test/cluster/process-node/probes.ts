// Asks a container's process how it is, as a startup, readiness or liveness probe says.
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Container, V1Probe } from '@kubernetes/client-node';

type Target = { readonly spec: V1Container; readonly sockets: string };

/** Yields true (healthy) or false each time enough answers in a row agreed, until the signal is aborted. */
export async function* probeResults(probe: V1Probe, target: Target, signal: AbortSignal): AsyncGenerator<boolean> {
  const { initialDelaySeconds = 0, periodSeconds = 10, successThreshold = 1, failureThreshold = 3 } = probe;
  let [healthy, agreeing] = [true, 0];
  for (let wait = initialDelaySeconds; !signal.aborted; wait = periodSeconds) {
    await sleep(wait * 1000, undefined, { signal }).catch(() => undefined);
    const result = !signal.aborted && (await attempt(probe, target).catch(() => false));
    agreeing = result === healthy ? agreeing + 1 : 1;
    healthy = result;
    if (!signal.aborted && agreeing >= (healthy ? successThreshold : failureThreshold)) yield healthy;
  }
}

/** A probe that cannot be asked here (exec, grpc) fails. */
async function attempt({ tcpSocket, httpGet, timeoutSeconds = 1 }: V1Probe, { spec, sockets }: Target): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  const wanted = (tcpSocket ?? httpGet)?.port;
  const port = spec.ports?.find(({ name }) => name === wanted)?.containerPort ?? Number(wanted);
  const path = join(sockets, String(port));
  if (tcpSocket !== undefined) {
    const socket = connect({ path });
    await once(socket, 'connect', { signal }).finally(() => socket.destroy());
    return true;
  }
  if (httpGet === undefined) return false;
  const headers = { host: `localhost:${port}`, ...Object.fromEntries((httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value])) };
  const { request } = httpGet.scheme === 'HTTPS' ? https : http;
  const asking = request({ socketPath: path, path: httpGet.path ?? '/', headers, signal, rejectUnauthorized: false }).end();
  const [{ statusCode = 0 }] = (await once(asking, 'response').finally(() => asking.destroy())) as [http.IncomingMessage];
  return statusCode >= 200 && statusCode < 400;
}
