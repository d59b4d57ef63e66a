// The rows of all MCPServers that are shown, kept current, and what changed of them.
import { MCP_SERVERS, type MCPServerObject } from '../../kinds.ts';
import { keyOf, rowOf } from './row.ts';
import type { Row } from './told.ts';
import { Watched, type Watching } from './watched.ts';

/** What changed, by keys. */
export interface FleetChange {
  /** Of which the row is not what it was, or is gone. */
  readonly rows: readonly string[];
  /** Of which anything may be another. */
  readonly touched: ReadonlySet<string>;
}

export type FleetOptions = Pick<Watching<MCPServerObject>, 'client' | 'namespace' | 'link'>;

/** How often it is looked whether time alone changed a row: one that no operator looked at says so after a while. */
const LOOK_MS = 5000;

/** All of them, as rows. */
export class Fleet {
  readonly #watched: Watched<MCPServerObject>;
  readonly #rows = new Map<string, Row>();
  readonly #listeners = new Set<(change: FleetChange) => void>();

  constructor(options: FleetOptions) {
    this.#watched = new Watched<MCPServerObject>({
      ...options,
      type: MCP_SERVERS,
      keep: kept,
      onChange: (keys) => this.#refresh(keys ?? [...this.#rows.keys(), ...this.#keys()]),
    });
  }

  /** Follows until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const timer = setInterval(() => this.#look(), LOOK_MS);
    await this.#watched.run(signal);
    clearInterval(timer);
  }

  /** Whether it is known which there are. */
  get isKnown(): boolean {
    return this.#watched.isKnown;
  }

  rows(): Row[] {
    return [...this.#rows.values()];
  }

  row(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  /** The MCPServer itself. */
  get(key: string): MCPServerObject | undefined {
    return this.#watched.get(key);
  }

  /** Calls back with each change; the result ends that. */
  onChange(listener: (change: FleetChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #refresh(keys: Iterable<string>): void {
    const now = new Date();
    const touched = new Set(keys);
    const rows = [...touched].filter((key) => {
      const server = this.#watched.get(key);
      const before = this.#rows.get(key);
      if (server === undefined) return this.#rows.delete(key);
      const row = rowOf(server, now);
      this.#rows.set(key, row);
      return before === undefined || JSON.stringify(before) !== JSON.stringify(row);
    });
    for (const listener of this.#listeners) listener({ rows, touched });
  }

  #look(): void {
    const waiting = this.#keys().filter((key) => {
      const { metadata, status } = this.#watched.get(key) ?? {};
      return metadata !== undefined && (status?.observedGeneration ?? -1) < metadata.generation;
    });
    if (waiting.length > 0) this.#refresh(waiting);
  }

  #keys(): string[] {
    return Array.from(this.#watched.list(), ({ metadata }) => keyOf(metadata));
  }
}

/** When it was changed is all that is read of whose fields are whose. */
function kept(server: MCPServerObject): MCPServerObject {
  const { managedFields = [], ...metadata } = server.metadata;
  const times = managedFields.map(({ fieldsV1: _fields, ...rest }) => rest);
  return { ...server, metadata: { ...metadata, managedFields: times } };
}
