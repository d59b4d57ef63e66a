// Stands between a program and the real API server, and goes silent, slow or away when a test says so.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { connect } from '../../kubernetes/connect.ts';
import type { Connection } from '../../kubernetes/connection.ts';

/**
 * What a request meets: nothing; no answer, though the connection stays (`silent`: it goes nowhere, `unanswered`: it was served, but
 * nobody hears of it); an answer after so many milliseconds; a 429 that asks to come back in a minute (`busy`).
 */
export type Fault = undefined | 'silent' | 'unanswered' | 'busy' | number;

/** A request as faults are chosen by it: path without query. */
export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly watch: boolean;
}

/** A way to the API server that can fail. */
export class FaultProxy {
  /** Names the proxy as the API server, with a token: what passes acts as the proxy's own user, and everybody on this machine can reach the port. */
  kubeconfig = '';
  readonly #token = randomBytes(24).toString('hex');
  /** Decides what new requests meet; open watches go on. */
  fault: (request: Passing) => Fault = () => undefined;
  /** Requests that met a fault. */
  readonly met: Passing[] = [];
  readonly #connection: Connection;
  readonly #server: Server = createServer((request, response) => void this.#pass(request, response).catch(() => response.destroy()));

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    this.kubeconfig = join(await mkdtemp(join(tmpdir(), 'mcp-fault-proxy-')), 'kubeconfig');
    await writeFile(this.kubeconfig, stringify({
      'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'proxy',
      'clusters': [{ name: 'proxy', cluster: { server: `http://127.0.0.1:${port}` } }],
      'users': [{ name: 'proxy', user: { token: this.#token } }],
      'contexts': [{ name: 'proxy', context: { cluster: 'proxy', user: 'proxy' } }],
    }));
    return this;
  }

  /** From now on connections are refused, and those that are open break. */
  async vanish(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.vanish();
    await rm(join(this.kubeconfig, '..'), { recursive: true, force: true });
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    if (headers.authorization !== `Bearer ${this.#token}`) {
      response.writeHead(401).end();
      return;
    }
    const { pathname: path, searchParams } = new URL(url, 'http://proxy');
    const passing = { method, path, watch: searchParams.has('watch') };
    const fault = this.fault(passing);
    if (fault !== undefined) this.met.push(passing);
    if (fault === 'silent') return;
    if (fault === 'busy') {
      response.writeHead(429, { 'retry-after': '60' }).end();
      return;
    }
    if (typeof fault === 'number') await sleep(fault);
    const { server, tls } = this.#connection;
    const authorization = await this.#connection.authorization();
    const passed = httpsRequest(`${server}${url}`, {
      ...tls,
      method,
      headers: { ...headers, host: new URL(server).host, ...(authorization && { authorization }) },
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    passed.on('response', (answer) => {
      if (fault === 'unanswered') {
        answer.resume();
      } else {
        response.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders();
        answer.pipe(response);
      }
    });
    request.pipe(passed);
  }
}

/** A proxy in front of the API server of a kubeconfig. The caller closes it. */
export async function startFaultProxy(kubeconfig: string): Promise<FaultProxy> {
  return new FaultProxy(await connect({ kubeconfig, env: {} })).listen();
}
