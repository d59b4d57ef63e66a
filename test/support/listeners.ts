// Which TCP ports a process and all it has started listen on, and what these answer to somebody who shows no credentials.
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { connect } from 'node:net';

/** A port somebody listens on. */
export interface Listener {
  /** `0.0.0.0` and `::` are all addresses. */
  readonly host: string;
  readonly port: number;
  /** Command line of who listens. */
  readonly program: string;
}

const LISTENS = '0A';
/** An answer that does not come at all is none. */
const PATIENCE_MS = 5000;
const PARAMS = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'stranger', version: '1' } };
const INITIALIZE = { jsonrpc: '2.0', id: 1, method: 'initialize', params: PARAMS };
const PATHS = ['/', '/version', '/api', '/healthz', '/readyz', '/livez', '/health', '/ready', '/metrics', '/pods', '/openid/v1/jwks', '/debug/pprof/', '/containerLogs/a/b/c'];
const POSTS: readonly (readonly [string, object])[] = [['/mcp', INITIALIZE], ['/v3/kv/range', { key: 'AA==', range_end: 'AA==' }]];
/** etcdserverpb.RangeRequest of everything, as gRPC sends it. */
const RANGE = Buffer.from([0, 0, 0, 0, 6, 0x0a, 1, 0, 0x12, 1, 0]);

/** What a process and its descendants listen on in the network of this process. */
export function listenersOf(pid: number): Listener[] {
  const sockets = listeningSockets();
  const own = namespaceOf('self');
  return [pid, ...descendants(pid)].filter((each) => namespaceOf(each) === own).flatMap((each) => {
    const inodes = new Set(attempt(() => readdirSync(`/proc/${each}/fd`), []).map((fd) => attempt(() => readlinkSync(`/proc/${each}/fd/${fd}`), '')));
    return sockets.filter(({ inode }) => inodes.has(`socket:[${inode}]`)).map(({ host, port }) => ({ host, port, program: commandLine(each) }));
  });
}

/** Processes whose command line mentions a text. */
export function processesNaming(text: string): number[] {
  return processes().filter((pid) => commandLine(pid).includes(text));
}

/** What a stranger is told: a line for every answer but those that refuse (401, 403) or come from a TLS port that is spoken to in plain. */
export async function answersWithoutCredentials({ host, port }: Listener): Promise<string[]> {
  const at = { host: host.replace(/^0\.0\.0\.0$/, '127.0.0.1').replace(/^::$/, '::1'), port };
  const asked = [
    ...PATHS.flatMap((path) => [ask(http, { ...at, path }), ask(https, { ...at, path })]),
    ...POSTS.flatMap(([path, body]) => [ask(http, { ...at, path }, body), ask(https, { ...at, path }, body)]),
    askByGrpc(at),
    askByNonsense(at),
  ];
  return (await Promise.all(asked)).filter((answer) => answer !== '');
}

async function ask({ request }: typeof http | typeof https, options: http.RequestOptions, body?: object): Promise<string> {
  const headers = body === undefined ? {} : { 'content-type': 'application/json', 'accept': 'application/json, text/event-stream' };
  const method = body === undefined ? 'GET' : 'POST';
  const stranger = { rejectUnauthorized: false, agent: false, signal: AbortSignal.timeout(PATIENCE_MS) } as const;
  const asking = request({ ...options, ...stranger, method, headers });
  try {
    asking.end(body === undefined ? undefined : JSON.stringify(body));
    const [answer] = (await once(asking, 'response')) as [http.IncomingMessage];
    const { statusCode = 0 } = answer;
    if ([401, 403].includes(statusCode)) return '';
    const [first] = (await Promise.race([once(answer, 'data'), once(answer, 'end').then(() => [''])])) as [string | Buffer];
    return String(first).startsWith('Client sent an HTTP request to an HTTPS server') ? '' : `${method} ${options.path}: ${statusCode}`;
  } catch {
    return '';
  } finally {
    asking.destroy();
  }
}

async function askByGrpc({ host, port }: { host: string; port: number }): Promise<string> {
  const session = http2.connect(`http://${host.includes(':') ? `[${host}]` : host}:${port}`);
  session.on('error', () => undefined);
  try {
    const call = session.request({ ':method': 'POST', ':path': '/etcdserverpb.KV/Range', 'content-type': 'application/grpc', 'te': 'trailers' });
    call.on('error', () => undefined).end(RANGE);
    const [headers] = (await once(call, 'response', { signal: AbortSignal.timeout(PATIENCE_MS) })) as [http2.IncomingHttpHeaders];
    return [401, 403].includes(Number(headers[':status'])) ? '' : `gRPC Range: ${String(headers[':status'])}`;
  } catch {
    return '';
  } finally {
    session.destroy();
  }
}

/** What greets, or answers to anything; HTTP and TLS say that this is none. */
async function askByNonsense(at: { host: string; port: number }): Promise<string> {
  const socket = connect(at).setTimeout(PATIENCE_MS, () => socket.destroy());
  try {
    socket.write('\r\nPING\r\n\r\n');
    const [first] = (await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [''])])) as [Buffer | string];
    const text = first.toString('latin1');
    return text === '' || text.startsWith('HTTP/1.1 400') || text.startsWith('HTTP/1.0 400') || text.startsWith('\x15\x03') ? '' : `nonsense: ${JSON.stringify(text.slice(0, 40))}`;
  } catch {
    return '';
  } finally {
    socket.destroy();
  }
}

function listeningSockets(): (Omit<Listener, 'program'> & { inode: string })[] {
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => attempt(() => readFileSync(file, 'utf8'), '').split('\n').slice(1));
  return lines.map((line) => line.trim().split(/\s+/)).filter((cells) => cells[3] === LISTENS).map((cells) => {
    const [address = '', port = ''] = (cells[1] ?? '').split(':');
    return { host: hostOf(address), port: Number.parseInt(port, 16), inode: cells[9] ?? '' };
  });
}

/** The kernel writes addresses as words of four bytes, the last byte first. */
function hostOf(hex: string): string {
  const bytes = [...Buffer.from(hex, 'hex')];
  const ordered = Array.from({ length: bytes.length / 4 }, (_, word) => bytes.slice(word * 4, word * 4 + 4).toReversed()).flat();
  if (ordered.length === 4) return ordered.join('.');
  if (ordered.every((byte) => byte === 0)) return '::';
  return Array.from({ length: 8 }, (_, pair) => (((ordered[pair * 2] ?? 0) << 8) | (ordered[pair * 2 + 1] ?? 0)).toString(16)).join(':');
}

function descendants(pid: number): number[] {
  const children = Map.groupBy(processes(), (each) => Number(/^\d+ \(.*\) \S (\d+)/s.exec(attempt(() => readFileSync(`/proc/${each}/stat`, 'utf8'), ''))?.[1]));
  const below = (parent: number): number[] => (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

function processes(): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
}

function commandLine(pid: number): string {
  return attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '').replaceAll('\0', ' ').trim();
}

function namespaceOf(pid: number | 'self'): string {
  return attempt(() => readlinkSync(`/proc/${pid}/ns/net`), '');
}

/** A process may have ended meanwhile. */
function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
