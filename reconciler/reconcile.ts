// What happens to one MCPServer: plan, converge its children, verify its pods, report in its status.
import { CONDITION_TYPES, type MCPServerStatus } from '../charts/api/status.ts';
import type { ResolvedSpec } from '../charts/api/spec.ts';
import { isBridged, servesHttp } from '../charts/server.ts';
import { resolveSettings, type RenderSettings } from '../charts/settings.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { isApiError } from '../kubernetes/errors.ts';
import { HORIZONTAL_POD_AUTOSCALERS } from '../kubernetes/objects.ts';
import { BridgeTurns } from './children/bridge-turns.ts';
import { Children, type Outcome } from './children/children.ts';
import { counted, type Ledger, type Write } from './children/counted-client.ts';
import { heedConflict, unlessOutdated, type Fence } from './children/fence.ts';
import { Memory } from './children/memory.ts';
import { ownChild, ownDeployment, withDeployments } from './children/own-children.ts';
import { isOrphaning, ownership } from './children/ownership.ts';
import { Plans, type Plan } from './children/plan.ts';
import { STATUS_FIELD_MANAGER } from './compare/our-fields.ts';
import { MCP_SERVERS, type MCPServerObject, type PodObject } from './kinds.ts';
import { findMissing } from './references/missing.ts';
import type { Known } from './references/record.ts';
import type { References } from './references/references.ts';
import type { Clock } from './runtime/clock.ts';
import type { ReconcileContext, Result } from './runtime/controller.ts';
import type { EventRecorder } from './runtime/events.ts';
import type { RetryTable } from './runtime/retry-table.ts';
import { announcements } from './status/announcements.ts';
import { conditionOf } from './status/conditions.ts';
import { nextLookMs, soonest } from './status/next-look.ts';
import { questionOf } from './status/question.ts';
import { saysTheSame } from './status/same-status.ts';
import type { LastWords } from './status/trouble.ts';
import { lastWordsIn, type Situation } from './status/situation.ts';
import { statusOf } from './status/status.ts';
import { unstartedOf } from './status/unstarted.ts';
import { longWaiting, standOf } from './status/waiting-containers.ts';
import type { Observation } from './verification/observation.ts';
import { existingContainers, servingPods, startingPods } from './verification/serving-pods.ts';
import { verdict, type StoredVerdict } from './verification/verdict.ts';
import type { Verifier } from './verification/verifier.ts';
import { PodEvents } from './view/pod-events.ts';
import type { View } from './view/view.ts';

/** What reconciling needs from outside. */
export interface ReconcilerDependencies {
  readonly client: KubernetesClient;
  readonly view: View;
  readonly verifier: Verifier;
  /** Asks the pods of stdio servers that are not ready why. */
  readonly starts: Verifier;
  readonly references: References;
  readonly retries: RetryTable;
  /** For transitions only: a state that lasts is told by the status. */
  readonly events: Pick<EventRecorder, 'record'>;
  readonly clock: Clock;
  /** Where several operators share a cluster. */
  readonly fence?: Fence | undefined;
  /** What the installation says about rendering. */
  readonly settings?: Partial<RenderSettings> | undefined;
  /** Has an MCPServer reconciled that waited for its turn. */
  readonly onTurn: (key: string) => void;
  /** Told of every write for the MCPServer of a key. */
  readonly onWrite?: ((key: string, write: Write) => void) | undefined;
  /** Whether what containers said before they ended is quoted, where the MCPServer lets that be. Default: Show. */
  readonly lastWords?: LastWords | undefined;
}

/** The reconcile function of the controller: brings the MCPServer of a key to its spec and says in its status how it stands. */
export function createReconciler(dependencies: ReconcilerDependencies): (key: string, context: ReconcileContext) => Promise<Result> {
  const reconciler = new Reconciler(dependencies);
  return (key, context) => unlessOutdated(() => reconciler.reconcile(key, context), (why) => context.log.debug({ why }, 'looking again'));
}

/** An MCPServer in this reconcile. */
interface Subject {
  /** `namespace/name`. */
  readonly key: string;
  readonly server: MCPServerObject;
  readonly plan: Plan;
  /** What is known of what its pods refer to. */
  readonly known: readonly Known[];
  readonly memory: Memory;
}

/** What its pods say of it. */
type Verification = Pick<Situation, 'verdict' | 'witnessed' | 'unstarted'>;

/** A server that does not start is asked so often why, so that another reason is told soon; it becomes ready without being asked. */
const START_INTERVAL_SECONDS = 30;

/** Pods that may be starting, and what they are asked. */
interface Starts {
  readonly spec: ResolvedSpec;
  readonly question: Omit<Observation, 'pods'>;
  readonly all: readonly PodObject[];
}

class Reconciler {
  readonly #dependencies: ReconcilerDependencies;
  readonly #children: Children;
  readonly #podEvents: PodEvents;
  readonly #plans = new Plans();
  readonly #turns: BridgeTurns;
  readonly #memories = new Map<string, Memory>();

  constructor(dependencies: ReconcilerDependencies) {
    this.#dependencies = dependencies;
    const { settings, view, onTurn } = dependencies;
    this.#turns = new BridgeTurns({ settings: resolveSettings(settings), all: () => withDeployments(view), onTurn });
    this.#children = new Children(dependencies);
    this.#podEvents = new PodEvents(dependencies);
  }

  async reconcile(key: string, context: ReconcileContext): Promise<Result> {
    const { view, references, verifier, starts, clock } = this.#dependencies;
    const server = view.serverOf(key);
    if (server === undefined) return this.#forget(key);
    const memory = this.#memoryOf(key, server);
    const restMs = memory.restsUntilMs - clock.now();
    if (restMs > 0) return { requeueAfterMs: restMs };
    const bridged = { server, deployment: ownDeployment(view, server) };
    const plan = memory.plan(server, this.#plans, this.#turns.settingsOf(key, bridged));
    const { known, waitMs } = references.follow(key, plan.references);
    if (waitMs !== undefined) {
      verifier.retain(key, servingPods(view.podsOf(server.metadata)));
      starts.retain(key, startingPods(view.podsOf(server.metadata)));
      return { requeueAfterMs: waitMs };
    }
    const subject = { key, server, plan, known, memory };
    const outcome = await this.#converge(subject, context);
    const verification = this.#verify(subject, outcome);
    const situation = this.#situation(subject, outcome, verification);
    const words = await this.#wordsOf(situation, context.signal);
    const status = statusOf({ ...situation, words });
    await this.#report(subject, status, context);
    const lookMs = soonest(outcome.waitMs, nextLookMs(situation));
    return { requeueAfterMs: isToBeUsed(server, status) ? 0 : lookMs, error: outcome.error };
  }

  #memoryOf(key: string, server: MCPServerObject): Memory {
    const { uid } = server.metadata;
    const known = this.#memories.get(key);
    if (known?.uid === uid) return known;
    if (known !== undefined) this.#forget(key);
    const memory = new Memory(uid, this.#dependencies.fence?.restsUntilMs(server));
    this.#memories.set(key, memory);
    return memory;
  }

  /** The one place where an MCPServer that is gone is forgotten. */
  #forget(key: string): Result {
    const { verifier, starts, references, retries } = this.#dependencies;
    this.#memories.get(key)?.forget(this.#plans);
    this.#memories.delete(key);
    for (const other of [verifier, starts, references, retries, this.#turns]) other.forget(key);
    return {};
  }

  /** Leaves the children of an invalid or disappearing MCPServer alone. */
  async #converge({ plan, ...subject }: Subject, context: ReconcileContext): Promise<Outcome> {
    const { configuration } = plan;
    const isLeft = subject.server.metadata.deletionTimestamp !== undefined || !('spec' in configuration);
    if (isLeft) return this.#children.leave(subject.key, subject.memory);
    return this.#children.converge({ ...subject, plan, spec: configuration.spec }, context);
  }

  /** Asks the pods that serve now, and judges by what is known of them. With an invalid spec nobody is asked. */
  #verify({ key, server, plan: { configuration }, memory: { testimony } }: Subject, { obstacle }: Outcome): Verification {
    const { view, verifier, starts } = this.#dependencies;
    const all = view.podsOf(server.metadata);
    const pods = servingPods(all);
    if (!('spec' in configuration)) {
      for (const each of [verifier, starts]) each.forget(key);
      return { witnessed: testimony.stands(pods) };
    }
    const { spec } = configuration;
    if (!isToBeAsked(spec) || obstacle?.reason === 'NameConflict') {
      for (const each of [verifier, starts]) each.forget(key);
      testimony.give([]);
      return {};
    }
    const question = questionOf(server, spec, this.#dependencies.lastWords ?? 'Show');
    const probes = verifier.follow(key, { ...question, pods, existing: existingContainers(all) });
    const unstarted = this.#followStarts(key, server, { spec, question, all });
    const asked = new Set(probes.filter(({ latest, inherited }) => latest !== undefined || inherited).map(({ pod }) => pod));
    testimony.give(pods.filter(({ name }) => asked.has(name)));
    return { verdict: verdict(probes, storedVerdict(server), verifier.introduction(key)), unstarted };
  }

  /** Asks the pods of a stdio server that are not ready. */
  #followStarts(key: string, server: MCPServerObject, { spec, question, all }: Starts): Verification['unstarted'] {
    const { starts } = this.#dependencies;
    if (!isBridged(spec)) {
      starts.forget(key);
      return undefined;
    }
    const observation = { ...question, pods: startingPods(all), intervalSeconds: START_INTERVAL_SECONDS, verifiedBefore: false };
    return unstartedOf(starts.follow(key, observation), storedVerdict(server));
  }

  #situation({ server, plan, known, memory }: Subject, { obstacle, strays }: Outcome, verification: Verification): Situation {
    const { view, clock, lastWords = 'Show' } = this.#dependencies;
    const pods = view.podsOf(server.metadata);
    const deployment = ownDeployment(view, server);
    const now = clock.wall();
    const { configuration } = plan;
    return {
      server,
      configuration,
      obstacle,
      strays,
      deployment,
      autoscaler: ownChild(view, HORIZONTAL_POD_AUTOSCALERS, server),
      templateSince: deployment && memory.templates.note(deployment, now),
      references: 'spec' in configuration ? findMissing(known, { namespace: server.metadata.namespace, pods }) : undefined,
      pods,
      lastWords: lastWordsIn(server.spec, lastWords),
      hasReadyEndpoint: view.hasReadyEndpoint(server.metadata),
      detached: isOrphaning(server) && isDetached(view, server),
      ...verification,
      lastEndpoint: memory.endpoint,
      now,
    };
  }

  /** What the events of the pod say that has waited for long, by its uid. */
  async #wordsOf({ pods, now }: Situation, signal: AbortSignal): Promise<Situation['words']> {
    const pod = longWaiting(pods, now)[0];
    return pod && new Map([[pod.metadata.uid ?? '', await this.#podEvents.wordsOf(pod.metadata, standOf(pod), signal)]]);
  }

  /** Writes nothing that the status says already. */
  async #report({ key, server, memory }: Subject, status: MCPServerStatus, context: ReconcileContext): Promise<void> {
    const { view, events, onWrite, fence } = this.#dependencies;
    memory.endpoint = status.endpoint ?? memory.endpoint;
    if (saysTheSame(status, ownPart(server.status))) return;
    const { name, namespace, uid, resourceVersion } = server.metadata;
    const body = { metadata: { name, namespace, uid, ...(fence && { resourceVersion }) }, status };
    const ledger: Ledger = { before: () => server, onWrite: (write) => onWrite?.(key, write), purpose: context.purpose };
    const { client } = counted(this.#dependencies.client, ledger);
    const options = { fieldManager: STATUS_FIELD_MANAGER, force: true, subresource: 'status', signal: context.signal };
    try {
      view.remember(MCP_SERVERS, await client.apply<MCPServerObject>(MCP_SERVERS, body, options));
    } catch (error) {
      if (fence !== undefined) heedConflict(error);
      if (hasGone(error)) return;
      throw error;
    }
    for (const event of announcements(server.status, status)) events.record(server, event);
    const [before, after] = [conditionOf(server.status, 'Ready'), conditionOf(status, 'Ready')];
    if (after !== undefined && (before?.status !== after.status || before.reason !== after.reason)) {
      context.log.info({ ready: after.status, reason: after.reason, generation: status.observedGeneration }, after.message);
    }
  }
}

function isToBeAsked(spec: ResolvedSpec): boolean {
  return servesHttp(spec) && spec.verification.mode !== 'Off';
}

/** Whether the status says something new that decides about children: a write of its own calls for no other reconcile. */
function isToBeUsed(server: MCPServerObject, status: MCPServerStatus): boolean {
  return server.status?.server?.sessions !== status.server?.sessions;
}

/** The MCPServer is gone, or another one has taken its name: there is nobody left to report to. */
function hasGone(error: unknown): boolean {
  return isApiError(error, 'NotFound', 'Conflict') || (isApiError(error, 'Invalid') && error.message.includes('metadata.uid'));
}

function isDetached(view: View, server: MCPServerObject): boolean {
  return view.childrenOf(server.metadata).every(({ object }) => {
    const owner = ownership(object, server);
    return owner.kind !== 'owned' || !owner.attached;
  });
}

function storedVerdict({ metadata, status }: MCPServerObject): StoredVerdict | undefined {
  const [verified, available] = [conditionOf(status, 'Verified'), conditionOf(status, 'Available')];
  if (verified === undefined || available === undefined) return undefined;
  return { verified, available: available.status, current: status?.observedGeneration === metadata.generation };
}

/** The status without conditions of other controllers: those are not the operator's to judge or to remove. */
function ownPart(status: MCPServerStatus | undefined): MCPServerStatus | undefined {
  const own: readonly string[] = CONDITION_TYPES;
  return status?.conditions && { ...status, conditions: status.conditions.filter(({ type }) => own.includes(type)) };
}
