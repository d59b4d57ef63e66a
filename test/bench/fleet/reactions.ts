// How soon a change of one MCPServer is in its Deployment: at rest, beside other changes, and while a fleet converges.
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { Informer } from '../../../kubernetes/informer.ts';
import { DEPLOYMENTS, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { MCP_SERVERS } from '../../../reconciler/kinds.ts';
import { watching } from '../../support/watching.ts';
import { nameOf, serverNamed } from './servers.ts';

interface Deployment extends KubernetesObject {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } } };
}

const LIMIT_MS = 120_000;
/** So many changes one after the other, and their distance. */
const SINGLE = { changes: 100, pauseMs: 50 };
/** Twenty changes a second. */
const MANY = { changes: 400, pauseMs: 50 };
/** How often one of the others is changed while a fleet converges. */
const BESIDE_MS = 100;

interface Change {
  readonly number: number;
  readonly seen: () => void;
}

/** Milliseconds of each change, shortest first. */
export type Waits = readonly number[];

/** Changes images of the first `count` MCPServers in turn. */
export class Reactions {
  readonly #client: KubernetesClient;
  readonly #count: number;
  readonly #informer: Informer<Deployment>;
  /** By name of the MCPServer: its changes that are not seen yet. A later one that is applied in the place of an earlier one does for both. */
  readonly #waiting = new Map<string, Set<Change>>();
  #changes = 0;

  constructor(client: KubernetesClient, count: number) {
    this.#client = client;
    this.#count = count;
    this.#informer = new Informer<Deployment>({ client, type: DEPLOYMENTS });
    this.#informer.onChange(({ object: { metadata, spec } }) => {
      const [, applied] = /changed-(\d+)$/.exec(spec.template.spec.containers[0]?.image ?? '') ?? [];
      for (const { number, seen } of this.#waiting.get(metadata.name) ?? []) if (number <= Number(applied)) seen();
    });
  }

  /** Resolves to what ends it. */
  start(): Promise<() => Promise<void>> {
    return watching(this.#informer);
  }

  /** One change at a time. */
  async alone(): Promise<Waits> {
    const waits: number[] = [];
    for (let change = 0; change < SINGLE.changes; change += 1) {
      waits.push(await this.#change());
      await sleep(SINGLE.pauseMs);
    }
    return sorted(waits);
  }

  /** Twenty a second, whether those before are done or not. */
  async together(): Promise<Waits> {
    const waits: Promise<number>[] = [];
    for (let change = 0; change < MANY.changes; change += 1) {
      waits.push(this.#change());
      await sleep(MANY.pauseMs);
    }
    return sorted(await Promise.all(waits));
  }

  /** One after the other for as long as `others` take. */
  async beside(others: Promise<unknown>): Promise<Waits> {
    const waits: Promise<number>[] = [];
    const isOver = others.then(() => true);
    while (!(await Promise.race([isOver, sleep(BESIDE_MS)]))) waits.push(this.#change());
    return sorted(await Promise.all(waits));
  }

  async #change(): Promise<number> {
    this.#changes += 1;
    const name = nameOf(this.#changes % this.#count);
    const { promise, resolve } = Promise.withResolvers<void>();
    const change = { number: this.#changes, seen: resolve };
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting.add(change));
    const from = performance.now();
    await this.#client.patch(MCP_SERVERS, serverNamed(name, 1).metadata, { spec: { image: `example.com/server:changed-${change.number}` } });
    const late = sleep(LIMIT_MS, undefined, { ref: false }).then(() => Promise.reject(new Error(`${name} is not changed after ${LIMIT_MS / 1000} s`)));
    await Promise.race([promise, late]);
    waiting.delete(change);
    return performance.now() - from;
  }
}

function sorted(waits: readonly number[]): Waits {
  return waits.toSorted((a, b) => a - b);
}
