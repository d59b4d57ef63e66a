// Where several operators share a cluster by labels: one from which an MCPServer went to another writes nothing over what that one wrote.
import { matchesLabels, parseLabelSelector, type LabelSelector } from '../../charts/operator/label-selector.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { KubernetesObject, ObjectReference } from '../../kubernetes/objects.ts';
import { MCP_SERVERS, type MCPServerObject } from '../kinds.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Result } from '../runtime/controller.ts';
import type { ReconcilingClient } from './counted-client.ts';

export interface FenceOptions {
  /** Whose MCPServers are this operator's. */
  readonly labelSelector: string;
  readonly clock: Pick<Clock, 'now'>;
}

/** For so long after a look nothing else is asked: what is sent in that time has arrived before another operator begins. */
const LOOK_HOLDS_MS = 1000;
/** So long an operator waits before its first work on an MCPServer that another one may have worked on until now. */
const HAND_OVER_MS = 2000;
/** After a wait there is no other one for so long. */
const RESTED_MS = 15_000;
/** Until the watch has brought the news, it is looked again so often. */
const NEWS_MS = 2000;

/** What this operator knows of an MCPServer is no longer so: it went to another one, goes, or has another spec. Nothing was written. */
export class OutdatedError extends Error {
  override readonly name = 'OutdatedError';
}

/** Guards what this operator writes. */
export class Fence {
  readonly #clock: FenceOptions['clock'];
  readonly #selector: LabelSelector;
  /** When the wait for an MCPServer is over or was, by uid; the oldest first. */
  readonly #rests = new Map<string, number>();

  constructor({ labelSelector, clock }: FenceOptions) {
    this.#clock = clock;
    this.#selector = parseLabelSelector(labelSelector);
  }

  /**
   * When work on an MCPServer may begin that has just come to this operator: of one that none has worked on, at once; of one that
   * comes and goes, by the time it came first, or it would wait for as long as it does so.
   */
  restsUntilMs({ metadata: { uid }, status }: MCPServerObject): number {
    if ((status?.observedGeneration ?? -1) < 0) return 0;
    const nowMs = this.#clock.now();
    for (const [other, endMs] of this.#rests) {
      if (nowMs - endMs <= RESTED_MS) break;
      this.#rests.delete(other);
    }
    const untilMs = this.#rests.get(uid) ?? nowMs + HAND_OVER_MS;
    this.#rests.set(uid, untilMs);
    return untilMs;
  }

  /**
   * A client for one reconcile that asks the API server, before it writes, whether the MCPServer is still this operator's and of this
   * generation: a watch may stand still while others go on. Rejects with what `unlessOutdated` knows where it is not.
   */
  around(client: ReconcilingClient, server: MCPServerObject, signal: AbortSignal): ReconcilingClient {
    let lookedMs = -Infinity;
    const look = async (): Promise<void> => {
      const nowMs = this.#clock.now();
      if (nowMs - lookedMs < LOOK_HOLDS_MS) return;
      await this.#look(client, server, signal);
      lookedMs = nowMs;
    };
    const guarded = <Call extends (...args: never[]) => Promise<unknown>>(write: Call): Call =>
      (async (...args: Parameters<Call>) => {
        await look();
        return write.apply(client, args);
      }) as Call;
    return { get: client.get.bind(client), apply: guarded(client.apply), patch: guarded(client.patch), delete: guarded(client.delete) };
  }

  async #look(client: ReconcilingClient, { metadata }: MCPServerObject, signal: AbortSignal): Promise<void> {
    const { uid, generation } = metadata;
    const now = await present(client, metadata, signal);
    if (now?.uid !== uid) throw new OutdatedError('it is gone');
    if (!matchesLabels(this.#selector, now?.labels)) throw new OutdatedError('it is no longer of this operator');
    if (now?.generation !== generation || now?.deletionTimestamp !== undefined) throw new OutdatedError('it was changed meanwhile');
  }
}

/** As etcd has it, which a list would wait for. */
async function present(client: ReconcilingClient, ref: ObjectReference, signal: AbortSignal): Promise<KubernetesObject['metadata'] | undefined> {
  try {
    return (await client.get(MCP_SERVERS, ref, { signal })).metadata;
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** What became of a status that is written to the MCPServer that was judged alone. @throws OutdatedError where that one has changed. */
export function heedConflict(error: unknown): void {
  if (isApiError(error, 'Conflict')) throw new OutdatedError('it was changed while its status was judged');
}

/** Ends a reconcile quietly that worked on what is no longer so: the watch is about to bring the news, if it is still this operator's. */
export async function unlessOutdated(reconcile: () => Promise<Result>, told: (why: string) => void): Promise<Result> {
  try {
    return await reconcile();
  } catch (error) {
    if (!(error instanceof OutdatedError)) throw error;
    told(error.message);
    return { requeueAfterMs: NEWS_MS };
  }
}
