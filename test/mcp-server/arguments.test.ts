// Arguments as models send them, through real clients of both eras: taken as they are meant, or refused in words that name them.
import { Client as Client2025 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Http2025 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCatalog } from '../../mcp-server/catalog.ts';
import { createLogger } from '../../mcp-server/log.ts';
import { startHttpServer, type HttpServer } from '../../mcp-server/transports/http.ts';
import { memoryCluster } from './cluster/memory-cluster.ts';

const cluster = memoryCluster();
const older = new Client2025({ name: 'test', version: '1' });
const newer = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
let server: HttpServer;
beforeAll(async () => {
  const log = createLogger('silent', { write: () => undefined });
  const settings = { host: '127.0.0.1', port: 0, allowedHosts: [], allowedOrigins: [], rateLimit: 0 };
  server = await startHttpServer({ catalog: createCatalog({ cluster, log }), settings, readiness: async () => ({ ready: true }), log });
  const url = new URL(`http://127.0.0.1:${server.port}/mcp`);
  await older.connect(new Http2025(url));
  await newer.connect(new StreamableHTTPClientTransport(url));
});
afterAll(async () => {
  await older.close();
  await newer.close();
  await server.stop(1_000);
});
beforeEach(() => {
  cluster.latestLogQuery = undefined;
  cluster.pods.clear();
});

const clientOf = (era: string): Client | Client2025 => (era === '2025-11-25' ? older : newer);

async function call(era: string, name: string, args: Record<string, unknown>): Promise<{ isError: boolean; text: string }> {
  const { isError, content } = await clientOf(era).callTool({ name, arguments: args });
  return { isError: isError === true, text: (content as { text: string }[])[0]?.text ?? '' };
}

const DEFAULTS = { container: undefined, tailLines: 100, previous: false };

describe.each(['2025-11-25', '2026-07-28'])('a client of %s', (era) => {
  test.each([
    [{ tailLines: '50' }, { tailLines: 50 }],
    [{ tailLines: '50.0' }, { tailLines: 50 }],
    [{ tailLines: 50 }, { tailLines: 50 }],
    [{ tailLines: null }, {}],
    [{ tailLines: '' }, {}],
    [{ previous: 'true' }, { previous: true }],
    [{ previous: 'False' }, { previous: false }],
    [{ previous: '' }, {}],
    [{ container: null, namespace: null, previous: null }, {}],
    [{ container: '', namespace: '' }, {}],
    [{ container: '50' }, { container: '50' }],
    [{ container: 'true' }, { container: 'true' }],
  ])('says %j and is understood', async (args, meant) => {
    const { isError, text } = await call(era, 'get-pod-logs', { name: 'web', ...args });
    expect([isError, text]).toEqual([false, expect.stringContaining('in namespace "default"')]);
    expect(cluster.latestLogQuery).toMatchObject({ ...DEFAULTS, ...meant });
  });

  const lines = 'must be a whole number from 1 to 5000';
  test.each([
    ['many', lines],
    ['5e9', lines],
    ['-1', lines],
    [' ', lines],
    ['50.5', lines],
    ['0x10', lines],
    ['99999999999999999999', lines],
    ['0', lines],
    ['5001', lines],
    [-1, lines],
    [1.5, lines],
    [true, lines],
    [[50], lines],
  ])('is refused tailLines of %j, in words', async (tailLines, words) => {
    const { isError, text } = await call(era, 'get-pod-logs', { name: 'web', tailLines });
    expect([isError, text.includes('tailLines'), text.split(words).length]).toEqual([true, true, 2]);
    expect(cluster.latestLogQuery).toBeUndefined();
  });

  test.each([
    [{ previous: 'yes' }, 'previous', 'must be true or false'],
    [{ previous: 1 }, 'previous', 'must be true or false'],
    [{ namespace: ' ' }, 'namespace', 'must consist of lower-case letters'],
    [{ namespace: 5 }, 'namespace', 'must be a string'],
    [{ container: 'a b' }, 'container', 'must consist of visible ASCII characters'],
    [{ name: null }, 'name', 'is required'],
    [{ name: '' }, 'name', 'must not be empty'],
    [{ nmae: null }, 'nmae', 'Unrecognized key'],
    [{ namspace: '' }, 'namspace', 'Unrecognized key'],
  ])('is refused %j by name', async (args, name, words) => {
    const { isError, text } = await call(era, 'get-pod-logs', { name: 'web', ...args });
    expect([isError, text]).toEqual([true, expect.stringContaining(words)]);
    expect(text).toContain(name);
    expect(cluster.latestLogQuery).toBeUndefined();
  });

  test('of create-pod and delete-pod null and nothing mean the namespace default', async () => {
    expect(await call(era, 'create-pod', { name: 'web', image: 'nginx', namespace: null })).toMatchObject({ isError: false });
    expect(cluster.pods.get('web')?.metadata.namespace).toBe('default');
    expect(await call(era, 'delete-pod', { name: 'web', namespace: '' })).toMatchObject({ isError: false });
    expect((await call(era, 'create-pod', { name: 'web', image: null })).text).toContain('is required');
  });

  test('of prompts an empty optional argument is left out, too', async () => {
    const { messages } = await clientOf(era).getPrompt({ name: 'troubleshoot-pod', arguments: { podName: 'web', namespace: '' } });
    expect(JSON.stringify(messages)).toContain('namespace \\"default\\"');
  });

  test('sees plain types in the schemas', async () => {
    const { tools } = await clientOf(era).listTools();
    const properties = tools.find(({ name }) => name === 'get-pod-logs')?.inputSchema.properties as Record<string, { type: unknown }>;
    expect(Object.entries(properties).map(([name, { type }]) => [name, type])).toEqual([
      ['name', 'string'],
      ['namespace', 'string'],
      ['container', 'string'],
      ['tailLines', 'integer'],
      ['previous', 'boolean'],
    ]);
  });
});
