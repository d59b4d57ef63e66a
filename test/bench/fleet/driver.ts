// The user of the fleet: creates and changes MCPServers, and waits until their status says that it was seen.
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import { Informer } from '../../../kubernetes/informer.ts';
import { MCP_SERVERS, type MCPServerObject } from '../../../reconciler/kinds.ts';
import { watching } from '../../support/watching.ts';
import type { Period } from './requests.ts';
import { createNamespaces, forEach, nameOf, serverNamed } from './servers.ts';

/** From when to when, and how long each MCPServer waited from its change until it was observed, in milliseconds, shortest first. */
export interface Round extends Period {
  readonly waitsMs: readonly number[];
}

const LIMIT_MS = 1_800_000;

/** A driver of `count` MCPServers. */
export class Driver {
  readonly #client: KubernetesClient;
  readonly #count: number;
  readonly #informer: Informer<MCPServerObject>;
  /** By name: when the present generation was asked for, and which it is. */
  readonly #asked = new Map<string, { readonly at: number; readonly generation: number }>();
  /** By name: which generation was observed, and when. */
  readonly #observed = new Map<string, { readonly at: number; readonly generation: number }>();

  constructor(client: KubernetesClient, count: number) {
    this.#client = client;
    this.#count = count;
    this.#informer = new Informer<MCPServerObject>({ client, type: MCP_SERVERS });
    this.#informer.onChange(({ object: { metadata, status } }) => {
      const generation = status?.observedGeneration ?? 0;
      const before = this.#observed.get(metadata.name)?.generation ?? 0;
      if (generation > before) this.#observed.set(metadata.name, { at: performance.now(), generation });
    });
  }

  /** Resolves to what ends it. */
  start(): Promise<() => Promise<void>> {
    return watching(this.#informer);
  }

  /** Those that are there already stay as they are. */
  async create(fleet?: string): Promise<Round> {
    await createNamespaces(this.#client, this.#count);
    return this.#round(async (name) => {
      const server = serverNamed(name, 1);
      try {
        return await this.#client.create(MCP_SERVERS, server);
      } catch (error) {
        if (!isApiError(error, 'AlreadyExists')) throw error;
        return this.#client.get<MCPServerObject>(MCP_SERVERS, server.metadata);
      }
    }, fleet);
  }

  /** One field of each, or several. */
  change(spec: object): Promise<Round> {
    return this.#round((name) => this.#client.patch(MCP_SERVERS, serverNamed(name, 1).metadata, { spec }));
  }

  async #round(send: (name: string) => Promise<MCPServerObject>, fleet?: string): Promise<Round> {
    const from = new Date();
    await forEach(this.#count, async (index) => {
      const at = performance.now();
      const { metadata: { name, generation } } = await send(nameOf(index, fleet));
      this.#asked.set(name, { at, generation });
    });
    for (const deadline = performance.now() + LIMIT_MS; ; await sleep(10)) {
      const waiting = [...this.#asked].filter(([name, { generation }]) => (this.#observed.get(name)?.generation ?? 0) < generation);
      if (waiting.length === 0) break;
      if (performance.now() > deadline) throw new Error(`${waiting.length} MCPServers are not observed: ${waiting.slice(0, 5).map(([name]) => name).join(', ')}`);
    }
    const to = new Date();
    const waitsMs = [...this.#asked].map(([name, { at }]) => (this.#observed.get(name)?.at ?? Infinity) - at).toSorted((a, b) => a - b);
    return { from, to, waitsMs };
  }
}
