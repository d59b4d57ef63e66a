// The cluster port over the Kubernetes API client, which is connected on first use.
import { KubernetesClient, type RequestObservation } from '../../kubernetes/client.ts';
import type { ConnectOptions } from '../../kubernetes/connect.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { NODES, PODS, resourcePath, type ResourceType } from '../../kubernetes/objects.ts';
import { parseAnswer, responseError } from '../../kubernetes/responses.ts';
import type { Cluster, Node, Page, Pod } from './port.ts';
import { readEnd } from './log-stream.ts';
import { readNewestLines } from './log-tail.ts';
import { keptPod } from './kept-pod.ts';
import { connectAsServer } from './credentials.ts';

/** How long the API server may take to say that it is ready. */
const READY_TIMEOUT_MS = 2_000;
const LOG_TIMEOUT_MS = 30_000;
/** A page is held as it came, and an object may have over a megabyte; of it all a few fields are kept. */
const PAGE_SIZE = 25;

/** Where the credentials are, how long reading a log may take, all steps together: 30 s unless told otherwise, and who hears of each request. */
export interface ClusterOptions extends ConnectOptions {
  readonly logTimeoutMs?: number;
  readonly onRequest?: ((observation: RequestObservation) => void) | undefined;
}

interface ListAnswer<T> {
  readonly items?: readonly T[] | null;
  readonly metadata?: { readonly continue?: string };
}

interface ListQuery {
  readonly namespace?: string;
  readonly limit: number;
}

/** How a list is read: of each object the fields that are needed. */
interface Kept<T> {
  readonly signal: AbortSignal;
  readonly kept: (item: T) => T;
}

/** A cluster that holds connections until it is closed. */
export interface OpenCluster extends Cluster {
  close(): void;
}

/**
 * A cluster with the credentials that `options` lead to. Nothing is sent or read before the first call; without usable
 * credentials each call rejects, and the next one looks again.
 */
export function openCluster({ logTimeoutMs = LOG_TIMEOUT_MS, onRequest, ...options }: ClusterOptions): OpenCluster {
  let opened: Promise<KubernetesClient> | undefined;

  async function open(): Promise<KubernetesClient> {
    return new KubernetesClient(await connectAsServer(options), { userAgent: 'kubernetes-mcp-server', onRequest });
  }
  async function client(): Promise<KubernetesClient> {
    opened ??= open();
    try {
      return await opened;
    } catch (error) {
      opened = undefined;
      throw error;
    }
  }
  async function first<T>(type: ResourceType, query: ListQuery, { signal, kept }: Kept<T>): Promise<Page<T>> {
    const path = resourcePath(type, { namespace: query.namespace });
    const items: T[] = [];
    let next: string | undefined;
    do {
      const limit = Math.min(PAGE_SIZE, query.limit - items.length);
      const response = await (await client()).request('GET', path, { query: { limit, continue: next }, signal });
      const page = parseAnswer(`GET ${type.plural}`, response) as ListAnswer<T>;
      items.push(...(page.items ?? []).slice(0, limit).map(kept));
      next = page.metadata?.continue || undefined;
    } while (next !== undefined && items.length < query.limit);
    return { items, truncated: next !== undefined };
  }

  return {
    listNodes: (limit, signal) => first<Node>(NODES, { limit }, { signal, kept: keptNode }),
    listPods: (query, signal) => first<Pod>(PODS, query, { signal, kept: keptPod }),
    async findPod(pod, signal) {
      try {
        return keptPod(await (await client()).get<Pod>(PODS, pod, { signal }));
      } catch (error) {
        if (isApiError(error, 'Forbidden')) return undefined;
        throw error;
      }
    },
    createPod: async (pod, signal) => (await client()).create<Pod>(PODS, pod, { signal }),
    async podLogs({ namespace, name }, { container, tailLines, previous, maxBytes }, signal) {
      const connected = await client();
      const path = resourcePath(PODS, { namespace, name, subresource: 'log' });
      const deadline = Date.now() + logTimeoutMs;
      return readNewestLines({ tailLines, maxBytes }, ({ pieces, ...bounds }) => {
        const query = { container, previous, tailLines: pieces, limitBytes: bounds.limitBytes + 1 };
        return readEnd(connected, { path, query, ...bounds, deadline, signal });
      });
    },
    deletePod: async (pod, signal) => (await client()).delete(PODS, pod, { signal }),
    async ready(signal) {
      const response = await (await client()).request('GET', '/readyz', { timeoutMs: READY_TIMEOUT_MS, signal });
      // An identity that may not read /readyz got its answer from a working API server all the same.
      if (response.status !== 200 && response.status !== 403) throw responseError('GET /readyz', response);
    },
    close() {
      opened?.then((connected) => connected.close(), () => undefined);
    },
  };
}

function keptNode({ metadata: { name }, status: { conditions, nodeInfo, capacity } = {} }: Node): Node {
  const ready = conditions?.find(({ type }) => type === 'Ready');
  const { cpu, memory, pods } = capacity ?? {};
  const present = Object.entries({ cpu, memory, pods }).filter((each): each is [string, string] => each[1] !== undefined);
  return {
    metadata: { name },
    status: {
      conditions: ready === undefined ? [] : [{ type: ready.type, status: ready.status }],
      nodeInfo: nodeInfo?.kubeletVersion === undefined ? {} : { kubeletVersion: nodeInfo.kubeletVersion },
      capacity: Object.fromEntries(present),
    },
  };
}
