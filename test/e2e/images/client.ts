// An MCP client as a pod of the cluster runs it: uses the server at a URL once, or over and over until SIGTERM; says what came of it as JSON lines.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [mode = '', url = ''] = process.argv.slice(2);
const PAUSE_MS = 20;

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function connected(): Promise<Client> {
  const client = new Client({ name: 'e2e', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}

/** Lists what the server offers, and reads its first resource. */
async function once(): Promise<void> {
  const client = await connected();
  const { tools } = await client.listTools();
  const { resources } = client.getServerCapabilities()?.resources === undefined ? { resources: [] } : await client.listResources();
  say({ server: client.getServerVersion(), tools: tools.map(({ name }) => name), resources: resources.map(({ uri }) => uri) });
  await client.close();
}

/** One client that stays, and one that connects anew for every call: both must be served throughout. */
async function keep(): Promise<void> {
  const counts = { calls: 0, failures: [] as string[] };
  const stop = new AbortController();
  process.on('SIGTERM', () => stop.abort());
  const staying = await connected();
  const attempt = async (call: () => Promise<unknown>): Promise<void> => {
    counts.calls += 1;
    await call().catch((error: unknown) => counts.failures.push(describe(error)));
  };
  const repeat = async (call: () => Promise<unknown>): Promise<void> => {
    while (!stop.signal.aborted) {
      await attempt(call);
      await sleep(PAUSE_MS);
    }
  };
  const report = setInterval(() => say({ ...counts, failures: counts.failures.length }), 500);
  await Promise.all([repeat(() => staying.listTools()), repeat(async () => {
    const client = await connected();
    await client.listTools().finally(() => client.close());
  })]);
  clearInterval(report);
  say(counts);
}

function describe(error: unknown): string {
  const { message, cause } = error as Error;
  return `${new Date().toISOString()} ${message}${cause === undefined ? '' : `: ${String(cause)}`}`;
}

await (mode === 'keep' ? keep() : once());
