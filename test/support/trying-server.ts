// The program of an MCP server whose tools do all that a page must stand. It counts calls in a file and writes down what it is told.
import { join } from 'node:path';

const MODULE = join(import.meta.dirname, '../../node_modules/@modelcontextprotocol/sdk/dist/esm/server');

/** Source of an ECMAScript module that listens on port 8080; `log` gets a line for each call, and for each credential and cancellation. */
export function tryingServer(log: string): string {
  return `
import http from 'node:http';
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server } from ${JSON.stringify(`${MODULE}/index.js`)};
import { StreamableHTTPServerTransport } from ${JSON.stringify(`${MODULE}/streamableHttp.js`)};
import { CallToolRequestSchema, ListToolsRequestSchema } from ${JSON.stringify(`${MODULE}/../types.js`)};
const note = (line) => appendFileSync(${JSON.stringify(log)}, line + '\\n');
const HOSTILE = '<img src=x onerror="document.title=\\'owned\\'"><script>alert(1)</script> [a](http://example.com) \\u202Ereversed';
const deep = (levels) => (levels === 0 ? { type: 'string' } : { type: 'object', properties: { a: deep(levels - 1) } });
const word = { type: 'object', properties: { word: { type: 'string', title: 'Word', description: 'What is said.' }, times: { type: 'integer', default: 2 }, loud: { type: 'boolean' }, tone: { enum: ['soft', 'hard'] }, tags: { type: 'array', items: { type: 'string' } }, to: { type: 'object', title: 'To whom', properties: { name: { type: 'string' } } } }, required: ['word'] };
const tools = [
  { name: 'echo', title: 'Echo', description: 'Says it again.', inputSchema: word, annotations: { readOnlyHint: true, openWorldHint: false } },
  { name: 'fail', inputSchema: { type: 'object', properties: {} }, annotations: { destructiveHint: true } },
  { name: 'slow', inputSchema: { type: 'object', properties: {} } },
  { name: 'large', inputSchema: { type: 'object', properties: {} } },
  { name: 'die', inputSchema: { type: 'object', properties: {} } },
  { name: 'media', inputSchema: { type: 'object', properties: {} } },
  { name: 'hostile', title: HOSTILE, description: HOSTILE + 'W'.repeat(3000), inputSchema: { type: 'object', properties: { a: { type: 'string', title: HOSTILE, pattern: '((a+)+)+$' }, b: { $ref: '#/properties/b' }, c: { $ref: 'http://127.0.0.1:1/schema' } } } },
  { name: 'deep', inputSchema: deep(60) },
  { name: 'wide', inputSchema: { type: 'object', properties: { a: { type: 'string', description: 'x'.repeat(70000) } } } },
];
const text = (text) => ({ content: [{ type: 'text', text }] });
const does = {
  echo: (args) => text(JSON.stringify(args)),
  fail: () => ({ ...text('it broke'), isError: true }),
  slow: async (_, signal) => { signal.addEventListener('abort', () => note('cancelled')); await sleep(120000, undefined, { signal }); return text('late'); },
  large: () => text('a'.repeat(2 * 1024 * 1024)),
  die: () => process.exit(1),
  media: () => ({ content: [{ type: 'image', data: 'A'.repeat(4096), mimeType: 'image/png' }], structuredContent: { ok: true } }),
  hostile: () => text(HOSTILE),
};
http.createServer(async (request, response) => {
  if (request.url !== '/mcp') return response.writeHead(404).end();
  if (request.headers['x-key'] !== undefined) note('key ' + request.headers['x-key']);
  const server = new Server({ name: 'trying', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { signal }) => { note('call ' + params.name); return does[params.name](params.arguments, signal); });
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  response.on('close', () => void server.close());
  await server.connect(transport);
  await transport.handleRequest(request, response);
}).listen(8080, process.env.MCP_HOST);
`;
}
