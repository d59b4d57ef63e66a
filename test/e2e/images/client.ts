// An MCP client as a pod of the cluster runs it: uses the server at a URL once, or over and over until SIGTERM; says what came of it as JSON lines.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [mode = '', url = ''] = process.argv.slice(2);
const PAUSE_MS = 50;

type Call = () => Promise<unknown>;

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function connected(headers: Record<string, string> = {}): Promise<Client> {
  const client = new Client({ name: 'e2e', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
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
  const repeat = async (call: Call): Promise<void> => {
    while (!stop.signal.aborted) {
      counts.calls += 1;
      await call().catch((error: unknown) => void counts.failures.push(describe(error)));
      await sleep(PAUSE_MS);
    }
  };
  const report = setInterval(() => {
    say({ ...counts, failures: counts.failures.length });
  }, 500);
  const anew = async (): Promise<void> => {
    // Otherwise fetch takes a connection of the other client that happens to be free.
    const client = await connected({ Connection: 'close' });
    await client.listTools();
    await client.close();
  };
  await Promise.all([repeat(() => staying.listTools()), repeat(anew)]);
  clearInterval(report);
  say(counts);
}

function describe(error: unknown): string {
  const { message, cause } = error as Error & { cause?: Error };
  return `${new Date().toISOString()} ${message}${cause === undefined ? '' : `: ${cause.message}`}`;
}

await (mode === 'keep' ? keep() : once());
