// The operator's own HTTP endpoints: /healthz and /readyz on one address, /metrics on another.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Exposition } from './exposition.ts';

/** Where to listen. Without a host: on all addresses. Port 0: any free one. */
export interface BindAddress {
  readonly host?: string;
  readonly port: number;
}

/** A named check: nothing when all is well, else the reason. Must not block. */
export type Check = () => string | undefined;

/** What a server offers; a path without content is not served. */
export interface Endpoints {
  readonly healthz?: Readonly<Record<string, Check>>;
  readonly readyz?: Readonly<Record<string, Check>>;
  readonly metrics?: Exposition;
}

export interface RunningEndpoints {
  /** The address bound, as HOST:PORT. */
  readonly address: string;
  /** Stops listening and closes open connections. */
  readonly close: () => Promise<void>;
}

/** Reads HOST:PORT, [IPv6]:PORT or :PORT; "0" means off and gives undefined. Throws an Error saying what is wrong. */
export function parseBindAddress(text: string): BindAddress | undefined {
  if (text === '0') return undefined;
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  if (digits === undefined) throw new Error(`"${text}" is not an address to listen on: use HOST:PORT, :PORT, or 0 to switch it off`);
  const port = Number(digits);
  if (port > 65_535) throw new Error(`"${text}" names port ${port}: ports end at 65535`);
  const host = bracketed ?? plain;
  return host === undefined || host === '' ? { port } : { host, port };
}

/** The address cannot be listened on; the message says why and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  constructor({ host = '', port }: BindAddress, error: NodeJS.ErrnoException) {
    const { code = '', message } = error;
    const why = WHY_NOT[code];
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    super(`cannot listen on ${address}: ${why === undefined ? message : `${why} (${code})`}`, { cause: error });
  }
}

const WHY_NOT: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; end that one, or give another address',
  EACCES: 'that is not permitted; give a port above 1023',
  EADDRNOTAVAIL: 'this machine does not have that address; give one it has, or leave the host out to listen on all',
  EAFNOSUPPORT: 'this machine has no such kind of address; give one it has, or leave the host out to listen on all',
  ENOTFOUND: 'there is no host of that name; give an address of this machine',
  EAI_AGAIN: 'the name of that host cannot be looked up; give an address of this machine',
};

/** Serves the endpoints. Rejects with ListenError. */
export async function startEndpoints(bind: BindAddress, endpoints: Endpoints): Promise<RunningEndpoints> {
  const scrapes = new Scrapes();
  const server = createServer((request, response) => {
    const answer = answerOf(endpoints, request);
    if ('body' in answer) reply(response, answer);
    else void scrapes.answer(answer, response);
  });
  await new Promise<void>((resolve, reject) => {
    const refused = (error: Error): void => reject(new ListenError(bind, error));
    server.once('error', refused);
    server.listen({ port: bind.port, ...(bind.host === undefined ? {} : { host: bind.host }) }, () => {
      server.off('error', refused);
      resolve();
    });
  });
  const { address, port, family } = server.address() as AddressInfo;
  return {
    address: family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

interface Answer { readonly status: number; readonly type: string; readonly body: string }

const TEXT = 'text/plain; charset=utf-8';

function answerOf(endpoints: Endpoints, request: IncomingMessage): Answer | Exposition {
  const path = request.url?.split('?')[0];
  const { healthz, readyz, metrics } = endpoints;
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, type: TEXT, body: 'use GET\n' };
  if (path === '/healthz' && healthz !== undefined) return runChecks(healthz);
  if (path === '/readyz' && readyz !== undefined) return runChecks(readyz);
  if (path === '/metrics' && metrics !== undefined) return metrics;
  return { status: 404, type: TEXT, body: 'not found\n' };
}

function runChecks(checks: Readonly<Record<string, Check>>): Answer {
  const results = Object.entries(checks).map(([name, check]) => ({ name, problem: check() }));
  if (results.every(({ problem }) => problem === undefined)) return { status: 200, type: TEXT, body: 'ok\n' };
  const lines = results.map(({ name, problem }) => (problem === undefined ? `[+] ${name}: ok` : `[-] ${name}: ${problem}`));
  return { status: 503, type: TEXT, body: `${lines.join('\n')}\n` };
}

function reply(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** Scrapes under way at a time: each costs the same, whoever asks. */
const MOST_SCRAPES = 8;
/** A scrape that is not read in this time is cut off; Prometheus gives up after ten seconds. */
const SCRAPE_MS = 30_000;

/** Answers with metrics, which are written as they are read: no more than a piece of each is held. */
class Scrapes {
  #underWay = 0;

  /** Never rejects. What fails on the way is cut off, for no answer may look complete that is not. */
  async answer({ contentType, pieces }: Exposition, response: ServerResponse): Promise<void> {
    if (this.#underWay >= MOST_SCRAPES) return reply(response, { status: 503, type: TEXT, body: 'too many scrapes at a time\n' });
    if (response.req.method === 'HEAD') return reply(response, { status: 200, type: contentType, body: '' });
    this.#underWay += 1;
    const left = new AbortController();
    response.once('close', () => left.abort());
    const signal = AbortSignal.any([left.signal, AbortSignal.timeout(SCRAPE_MS)]);
    try {
      for await (const piece of pieces()) {
        signal.throwIfAborted();
        if (!response.headersSent) response.writeHead(200, { 'Content-Type': contentType });
        if (!response.write(piece)) await once(response, 'drain', { signal });
      }
      response.end();
    } catch (error) {
      if (response.headersSent) response.destroy();
      else reply(response, { status: 500, type: TEXT, body: `${String(error)}\n` });
    } finally {
      this.#underWay -= 1;
    }
  }
}
