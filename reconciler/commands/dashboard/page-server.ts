// The HTTP edge of the dashboard: loopback alone, behind the door, with what a browser is to be forbidden said in every answer.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { LOOPBACK, listenOnLoopback, type Listening } from '../listen.ts';
import { judge, setCookie, type Keys } from './door.ts';
import { readText } from './read-text.ts';

/** The files of the page, by name. */
export interface PageFiles {
  readonly script: string;
  readonly style: string;
}

export interface PageServerOptions extends Omit<Listening, 'preferred'> {
  readonly files: PageFiles;
  /** What the door is locked with; the port is known when it listens. */
  readonly keys: Omit<Keys, 'port'>;
  /** Begins a stream to a browser that was let in; undefined for what is none. The answer to it is a sentence where it is refused. */
  readonly stream: (path: string, query: URLSearchParams) => ((response: ServerResponse) => void) | string | undefined;
  /** Does what the page asks for by POST; the signal aborts when the page no longer waits. Resolves to JSON, or to a sentence where it is refused. */
  readonly deed: (path: string, body: string, signal: AbortSignal) => Promise<{ readonly status: number; readonly text: string }>;
}

const PREFERRED_PORT = 7788;
/** A browser opens six for each address. */
const MOST_CONNECTIONS = 100;
const MOST_HEADER_BYTES = 16 * 1024;
const HEADERS_MS = 10_000;
/** Of what the page asks for by POST. */
const MOST_BODY_BYTES = 64 * 1024;

/** Nothing is loaded from elsewhere, nothing is run but the page's own file, nothing frames it, and no text becomes HTML. */
const POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self'",
  "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
].join('; ');

const TEXT = 'text/plain; charset=utf-8';
const HEADERS = {
  'content-security-policy': POLICY,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

const ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#2457a6"/>'
  + '<path d="M3.5 11.5v-7l4.5 5 4.5-5v7" fill="none" stroke="#fff" stroke-width="2"/></svg>';
const html = ({ deed }: Keys): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="deed" content="${deed}">
<title>MCPServers</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="page.css">
<script type="module" src="page.js"></script>
</head>
<body><noscript>This page needs JavaScript; mcp-operator status shows the same in a terminal.</noscript><div id="page"></div></body>
</html>
`;

/** A page that is served. */
export interface PageServer {
  /** The URL to open. */
  readonly url: string;
  /** Ends all connections. */
  readonly close: () => Promise<void>;
}

/** Listens. Throws UserError where the port that was asked for cannot be used. */
export async function servePage(options: PageServerOptions): Promise<PageServer> {
  const settings = { maxHeaderSize: MOST_HEADER_BYTES, headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS };
  let keys: Keys = { ...options.keys, port: 0 };
  const server = createServer(settings, (request, response) => answer(request, response, { ...options, keys }));
  server.maxConnections = MOST_CONNECTIONS;
  const port = await listenOnLoopback(server, { ...options, preferred: PREFERRED_PORT });
  keys = { ...keys, port };
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://${LOOPBACK}:${port}/?token=${keys.token}`, close };
}

type Serving = Pick<PageServerOptions, 'files' | 'stream' | 'deed'> & { readonly keys: Keys };

function answer(request: IncomingMessage, response: ServerResponse, { keys, files, stream, deed }: Serving): void {
  const { method = '', url = '', headers } = request;
  const verdict = judge({ method, url, headers }, keys);
  if (verdict.kind === 'pass' && method === 'POST') return void doIt(request, response, (body, signal) => deed(verdict.path, body, signal));
  // No other body means anything here.
  request.resume();
  if (verdict.kind === 'refuse') return say(response, verdict.status, verdict.sentence);
  if (verdict.kind === 'enter') {
    response.writeHead(303, { ...HEADERS, 'set-cookie': setCookie(keys), 'location': keys.base }).end();
    return;
  }
  const file = FILES.get(verdict.path);
  if (file !== undefined) {
    response.writeHead(200, { ...HEADERS, 'content-type': `${file.type}; charset=utf-8` }).end(file.text({ ...files, html: html(keys) }));
    return;
  }
  const begin = stream(verdict.path, verdict.query);
  if (typeof begin === 'string') return say(response, 503, begin);
  if (begin === undefined) return say(response, 404, 'There is nothing here.');
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8' });
  // An event is a packet of its own.
  response.socket?.setNoDelay(true);
  begin(response);
}

type Act = (body: string, signal: AbortSignal) => ReturnType<Serving['deed']>;

/** Reads what is asked for, and answers with what came of it, unless nobody waits any more. */
async function doIt(request: IncomingMessage, response: ServerResponse, act: Act): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const body = await readText(request, MOST_BODY_BYTES);
  // What comes beyond is not read: the connection ends with the answer.
  if (body === undefined) return void response.writeHead(413, { ...HEADERS, 'content-type': TEXT, 'connection': 'close' }).end('This is too long: 64 KiB at most.\n');
  if (gone.signal.aborted) return;
  const { status, text } = await act(body, gone.signal);
  if (!response.destroyed) response.writeHead(status, { ...HEADERS, 'content-type': status === 200 ? 'application/json; charset=utf-8' : TEXT }).end(text);
}

interface PageFile {
  readonly type: string;
  readonly text: (files: PageFiles & { readonly html: string }) => string;
}

const FILES: ReadonlyMap<string, PageFile> = new Map<string, PageFile>([
  ['', { type: 'text/html', text: ({ html: page }) => page }],
  ['page.js', { type: 'text/javascript', text: ({ script }) => script }],
  ['page.css', { type: 'text/css', text: ({ style }) => style }],
  ['icon.svg', { type: 'image/svg+xml', text: () => ICON }],
]);

function say(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { ...HEADERS, 'content-type': TEXT }).end(`${sentence}\n`);
}
