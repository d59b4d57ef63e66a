// A log server that selects log text as the kubelet of Kubernetes 1.36 does (k8s.io/cri-client/pkg/logs): long lines lie in pieces,
// `tailLines` counts pieces, `limitBytes` cuts at the end of what was selected. It runs no container and checks no names.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const LINE_END = 0x0a;

/** How a runtime writes logs, and which parameters a kubelet may not know; the real ones know both. */
export interface KubeletManner {
  /** Length of the pieces a long line is written in; default that of containerd, 16 KiB. */
  readonly pieceBytes?: number;
  readonly ignoresTailLines?: boolean;
  readonly ignoresLimitBytes?: boolean;
  /** The answer never ends: after the log it says nothing any more, or the same again and again. */
  readonly endless?: 'silent' | 'talking';
  /** The connection breaks in the middle of the log. */
  readonly breaks?: boolean;
}

export interface KubeletLogs {
  readonly port: number;
  /** What the running container wrote, and what its previous run did. */
  readonly current: ContainerLog;
  readonly previous: ContainerLog;
  /** The parameters of each request, in their order. */
  readonly asked: { readonly container: string; readonly tailLines: number; readonly limitBytes: number; readonly previous: boolean }[];
  /** Bytes that were handed to the network so far. */
  sent(): number;
  manner: KubeletManner;
  /** Called after each request was read, before it is answered. */
  onRequest: () => void;
  close(): void;
}

/** One log file of a container. */
export class ContainerLog {
  #pieces: Buffer[] = [];

  /** Appends what a container printed: whole lines, as all runtimes end what has no end. */
  write(text: string | Buffer, pieceBytes = 16 * 1024): void {
    const bytes = Buffer.from(text);
    for (let start = 0; start < bytes.length;) {
      const lineEnd = bytes.indexOf(LINE_END, start);
      const lineLength = (lineEnd < 0 ? bytes.length : lineEnd + 1) - start;
      const length = lineLength > pieceBytes + 1 ? pieceBytes : lineLength;
      this.#pieces.push(bytes.subarray(start, start + length));
      start += length;
    }
  }

  /** The kubelet reads no older file than the newest. */
  rotate(): void {
    this.#pieces = [];
  }

  tail(count: number): Buffer {
    return Buffer.concat(this.#pieces.slice(Math.max(0, this.#pieces.length - count)));
  }
}

/** Listens on 127.0.0.1: with a certificate as a kubelet under /containerLogs, and under the path of the API server's log subresource. */
export async function startKubeletLogs(tls?: { cert: string; key: string }): Promise<KubeletLogs> {
  let sent = 0;
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const logs: KubeletLogs = {
    port: (server.address() as AddressInfo).port,
    current: new ContainerLog(),
    previous: new ContainerLog(),
    asked: [],
    sent: () => sent,
    manner: {},
    onRequest: () => undefined,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://kubelet');
    if (/\/pods\/[^/]+$/.test(pathname)) {
      // The API server's side: the pod itself, which is looked at before its log.
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ metadata: { name: 'web' }, spec: { containers: [{ name: 'main' }] } }));
      return;
    }
    const number = (name: string): number => Number(searchParams.get(name) ?? Infinity);
    // Of a kubelet's own path the last part; the API server's names it in a parameter.
    const container = searchParams.get('container') ?? pathname.split('/').at(-1) ?? '';
    const asked = { container, tailLines: number('tailLines'), limitBytes: number('limitBytes'), previous: searchParams.get('previous') === 'true' };
    logs.asked.push(asked);
    logs.onRequest();
    const { manner } = logs;
    const log = asked.previous ? logs.previous : logs.current;
    const selected = log.tail(manner.ignoresTailLines ? Infinity : asked.tailLines);
    const limited = manner.ignoresLimitBytes ? selected : selected.subarray(0, asked.limitBytes);
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
    // Whoever asked may leave early.
    pipeline(Readable.from(chunks(limited, manner), { objectMode: false, highWaterMark: 1 }), response).catch(() => undefined);
  }

  async function* chunks(text: Buffer, { endless, breaks }: KubeletManner): AsyncGenerator<Buffer> {
    for (let start = 0; start < text.length; start += 32 * 1024) {
      const chunk = text.subarray(start, start + 32 * 1024);
      sent += chunk.length;
      yield chunk;
    }
    if (breaks) throw new Error('the node went away');
    if (endless === 'talking') {
      for (;;) {
        sent += text.length;
        yield text;
      }
    }
    if (endless === 'silent') await new Promise(() => undefined);
  }
  return logs;
}
