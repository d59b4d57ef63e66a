// Brings the children of each MCPServer to its spec, or waits where that was refused: what came of it, in the words of the status.
import type { Logger } from 'pino';
import type { ResolvedSpec } from '../../charts/api/spec.ts';
import type { Manifest } from '../../charts/render.ts';
import { DEPLOYMENTS } from '../../kubernetes/objects.ts';
import { attemptOf } from './attempt.ts';
import { isAsDesired } from './child.ts';
import { convergeChildren, type Converged } from './converge.ts';
import { counted, type ReconcilingClient } from './counted-client.ts';
import { childType, type MCPServerObject } from '../kinds.ts';
import type { ObservedState } from './overlay.ts';
import { ownership, withOwner } from './ownership.ts';
import { refusal } from './refusals.ts';
import type { Look, References } from '../references/references.ts';
import type { Clock } from '../runtime/clock.ts';
import { requestedDelayMs } from '../runtime/controller.ts';
import type { EventRecorder } from '../runtime/events.ts';
import type { RetryTable } from '../runtime/retry-table.ts';
import { observedAffinity } from '../status/sessions.ts';
import type { Obstacle } from '../status/situation.ts';
import { suspendedChildren } from './suspension.ts';
import type { View } from '../view/view.ts';
import { WriteConflicts } from './write-conflicts.ts';

export interface ChildrenOptions {
  readonly client: ReconcilingClient;
  readonly view: Pick<View, 'child' | 'childrenOf' | 'remember'>;
  readonly references: Pick<References, 'decide'>;
  readonly retries: RetryTable;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly clock: Clock;
}

/** An MCPServer whose spec is valid, and that stays. */
export interface Wanted {
  readonly key: string;
  readonly server: MCPServerObject;
  readonly spec: ResolvedSpec;
  readonly manifests: readonly Manifest[];
  readonly look: Look;
}

/** What came of it; `error` where nobody knows what to make of it. */
export interface Outcome extends Omit<Converged, 'refusedDelete'> {
  readonly error?: unknown;
}

interface Control {
  readonly signal: AbortSignal;
  readonly log: Logger;
}

const NOTHING: Outcome = { strays: [] };
/** So often in a row an object may change under the operator's hands before the status speaks of it. */
const UNTOLD_RACES = 5;

/** The children of all MCPServers; keys are `namespace/name`. */
export class Children {
  readonly #options: ChildrenOptions;
  readonly #conflicts: WriteConflicts;
  /** What failed and waits to be tried again. */
  readonly #standing = new Map<string, Outcome>();
  readonly #races = new Map<string, number>();

  constructor(options: ChildrenOptions) {
    this.#options = options;
    this.#conflicts = new WriteConflicts(options.clock);
  }

  /** Sends nothing when nothing differs, and nothing while the same was refused and its time has not come. @throws ApiError Conflict and the like: look again. */
  async converge(wanted: Wanted, control: Control): Promise<Outcome> {
    const { view, references, retries } = this.#options;
    const { key, server, spec, manifests, look } = wanted;
    const { onReferenceChange, autoscaling } = spec;
    const [live, desired] = [view.child(DEPLOYMENTS, server.metadata), manifests.find(({ kind }) => kind === DEPLOYMENTS.kind)];
    const { token, waitMs } = references.decide(key, { onReferenceChange, known: look.known, live, desired });
    const affinity = observedAffinity(spec, server.status?.server?.sessions);
    const observed: ObservedState = { referenceToken: token, affinity, leastReplicas: autoscaling?.minReplicas };
    const mayTry = retries.mayTry(key, () => attemptOf(view, server, { manifests, observed }));
    const outcome = mayTry ? await this.#try(wanted, observed, control) : (this.#standing.get(key) ?? NOTHING);
    return { ...outcome, waitMs: earlier(waitMs, outcome.waitMs), error: mayTry ? outcome.error : undefined };
  }

  /** Forgets an MCPServer that is gone, or is left alone. */
  forget(key: string): void {
    this.#options.retries.forget(key);
    this.#standing.delete(key);
    this.#races.delete(key);
  }

  async #try(wanted: Wanted, observed: ObservedState, { signal, log }: Control): Promise<Outcome> {
    const { view, events } = this.#options;
    const { key, server, spec, manifests } = wanted;
    const { client, requests } = counted(this.#options.client);
    const failed = (outcome: Outcome, group: string | undefined): Outcome => {
      const attempt = attemptOf(view, server, { manifests, observed });
      this.#options.retries.failed(key, { attempt, group, requests: requests(), leastMs: requestedDelayMs(outcome.error) });
      this.#standing.set(key, outcome);
      return outcome;
    };
    try {
      const { refusedDelete, ...outcome } = spec.suspend
        ? { strays: [], obstacle: await suspendedChildren({ client, view, server, signal }, manifests) }
        : await convergeChildren({ client, view, events, conflicts: this.#conflicts, server, observed, signal, log }, manifests);
      this.#races.delete(key);
      if (isPolled(outcome.obstacle)) return failed(outcome, `${outcome.obstacle.reason}/${key}`);
      if (refusedDelete !== undefined) return failed(outcome, refusal(refusedDelete, key)?.group ?? key);
      this.#options.retries.passed(key);
      this.#standing.delete(key);
      return outcome;
    } catch (error) {
      // Given up, because the operator stops.
      if (signal.aborted) throw error;
      const { obstacle, group } = refusal(error, key) ?? this.#race(key, error);
      const live = obstacle.reason === 'Retrying' && this.#isLive(wanted);
      const outcome = { strays: [], obstacle: live ? { ...obstacle, live } : obstacle };
      return failed(group === undefined ? { ...outcome, error } : outcome, group);
    }
  }

  /** An object changed, came or went meanwhile: no matter for the status, unless it goes on and on. */
  #race(key: string, error: unknown): { readonly obstacle: Obstacle; readonly group: undefined } {
    const races = (this.#races.get(key) ?? 0) + 1;
    this.#races.set(key, races);
    if (races <= UNTOLD_RACES) throw error;
    const message = `An object keeps changing while it is written, and is tried again: ${(error as Error).message}.`;
    return { obstacle: { reason: 'Retrying', message, stalled: false }, group: undefined };
  }

  /** Whether all that the spec leads to is there, as far as the caches know. */
  #isLive({ server, manifests }: Wanted): boolean {
    return manifests.every((manifest) => {
      const type = childType(manifest);
      const live = this.#options.view.child(type, { namespace: server.metadata.namespace, name: manifest.metadata.name });
      return live !== undefined && isAsDesired({ type, desired: withOwner(manifest, server), live, ownership: ownership(live, server) }, server);
    });
  }
}

/** What passes without an event that the operator sees. */
function isPolled(obstacle: Obstacle | undefined): obstacle is Obstacle {
  return obstacle?.reason === 'NameConflict' || obstacle?.reason === 'WaitingForDeletion';
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
