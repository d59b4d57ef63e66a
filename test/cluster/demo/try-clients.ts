// `npm start -- --once`: a real MCP client uses every server, and the summary says what worked.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import { SAMPLE_IMAGE } from '../images.ts';
import { KUBERNETES_MCP_SERVER } from './examples.ts';
import { loopbackUrl } from './how-to-connect.ts';
import type { Stack } from './stack.ts';

/** In the namespace of the one server that may create it, whose tools are called and not only listed. */
const POD = { name: 'made-by-an-mcp-client', namespace: KUBERNETES_MCP_SERVER };
const LOGS_LIMIT_MS = 30_000;

export interface ServerSummary {
  readonly name: string;
  readonly endpoint: string | undefined;
  readonly url: string | undefined;
  readonly tools: readonly string[];
  /** What was done beyond listing tools. */
  readonly done: readonly string[];
  readonly error?: string;
}

export interface Summary {
  readonly ok: boolean;
  readonly servers: readonly ServerSummary[];
}

interface Context {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Uses every server in turn; a failure of one is in the summary and does not stop the others. */
export async function tryClients(stack: Stack, context: Context): Promise<Summary> {
  const servers: ServerSummary[] = [];
  for (const server of stack.servers.list()) servers.push(await tryServer(stack, server, context));
  return { ok: servers.length > 0 && servers.every(({ error }) => error === undefined), servers };
}

async function tryServer(stack: Stack, server: MCPServerObject, { signal, log }: Context): Promise<ServerSummary> {
  const name = `${server.metadata.namespace}/${server.metadata.name}`;
  const url = loopbackUrl(server, stack.forwarders);
  const summary = { name, endpoint: server.status?.endpoint, url, tools: [] as string[], done: [] as string[] };
  const client = new Client({ name: 'npm-start', version: '1.0.0' });
  try {
    if (url === undefined) throw new Error('its Service has no address on this machine');
    const requestInit = { headers: { ...stack.forwarders.headers(name) } };
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }), { signal });
    summary.tools.push(...(await client.listTools(undefined, { signal })).tools.map((tool) => tool.name));
    if (server.metadata.name === KUBERNETES_MCP_SERVER) await useTools(client, { signal, done: (what) => summary.done.push(what) });
    log(`${name}: ${[`${summary.tools.length} tools listed`, ...summary.done].join(', ')}`);
    return summary;
  } catch (error) {
    log(`${name}: ${String(error)}`);
    return { ...summary, error: String(error) };
  } finally {
    await client.close();
  }
}

async function useTools(client: Client, { signal, done }: { signal: AbortSignal; done: (what: string) => void }): Promise<void> {
  const call = async (name: string, args: Record<string, unknown>): Promise<string> => {
    const { isError, content } = await client.callTool({ name, arguments: args }, undefined, { signal });
    const text = JSON.stringify(content);
    if (isError === true) throw new Error(`${name}: ${text}`);
    return text;
  };
  await call('create-pod', { ...POD, image: SAMPLE_IMAGE });
  done('create-pod');
  await eventually(() => call('get-pod-logs', POD), signal);
  done('get-pod-logs');
  await call('delete-pod', POD);
  done('delete-pod');
  for (const uri of ['k8s://cluster/nodes', `k8s://namespace/${POD.namespace}/pods`]) {
    const { contents } = await client.readResource({ uri }, { signal });
    if (contents.length === 0) throw new Error(`${uri} is empty`);
    done(uri);
  }
}

/** Logs exist only once the pod has started. */
async function eventually<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const deadline = performance.now() + LOGS_LIMIT_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(500, undefined, { signal });
    }
  }
}
