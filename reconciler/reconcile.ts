// What happens to one MCPServer: look what it refers to, converge its children, verify its pods, report in its status.
import { CONDITION_TYPES, type MCPServerStatus } from '../charts/api/status.ts';
import { hostHeader } from '../charts/service.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { isApiError } from '../kubernetes/errors.ts';
import { DEPLOYMENTS } from '../kubernetes/objects.ts';
import { announcements } from './status/announcements.ts';
import { conditionOf } from './status/conditions.ts';
import { Children, type Outcome } from './children/children.ts';
import { MCP_SERVERS, type DeploymentObject, type MCPServerObject } from './kinds.ts';
import { isOrphaning, ownership } from './children/ownership.ts';
import { findMissing } from './references/missing.ts';
import type { Look, References } from './references/references.ts';
import type { Clock } from './runtime/clock.ts';
import type { ReconcileContext, Result } from './runtime/controller.ts';
import type { EventRecorder } from './runtime/events.ts';
import type { RetryTable } from './runtime/retry-table.ts';
import { saysTheSame } from './status/same-status.ts';
import { servingPods } from './verification/serving-pods.ts';
import { configurationOf, type Configuration, type Situation } from './status/situation.ts';
import { statusOf } from './status/status.ts';
import { TemplateChanges } from './status/template-changes.ts';
import { Testimonies } from './verification/testimonies.ts';
import { verdict, type StoredVerdict } from './verification/verdict.ts';
import type { Verifier } from './verification/verifier.ts';
import type { ServerKey, View } from './view/view.ts';

/** Field manager of the status. */
export const STATUS_FIELD_MANAGER = 'mcp-operator-status';

/** What reconciling needs from outside. */
export interface ReconcilerDependencies {
  readonly client: KubernetesClient;
  readonly view: View;
  readonly verifier: Verifier;
  readonly references: References;
  readonly retries: RetryTable;
  /** For transitions only: a state that lasts is told by the status. */
  readonly events: Pick<EventRecorder, 'record'>;
  readonly clock: Clock;
}

/** The reconcile function of the controller: brings the MCPServer of a key to its spec and says in its status how it stands. */
export function createReconciler(dependencies: ReconcilerDependencies): (key: string, context: ReconcileContext) => Promise<Result> {
  const reconciler = new Reconciler(dependencies);
  return (key, context) => reconciler.reconcile(key, context);
}

/** An MCPServer in this reconcile. */
interface Subject {
  readonly key: string;
  readonly server: MCPServerObject;
  readonly configuration: Configuration;
  readonly look: Look | undefined;
}

const LEFT_ALONE: Outcome = { strays: [] };

class Reconciler {
  readonly #dependencies: ReconcilerDependencies;
  readonly #children: Children;
  readonly #templates = new TemplateChanges();
  readonly #testimonies = new Testimonies();
  readonly #endpoints = new Map<string, string>();

  constructor(dependencies: ReconcilerDependencies) {
    this.#dependencies = dependencies;
    this.#children = new Children(dependencies);
  }

  async reconcile(key: string, context: ReconcileContext): Promise<Result> {
    const { view, references, verifier } = this.#dependencies;
    const [namespace = '', name = ''] = key.split('/');
    const server = view.server({ namespace, name });
    if (server === undefined) return this.#forget(key);
    const configuration = configurationOf(server);
    const look = 'spec' in configuration ? references.follow(key, { ...server.metadata, ...configuration }) : undefined;
    if (look?.waitMs !== undefined) {
      verifier.retain(key, servingPods(view.podsOf(server.metadata)));
      return { requeueAfterMs: look.waitMs };
    }
    const subject = { key, server, configuration, look };
    const outcome = await this.#converge(subject, context);
    const status = statusOf(this.#observe(subject, outcome));
    await this.#write(server, status, context);
    return { requeueAfterMs: isToBeUsed(server, status) ? 0 : outcome.waitMs, error: outcome.error };
  }

  #forget(key: string): Result {
    const { verifier, references } = this.#dependencies;
    for (const memory of [verifier, references, this.#children, this.#templates, this.#testimonies]) memory.forget(key);
    this.#endpoints.delete(key);
    return {};
  }

  /** Leaves the children of an invalid or disappearing MCPServer alone. */
  async #converge({ key, server, configuration, look = { known: [] } }: Subject, context: ReconcileContext): Promise<Outcome> {
    if (server.metadata.deletionTimestamp === undefined && 'spec' in configuration) {
      return this.#children.converge({ key, server, look, ...configuration }, context);
    }
    this.#children.forget(key);
    return LEFT_ALONE;
  }

  #observe(subject: Subject, { obstacle, strays }: Outcome): Situation {
    const { view, clock } = this.#dependencies;
    const { key, server, configuration, look } = subject;
    const pods = view.podsOf(server.metadata);
    const ref: ServerKey = server.metadata;
    const found = view.child(DEPLOYMENTS, ref);
    const deployment = found && ownership(found, server).kind === 'owned' ? (found as DeploymentObject) : undefined;
    const now = clock.wall();
    return {
      server,
      configuration,
      obstacle,
      strays,
      deployment,
      templateSince: deployment && this.#templates.note(key, deployment, now),
      references: look && findMissing(look.known, { namespace: ref.namespace, pods }),
      pods,
      hasReadyEndpoint: view.hasReadyEndpoint(ref),
      detached: isOrphaning(server) && isDetached(view, server),
      ...this.#verify(subject, obstacle),
      lastEndpoint: this.#endpoints.get(key),
      now,
    };
  }

  /** Asks the pods that serve now, and judges by what is known of them. With an invalid spec nobody is asked. */
  #verify({ key, server, configuration }: Subject, obstacle: Outcome['obstacle']): Pick<Situation, 'verdict' | 'witnessed'> {
    const { view, verifier } = this.#dependencies;
    const pods = servingPods(view.podsOf(server.metadata));
    if (!('spec' in configuration)) {
      verifier.forget(key);
      return { witnessed: this.#testimonies.stands(key, pods) };
    }
    const { spec } = configuration;
    if (spec.transport === 'stdio' || spec.verification.mode === 'Off' || obstacle?.reason === 'NameConflict') {
      verifier.forget(key);
      this.#testimonies.forget(key);
      return {};
    }
    const probes = verifier.observe(key, {
      pods,
      path: spec.path,
      host: hostHeader({ ...server.metadata, spec }),
      intervalSeconds: spec.verification.intervalSeconds,
      timeoutSeconds: spec.verification.timeoutSeconds,
      verifiedBefore: conditionOf(server.status, 'Verified')?.status === 'True',
      guard: { tls: spec.tls, credentialsSecretRef: spec.verification.credentialsSecretRef, header: spec.verification.header },
    });
    const asked = new Set(probes.filter(({ latest, inherited }) => latest !== undefined || inherited).map(({ pod }) => pod));
    this.#testimonies.give(key, pods.filter(({ name }) => asked.has(name)));
    return { verdict: verdict(probes, storedVerdict(server)) };
  }

  /** Writes nothing that the status says already. */
  async #write(server: MCPServerObject, status: MCPServerStatus, { signal, log }: ReconcileContext): Promise<void> {
    const { client, view, events } = this.#dependencies;
    if (saysTheSame(status, ownPart(server.status))) return;
    const { name, namespace, uid } = server.metadata;
    const body = { metadata: { name, namespace, uid }, status };
    try {
      const written = await client.apply<MCPServerObject>(MCP_SERVERS, body, { fieldManager: STATUS_FIELD_MANAGER, force: true, subresource: 'status', signal });
      view.remember(MCP_SERVERS, written);
    } catch (error) {
      if (hasGone(error)) return;
      throw error;
    }
    if (status.endpoint !== undefined) this.#endpoints.set(`${namespace}/${name}`, status.endpoint);
    for (const event of announcements(server.status, status)) events.record(server, event);
    const [before, after] = [conditionOf(server.status, 'Ready'), conditionOf(status, 'Ready')];
    if (after !== undefined && (before?.status !== after.status || before.reason !== after.reason)) {
      log.info({ ready: after.status, reason: after.reason, generation: status.observedGeneration }, after.message);
    }
  }
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
