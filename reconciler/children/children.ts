// Brings the children of each MCPServer to its spec, or waits where that was refused: what came of it, in the words of the status.
import type { ResolvedSpec } from '../../charts/api/spec.ts';
import type { Manifest } from '../../charts/render.ts';
import { DEPLOYMENTS } from '../../kubernetes/objects.ts';
import type { MCPServerObject } from '../kinds.ts';
import type { Known } from '../references/record.ts';
import { decide, type Decision } from '../references/token.ts';
import type { Clock } from '../runtime/clock.ts';
import { requestedDelayMs } from '../runtime/controller.ts';
import type { EventRecorder } from '../runtime/events.ts';
import type { RetryTable } from '../runtime/retry-table.ts';
import { observedAffinity } from '../status/sessions.ts';
import type { Obstacle } from '../status/situation.ts';
import type { View } from '../view/view.ts';
import { attemptOf } from './attempt.ts';
import { Child } from './child.ts';
import { converge, type Converged, type Wanted } from './converge.ts';
import { counted, type Ledger, type ReconcilingClient, type Write } from './counted-client.ts';
import { OutdatedError, type Fence } from './fence.ts';
import type { Memory } from './memory.ts';
import type { Plan } from './plan.ts';
import { refusal } from './refusals.ts';
import { suspended } from './suspension.ts';
import { nextWording } from './wordings.ts';
import { WriteConflicts } from './write-conflicts.ts';
import type { Control } from './write-child.ts';

export interface ChildrenOptions {
  readonly client: ReconcilingClient;
  readonly view: Pick<View, 'child' | 'childrenOf' | 'remember'>;
  readonly retries: RetryTable;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly clock: Clock;
  /** Told of every write for the MCPServer of a key. */
  readonly onWrite?: ((key: string, write: Write) => void) | undefined;
  /** Where several operators share a cluster. */
  readonly fence?: Fence | undefined;
}

/** An MCPServer whose spec is valid, and that stays. */
export interface Served {
  /** `namespace/name`. */
  readonly key: string;
  readonly server: MCPServerObject;
  readonly spec: ResolvedSpec;
  readonly plan: Plan;
  /** What is known of all that its pods refer to. */
  readonly known: readonly Known[];
  readonly memory: Memory;
}

/** What came of it; `error` where nobody knows what to make of it. */
export interface Outcome extends Omit<Converged, 'refusedDelete'> {
  readonly error?: unknown;
}

const NOTHING: Outcome = { strays: [] };
/** So often in a row an object may change under the operator's hands before the status speaks of it. */
const UNTOLD_RACES = 5;

/** The children of all MCPServers. */
export class Children {
  readonly #options: ChildrenOptions;
  readonly #conflicts: WriteConflicts;

  constructor(options: ChildrenOptions) {
    this.#options = options;
    this.#conflicts = new WriteConflicts(options.clock);
  }

  /** Sends nothing when nothing differs, and nothing while the same was refused and its time has not come. @throws ApiError Conflict and the like: look again. */
  async converge(served: Served, control: Control): Promise<Outcome> {
    const { view, retries } = this.#options;
    const { key, server, spec, plan: { children, references }, memory } = served;
    const { token, waitMs } = this.#decide(served);
    const affinity = observedAffinity(spec, server.status?.server?.sessions);
    const observed = { referenceToken: token, affinity, leastReplicas: spec.autoscaling?.minReplicas };
    const wanted: Wanted = { server, observed, children, references, matching: memory.matching, names: memory.names };
    const mayTry = retries.mayTry(key, () => attemptOf(view, wanted));
    const outcome = mayTry ? await this.#try(served, wanted, control) : (memory.failed ?? NOTHING);
    return { ...outcome, waitMs: earlier(waitMs, outcome.waitMs), error: mayTry ? outcome.error : undefined };
  }

  /** Leaves the children of an MCPServer alone. */
  leave(key: string, memory: Memory): Outcome {
    this.#options.retries.forget(key);
    memory.failed = memory.wording = undefined;
    return NOTHING;
  }

  /** What the Deployment is to carry about references. */
  #decide({ server, spec: { onReferenceChange }, plan, known, memory }: Served): Decision {
    const now = this.#options.clock.now();
    const live = this.#options.view.child(DEPLOYMENTS, server.metadata);
    const desired = (): Manifest | undefined => plan.children.find(({ type }) => type === DEPLOYMENTS)?.object(server);
    const pendingSince = memory.changedSinceMs ?? now;
    const decision = decide({ onReferenceChange, known, live, desired, pendingSince, now });
    memory.changedSinceMs = decision.waitMs === undefined ? undefined : pendingSince;
    return decision;
  }

  async #try({ key, server, spec, memory }: Served, wanted: Wanted, control: Control): Promise<Outcome> {
    const { view, events, onWrite, fence } = this.#options;
    const { signal, purpose } = control;
    const { namespace } = server.metadata;
    const before: Ledger['before'] = (type, { name }) => view.child(type, { namespace, name });
    const { client: counting, requests } = counted(this.#options.client, { before, onWrite: (write) => onWrite?.(key, write), purpose });
    const client = fence?.around(counting, server, signal) ?? counting;
    const failed = (outcome: Outcome, group: string | undefined): Outcome => {
      const attempt = attemptOf(view, wanted);
      this.#options.retries.failed(key, { attempt, group, requests: requests(), leastMs: requestedDelayMs(outcome.error) });
      memory.failed = outcome;
      return outcome;
    };
    try {
      const { refusedDelete, ...outcome }: Converged = spec.suspend
        ? { strays: [], obstacle: await suspended({ client, view, signal }, wanted) }
        : await converge({ client, view, events, conflicts: this.#conflicts, isShared: fence !== undefined }, wanted, control);
      memory.races = 0;
      const polled = polledWith(outcome.obstacle, key);
      if (polled !== undefined) return failed(outcome, polled);
      if (refusedDelete !== undefined) return failed(outcome, refusal(refusedDelete, key)?.group ?? key);
      this.#options.retries.passed(key);
      memory.failed = memory.wording = undefined;
      return outcome;
    } catch (error) {
      // Given up, because the operator stops, or the MCPServer is not what it was.
      if (signal.aborted || error instanceof OutdatedError) throw error;
      const { obstacle: found, group } = refusal(error, key) ?? race(memory, error);
      const { obstacle } = (memory.wording = nextWording(memory.wording, { attempt: attemptOf(view, wanted), group, obstacle: found }));
      const live = obstacle.reason === 'Retrying' && this.#isLive(wanted);
      const outcome = { strays: [], obstacle: live ? { ...obstacle, live } : obstacle };
      return failed(group === undefined ? { ...outcome, error } : outcome, group);
    }
  }

  /** Whether all that the spec leads to is there, as far as the caches know. */
  #isLive({ server, children, matching }: Wanted): boolean {
    const { view } = this.#options;
    return children.every((planned) => {
      const live = view.child(planned.type, { namespace: server.metadata.namespace, name: planned.name });
      return new Child(server, planned, live).isAsDesired(matching);
    });
  }
}

/** An object changed, came or went meanwhile: no matter for the status, unless it goes on and on. */
function race(memory: Memory, error: unknown): { readonly obstacle: Obstacle; readonly group: undefined } {
  memory.races += 1;
  if (memory.races <= UNTOLD_RACES) throw error;
  const message = `An object keeps changing while it is written, and is tried again: ${(error as Error).message}.`;
  return { obstacle: { reason: 'Retrying', message, stalled: false }, group: undefined };
}

/** Of what passes without an event that the operator sees: who is likely to pass at the same time. What the cluster lacks, all lack. */
function polledWith(obstacle: Obstacle | undefined, key: string): string | undefined {
  if (obstacle?.reason === 'NoImageVolume') return obstacle.reason;
  return obstacle?.reason === 'NameConflict' || obstacle?.reason === 'WaitingForDeletion' ? `${obstacle.reason}/${key}` : undefined;
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
