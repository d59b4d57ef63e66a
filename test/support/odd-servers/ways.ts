// What stands in the way: redirects, guards, hosts, other protocols, other pages.
import { serveAnswer, serveSse, serveTcp, serveTls } from '../mcp-servers.ts';
import { drops, error, opens, raw, status, where, type Answer, type Answers } from './answers.ts';
import { ALL, NONE, type OddServer } from './odd-server.ts';

/** Sends whoever asks /mcp elsewhere, where HOST is what the Host header says; answers everywhere else. */
const redirecting = (code: number, location: string): Answers => {
  const redirect: Answer = (question) => status(code, '', { location: location.replace('HOST', String(question.headers.host)) })(question);
  return { '*': where(({ path }) => path === '/mcp', redirect) };
};
/** Sends on to one more path each time, so many times. */
const hops = (times: number): Answers => ({
  '*': where(({ path }) => path.length - '/mcp'.length < times, (question) => status(307, '', { location: `${question.path}x` })(question)),
});
/** Refuses every host but its own. */
const hostly = (refusal: Answer): Answers => ({ '*': where(({ headers }) => headers.host !== 'localhost', refusal) });
const HOST_NAMED = /Host: [\w.-]+:\d+/;
const guarded = (code: number, headers?: Record<string, string | string[]>, body?: string): Answers =>
  ({ '*': status(code, body, headers) });
const onlyAt = (place: string): Answers => ({ '*': where(({ path }) => path !== place, status(404, 'Cannot POST this')) });
const ENDPOINT = 'event: endpoint\ndata: /messages?id=1\n\n';
const HTML = { 'content-type': 'text/html; charset=utf-8' };

/** Bytes as soon as somebody connects, or once asked. */
const banner = (bytes: string | Buffer) => (host?: string) => serveTcp((socket) => { socket.end(bytes); socket.resume(); }, host);
const reply = (bytes: string | Buffer) => (host?: string) => serveTcp((socket) => {
  socket.on('data', (chunk: Buffer) => void (chunk.toString().endsWith('}') && socket.end(bytes)));
}, host);

export const WAYS: readonly OddServer[] = [
  { name: '307 to the path with a slash', says: 'Verified', works: ALL, answers: redirecting(307, '/mcp/') },
  { name: '308 to the path with a slash', says: 'Verified', works: ALL, answers: redirecting(308, '/mcp/') },
  { name: '307 to the path with a slash, as a whole address', says: 'Verified', works: ALL, answers: redirecting(307, 'http://HOST/mcp/') },
  { name: '307 to a path beside', says: 'Verified', works: ALL, answers: redirecting(307, 'http') },
  { name: '307 with a query', says: 'Verified', works: ALL, answers: redirecting(307, '/mcp/?a=b') },
  { name: '301 to the path with a slash', says: 'WrongPath', works: NONE, answers: redirecting(301, '/mcp/') },
  { name: '302 to the path with a slash', says: 'WrongPath', works: NONE, answers: redirecting(302, '/mcp/') },
  { name: '303 to the path with a slash', says: 'WrongPath', works: NONE, answers: redirecting(303, '/mcp/') },
  { name: '307 to another host', says: 'WrongPath', works: NONE, answers: redirecting(307, 'http://other.example.com/mcp') },
  { name: '307 to another port', says: 'WrongPath', works: NONE, answers: redirecting(307, 'http://127.0.0.1:9/mcp') },
  { name: '307 to https', says: 'WrongPath', works: NONE, answers: redirecting(307, 'https://HOST/mcp/') },
  { name: '307 to the same with a user in it', says: 'WrongPath', works: NONE, answers: redirecting(307, 'http://a:b@HOST/mcp/') },
  { name: '307 without a target', says: 'NotMCP', works: NONE, answers: guarded(307) },
  { name: '307 to no address at all', says: 'WrongPath', proxied: ['Unreachable', 'The API server answers instead, for it cannot read where to.'], works: NONE, answers: redirecting(307, 'http://[') },
  { name: '307 to itself, for ever', says: 'WrongPath', works: NONE, answers: redirecting(307, '/mcp') },
  { name: '307 five times over', says: 'Verified', works: ALL, answers: hops(5) },
  { name: '307 six times over', says: 'WrongPath', works: ['python'], why: 'Python’s client follows up to twenty redirects.', answers: hops(6) },
  { name: '302 to a login', says: 'WrongPath', works: NONE, answers: guarded(302, { location: 'https://login.example.com/?next=/mcp' }) },
  { name: 'host refused with 403', says: 'Forbidden', works: NONE, tells: HOST_NAMED, answers: hostly(status(403, 'Invalid Host header')) },
  { name: 'host refused with 403 in JSON-RPC', says: 'Forbidden', works: NONE, tells: HOST_NAMED, answers: hostly(error({ code: -32_000, message: 'Invalid Host: tools' }, { status: 403 })) },
  { name: 'host refused with 421', says: 'Forbidden', works: NONE, tells: HOST_NAMED, answers: hostly(status(421, 'Invalid Host header')) },
  { name: 'host refused with 421 without words', says: 'Forbidden', works: NONE, tells: HOST_NAMED, answers: hostly(status(421)) },
  { name: 'host refused with 400', says: 'Forbidden', works: NONE, tells: HOST_NAMED, answers: hostly(status(400, 'Invalid host header')) },
  { name: 'host refused with 400 in Django’s words', says: 'Forbidden', works: NONE, tells: HOST_NAMED, answers: hostly(status(400, '<h1>DisallowedHost</h1> Invalid HTTP_HOST header: you may need to add it to ALLOWED_HOSTS.', HTML)) },
  { name: 'host refused with 404', says: 'Forbidden', works: NONE, tells: HOST_NAMED, answers: hostly(status(404, 'Host not allowed: tools.team-a.svc.cluster.local')) },
  { name: 'host refused with 500', says: 'Forbidden', works: NONE, tells: HOST_NAMED, answers: hostly(status(500, 'Error: host header is not allowed')) },
  { name: 'host refused with 200 and a JSON-RPC error', says: 'Forbidden', works: NONE, tells: HOST_NAMED, answers: hostly(error({ message: 'Host header not allowed' })) },
  { name: 'origin demanded with 403', says: 'Forbidden', works: NONE, answers: { '*': where(({ headers }) => headers.origin === undefined, status(403, 'Origin missing')) } },
  { name: '401 with Bearer', says: 'AuthRequired', works: NONE, answers: guarded(401, { 'www-authenticate': 'Bearer resource_metadata="https://x.example.com/"' }) },
  { name: '401 with Basic', says: 'AuthRequired', works: NONE, answers: guarded(401, { 'www-authenticate': 'Basic realm="x"' }) },
  { name: '401 with Negotiate', says: 'AuthRequired', works: NONE, answers: guarded(401, { 'www-authenticate': 'Negotiate' }) },
  { name: '401 without a challenge', says: 'AuthRequired', works: NONE, answers: guarded(401) },
  { name: '401 with two challenges in one header', says: 'AuthRequired', works: NONE, answers: guarded(401, { 'www-authenticate': 'Basic realm="x", Bearer scope="a"' }) },
  { name: '401 with two headers of challenges', says: 'AuthRequired', works: NONE, answers: guarded(401, { 'www-authenticate': ['Basic realm="x"', 'Bearer scope="a"'] }) },
  { name: '401 with a challenge of 12 KB', says: 'AuthRequired', works: NONE, answers: guarded(401, { 'www-authenticate': `Bearer a="${'x'.repeat(12_000)}"` }) },
  { name: '401 with an empty challenge', says: 'AuthRequired', works: NONE, answers: guarded(401, { 'www-authenticate': '' }) },
  { name: '401 with a page', says: 'AuthRequired', works: NONE, answers: guarded(401, HTML, '<h1>Log in') },
  { name: '401 with JSON-RPC', says: 'AuthRequired', works: NONE, answers: { '*': error({ code: -32_001, message: 'Unauthorized' }, { status: 401 }) } },
  { name: '403 with a challenge', says: 'AuthRequired', works: NONE, answers: guarded(403, { 'www-authenticate': 'Bearer error="insufficient_scope"' }) },
  { name: '403 without a challenge', says: 'Forbidden', works: NONE, answers: guarded(403, {}, 'no') },
  { name: '407, as of a proxy', says: 'NotMCP', works: NONE, answers: guarded(407, { 'proxy-authenticate': 'Basic' }) },
  { name: 'a web page', says: 'NotMCP', works: NONE, answers: guarded(200, HTML, '<h1>Welcome</h1>') },
  { name: 'a web page that takes no POST', says: 'NotMCP', works: NONE, answers: { GET: status(200, '<h1>', HTML), '*': status(405, '', HTML) } },
  { name: 'JSON of another kind', says: 'NotMCP', works: NONE, answers: guarded(200, { 'content-type': 'application/json' }, '{"status":"ok"}') },
  { name: 'the word ok', says: 'NotMCP', works: NONE, answers: guarded(200, { 'content-type': 'text/plain' }, 'ok') },
  { name: 'metrics', says: 'NotMCP', works: NONE, answers: guarded(200, { 'content-type': 'text/plain; version=0.0.4' }, '# HELP up\nup 1\n') },
  { name: 'GraphQL', says: 'NotMCP', works: NONE, answers: guarded(400, { 'content-type': 'application/json' }, '{"errors":[{"message":"Must provide query string."}]}') },
  { name: 'gRPC over HTTP/1.1', says: 'NotMCP', works: NONE, answers: guarded(200, { 'content-type': 'application/grpc', 'grpc-status': '12' }) },
  { name: 'the language server protocol’s JSON-RPC', says: 'NotMCP', works: NONE, answers: { '*': error({ code: -32_601, message: 'Unhandled method' }) } },
  { name: 'MCP at /', says: 'WrongPath', works: NONE, answers: onlyAt('/') },
  { name: 'MCP at /mcp/', says: 'WrongPath', works: NONE, answers: onlyAt('/mcp/') },
  { name: 'MCP at /http', says: 'WrongPath', works: NONE, answers: onlyAt('/http') },
  { name: 'HTTP+SSE at this path', says: 'SSEOnly', works: NONE, serve: (host) => serveSse(host) },
  { name: 'HTTP+SSE at this path, POST answered with 405', says: 'SSEOnly', works: NONE, answers: { GET: opens(ENDPOINT), '*': status(405) } },
  { name: 'HTTP+SSE at this path, POST answered with 400', says: 'NotMCP', works: NONE, answers: { GET: opens(ENDPOINT), '*': status(400, 'sessionId is missing') } },
  { name: 'HTTP+SSE at /sse', says: 'WrongPath', works: NONE, answers: { '*': status(404), GET: where(({ path }) => path === '/sse', opens(ENDPOINT), status(404)) } },
  { name: 'both transports at this path', says: 'Verified', works: ALL, answers: { GET: opens(ENDPOINT) } },
  { name: 'TLS', says: 'TLSRequired', works: NONE, serve: (host) => serveTls(host) },
  { name: 'a TLS alert', says: 'TLSRequired', works: NONE, serve: reply(Buffer.from([0x15, 3, 1, 0, 2, 2, 70])) },
  { name: 'words that HTTPS is expected', says: 'TLSRequired', works: NONE, serve: (host) => serveAnswer({ status: 400, body: 'Client sent an HTTP request to an HTTPS server.\n' }, host) },
  { name: 'nginx’s words that HTTPS is expected', says: 'TLSRequired', works: NONE, answers: guarded(400, HTML, '<h1>400 Bad Request</h1>The plain HTTP request was sent to HTTPS port') },
  { name: 'the banner of SSH', says: 'NotMCP', works: NONE, serve: banner('SSH-2.0-OpenSSH_9.9\r\n') },
  { name: 'the banner of SMTP', says: 'NotMCP', works: NONE, serve: banner('220 mail ESMTP\r\n') },
  { name: 'an error of Redis', says: 'NotMCP', works: NONE, serve: reply("-ERR unknown command 'POST'\r\n") },
  { name: 'the preface of HTTP/2 alone', says: 'NotMCP', works: NONE, serve: reply(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])) },
  { name: 'binary bytes', says: 'NotMCP', works: NONE, serve: reply(Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a])) },
  { name: 'a status line of HTTP/2', says: 'NotMCP', works: NONE, serve: reply('HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n') },
  { name: 'a status that is no number', says: 'NotMCP', works: NONE, answers: { '*': raw(() => 'HTTP/1.1 OK\r\n\r\n') } },
  { name: 'a dropped connection, always', says: 'Unreachable', works: NONE, answers: { '*': drops } },
  { name: 'a connection ended politely without an answer', says: 'Unreachable', works: NONE, answers: { '*': raw(() => '') } },
  { name: 'a connection accepted and never answered', says: 'Hang', proxied: ['Unreachable', 'Nobody can tell whether the API server reached it.'], works: NONE, serve: (host) => serveTcp(() => {}, host), timeoutMs: 1500 },
];
