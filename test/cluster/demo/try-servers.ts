// `npm start -- --once`: a real MCP client uses every server, the one that is broken on purpose is mended as the screen says, and a summary says what worked.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import { loopbackUrl } from './how-to-connect.ts';
import { mendingOf, typed } from './mending.ts';
import { isBrokenAsMeant, isReady, nameOf, readyOf } from './readiness.ts';
import type { Stack } from './stack.ts';
import { useOf } from './uses.ts';

export interface ServerSummary {
  readonly name: string;
  readonly endpoint: string | undefined;
  readonly url: string | undefined;
  readonly tools: readonly string[];
  /** What was done beyond listing tools. */
  readonly done: readonly string[];
  /** Of one that was broken on purpose: what its status said, and the command that mended it. */
  readonly was?: { readonly reason: string; readonly mendedBy: string };
  readonly error?: string;
}

export interface Summary {
  readonly ok: boolean;
  readonly servers: readonly ServerSummary[];
}

export interface TryOptions {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Waits until the servers are as asked. Rejects when that takes too long. */
  readonly until: (done: (servers: readonly MCPServerObject[]) => boolean) => Promise<void>;
}

/** Uses every server in turn; a failure of one is in the summary and does not stop the others. */
export async function tryServers(stack: Stack, options: TryOptions): Promise<Summary> {
  const servers: ServerSummary[] = [];
  const [broken, whole] = [stack.servers.list().filter(isBrokenAsMeant), stack.servers.list().filter((server) => !isBrokenAsMeant(server))];
  for (const server of whole) servers.push(await tryServer(stack, server, options));
  for (const server of broken) servers.push(await mendAndTry(stack, server, options));
  return { ok: servers.length > 0 && servers.every(({ error }) => error === undefined), servers };
}

async function mendAndTry(stack: Stack, server: MCPServerObject, options: TryOptions): Promise<ServerSummary> {
  const name = nameOf(server);
  const mending = mendingOf(server);
  const was = { reason: readyOf(server)?.reason ?? '', mendedBy: mending === undefined ? '' : `kubectl ${typed(mending)}` };
  try {
    if (mending === undefined) throw new Error(`its status does not say what mends it: ${readyOf(server)?.message}`);
    options.log(`${name}: ${was.mendedBy}`);
    const { code, stderr } = await stack.plane.kubectl(mending);
    if (code !== 0) throw new Error(stderr);
    const { namespace } = server.metadata;
    const now = (): MCPServerObject | undefined => stack.servers.get({ namespace, name: server.metadata.name });
    await options.until(() => {
      const changed = now();
      if (changed === undefined || changed.metadata.generation === server.metadata.generation) return false;
      return isReady(changed) && loopbackUrl(changed, stack.forwarders) !== undefined;
    });
    return { ...(await tryServer(stack, now() ?? server, options)), was };
  } catch (error) {
    options.signal.throwIfAborted();
    options.log(`${name}: ${String(error)}`);
    return { name, endpoint: undefined, url: undefined, tools: [], done: [], was, error: String(error) };
  }
}

async function tryServer(stack: Stack, server: MCPServerObject, { signal, log }: TryOptions): Promise<ServerSummary> {
  const name = nameOf(server);
  const url = loopbackUrl(server, stack.forwarders);
  const summary = { name, endpoint: server.status?.endpoint, url, tools: [] as string[], done: [] as string[] };
  const client = new Client({ name: 'npm-start', version: '1.0.0' });
  try {
    if (url === undefined) throw new Error('its Service has no address on this machine');
    const requestInit = { headers: { ...stack.forwarders.headers(name) } };
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }), { signal });
    summary.tools.push(...(await client.listTools(undefined, { signal })).tools.map((tool) => tool.name));
    await useOf(client.getServerVersion()?.name ?? '', server)?.(client, { signal, done: (what) => summary.done.push(what) });
    log(`${name}: ${[`${summary.tools.length} tools listed`, ...summary.done].join(', ')}`);
    return summary;
  } catch (error) {
    signal.throwIfAborted();
    log(`${name}: ${String(error)}`);
    return { ...summary, error: String(error) };
  } finally {
    await client.close();
  }
}
