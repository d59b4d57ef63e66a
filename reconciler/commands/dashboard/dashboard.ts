// `mcp-operator dashboard`: watches the cluster with the rights of its user, and shows what it sees on a page of this machine.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { isApiError } from '../../../kubernetes/errors.ts';
import { resourcePath } from '../../../kubernetes/objects.ts';
import { responseError } from '../../../kubernetes/responses.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { MCP_SERVERS } from '../../kinds.ts';
import type { Place } from '../connect/clients.ts';
import type { Cluster } from '../connect-flags.ts';
import { NO_CRD } from '../look/find-server.ts';
import { UserError } from '../user-error.ts';
import { ApiServerLink } from './api-server-link.ts';
import { Fleet } from './fleet.ts';
import { Focus } from './focus.ts';
import type { ClusterFlags } from './lines.ts';
import { servePage, type PageFiles, type PageServerOptions } from './page-server.ts';
import { isName, keyOf } from './row.ts';
import { FleetStream, ServerStream, type Sources } from './streams.ts';
import { Tools } from './tools/tools.ts';

export interface DashboardOptions {
  readonly allNamespaces: boolean;
  readonly port: number | undefined;
  readonly files: PageFiles;
  readonly flags: ClusterFlags;
  readonly place: Place;
  /** Takes the URL once the page is there, and which namespace it shows; undefined: all. */
  readonly tell: (url: string, namespace: string | undefined) => void;
  readonly note: (sentence: string) => void;
  readonly signal: AbortSignal;
}

/** One for each tab that is shown. */
const MOST_STREAMS = 50;
/** MCPServers shown in detail at a time: for each all that belongs to it is watched. */
const MOST_FOCUSED = 10;

/** Resolves when the signal aborted and nothing is left. Throws UserError where it cannot begin; other refusals of then stay ApiErrors. */
export async function dashboard({ client, namespace: usual }: Cluster, options: DashboardOptions): Promise<void> {
  const { allNamespaces, port, files, flags, place, tell, note, signal } = options;
  const namespace = allNamespaces ? undefined : usual;
  const ask = async (until: AbortSignal): Promise<void> => {
    const response = await client.request('GET', resourcePath(MCP_SERVERS, { namespace }), { query: { limit: 1 }, signal: until });
    if (response.status !== 200) throw responseError(`LIST ${MCP_SERVERS.plural}`, response);
  };
  await ask(signal).catch((error: unknown) => { throw firstProblem(error, namespace); });
  const end = new AbortController();
  const linkListeners = new Set<() => void>();
  const link = new ApiServerLink({
    ask: () => ask(end.signal),
    onChange: () => { for (const listener of linkListeners) listener(); },
    signal: end.signal,
  });
  const fleet = new Fleet({ client, namespace, link });
  const sources: Sources = {
    about: { cluster: hostOf(client.connection.server), namespace: namespace ?? null, version: packageJson.version },
    fleet,
    link: () => link.state,
    onLink: (listener) => {
      linkListeners.add(listener);
      return () => linkListeners.delete(listener);
    },
  };
  const focused = new FocusTable((of) => new Focus({ client, fleet, link, flags, place, ...of }));
  // Only what is shown can be asked.
  const tools = new Tools({ client, find: (key) => fleet.get(key) });
  const running = fleet.run(end.signal);
  try {
    const deed: PageServerOptions['deed'] = (path, body, until) => tools.answer(path, body, until);
    const page = await servePage({ port, files, note, keys: newKeys(), stream: streamsOf(sources, focused, namespace), deed });
    try {
      tell(page.url, namespace);
      if (!signal.aborted) await once(signal, 'abort');
    } finally {
      await Promise.all([tools.end(), page.close()]);
    }
  } finally {
    focused.end();
    end.abort();
    await running;
  }
}

interface Of {
  readonly namespace: string;
  readonly name: string;
}

/** What is looked at in detail, each once however many pages show it. */
class FocusTable {
  readonly #start: (of: Of) => Focus;
  readonly #focused = new Map<string, Focus>();

  constructor(start: (of: Of) => Focus) {
    this.#start = start;
  }

  /** Undefined where there are too many. */
  take({ namespace, name }: Of): { readonly focus: Focus; readonly onEnd: () => void } | undefined {
    const key = keyOf({ namespace, name });
    if (!this.#focused.has(key) && this.#focused.size >= MOST_FOCUSED) return undefined;
    const focus = this.#focused.get(key) ?? this.#start({ namespace, name });
    this.#focused.set(key, focus);
    return { focus, onEnd: () => this.#release(key, focus) };
  }

  end(): void {
    for (const focus of this.#focused.values()) focus.end();
    this.#focused.clear();
  }

  #release(key: string, focus: Focus): void {
    if (focus.isWanted || this.#focused.get(key) !== focus) return;
    this.#focused.delete(key);
    focus.end();
  }
}

type Begin = (response: ServerResponse) => void;

function streamsOf(sources: Sources, focused: FocusTable, scope: string | undefined): PageServerOptions['stream'] {
  let open = 0;
  return (path, query) => {
    if (path !== 'live/fleet' && path !== 'live/server') return undefined;
    if (open >= MOST_STREAMS) return `This page is open ${MOST_STREAMS} times already: close some of its tabs.`;
    const counted = (begin: Begin): Begin => (response) => {
      open += 1;
      response.on('close', () => { open -= 1; });
      begin(response);
    };
    if (path === 'live/fleet') return counted((response) => void new FleetStream(response, sources));
    const [namespace, name] = [query.get('namespace') ?? '', query.get('name') ?? ''];
    if (!isName(namespace) || !isName(name) || (scope !== undefined && scope !== namespace)) return undefined;
    const taken = focused.take({ namespace, name });
    if (taken === undefined) return `${MOST_FOCUSED} MCPServers are shown in detail already: close some of their tabs.`;
    return counted((response) => void new ServerStream(response, sources, taken));
  };
}

function newKeys(): PageServerOptions['keys'] {
  return { token: random(16), session: random(32), base: `/${random(16)}/`, deed: random(32) };
}

function random(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}

/** Without what else may stand in the URL, such as a password. */
function hostOf(server: string): string {
  return URL.parse(server)?.host ?? '';
}

/** What a user can do about what cannot be listed. */
function firstProblem(error: unknown, namespace: string | undefined): unknown {
  if (isApiError(error, 'NotFound')) return new UserError(NO_CRD, { cause: error });
  if (!isApiError(error, 'Forbidden')) return error;
  const where = namespace === undefined ? 'of all namespaces: leave out -A, or name one that you may with -n' : `of namespace ${namespace}: name one that you may with -n, or ask whoever administers the cluster`;
  return new UserError(`you may not list the MCPServers ${where}`, { cause: error });
}
