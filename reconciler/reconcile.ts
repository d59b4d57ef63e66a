// What happens to one MCPServer: get, validate, render, apply what differs, observe, report.
import { isDeepStrictEqual } from 'node:util';
import { CONDITION_TYPES, type MCPServerStatus } from '../charts/api/status.ts';
import { render, type Manifest } from '../charts/render.ts';
import { hostHeader } from '../charts/service.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { isApiError } from '../kubernetes/errors.ts';
import { DEPLOYMENTS } from '../kubernetes/objects.ts';
import { announcements } from './announcements.ts';
import { conditionOf } from './conditions.ts';
import { convergeChildren, type ChildrenContext } from './children.ts';
import { MCP_SERVERS, type DeploymentObject, type MCPServerObject } from './kinds.ts';
import { isOrphaning, ownership } from './ownership.ts';
import { findMissing } from './references/missing.ts';
import type { Look, References } from './references/references.ts';
import { refusal } from './refusals.ts';
import type { Clock } from './runtime/clock.ts';
import type { ReconcileContext, Result } from './runtime/controller.ts';
import type { EventRecorder } from './runtime/events.ts';
import { observedAffinity } from './sessions.ts';
import { servingPods } from './serving-pods.ts';
import { configurationOf, type Configuration, type Obstacle } from './situation.ts';
import { statusOf } from './status.ts';
import { suspendedChildren } from './suspension.ts';
import { TemplateChanges } from './template-changes.ts';
import { verdict, type StoredVerdict, type Verdict } from './verification/verdict.ts';
import type { Verifier } from './verification/verifier.ts';
import type { ServerKey, View } from './view.ts';
import { WriteConflicts } from './write-conflicts.ts';

/** Field manager of the status. */
export const STATUS_FIELD_MANAGER = 'mcp-operator-status';
/** An obstacle may pass without an event the operator sees: look again soon at first, and ever more rarely. */
const OBSTACLE_RETRY_MS = { least: 1000, most: 30_000 };

/** What reconciling needs from outside. */
export interface ReconcilerDependencies {
  readonly client: KubernetesClient;
  readonly view: View;
  readonly verifier: Verifier;
  readonly references: References;
  /** For transitions only: a state that lasts is told by the status. */
  readonly events: Pick<EventRecorder, 'record'>;
  readonly clock: Clock;
}

/** The reconcile function of the controller: brings the MCPServer of a key to its spec and says in its status how it stands. */
export function createReconciler(dependencies: ReconcilerDependencies): (key: string, context: ReconcileContext) => Promise<Result> {
  const conflicts = new WriteConflicts(dependencies.clock);
  const templates = new TemplateChanges();
  return async (key, context) => {
    const { view, verifier, references } = dependencies;
    const [namespace = '', name = ''] = key.split('/');
    const server = view.server({ namespace, name });
    if (server === undefined) {
      verifier.forget(key);
      references.forget(key);
      templates.forget(key);
      return {};
    }
    const configuration = configurationOf(server);
    const look = 'spec' in configuration ? references.look(key, { ...server.metadata, ...configuration }) : undefined;
    if (look?.waitMs !== undefined) return { requeueAfterMs: look.waitMs };
    const { obstacle, waitMs } = await converge({ ...dependencies, conflicts }, { key, server, configuration, look, context });
    const status = observe({ ...dependencies, templates }, { key, server, configuration, look, obstacle });
    await writeStatus(dependencies, { server, status, context });
    return obstacle === undefined || obstacle.reason === 'Suspended' ? { requeueAfterMs: waitMs } : { requeueAfterMs: retryInMs(status, dependencies.clock.wall()) };
  };
}

/** As long as the obstacle has stood already, which doubles the pause each time. */
function retryInMs(status: MCPServerStatus, now: Date): number {
  const since = (conditionOf(status, 'Stalled') ?? conditionOf(status, 'Reconciling'))?.lastTransitionTime;
  const age = since === undefined ? 0 : now.getTime() - Date.parse(since);
  return Math.min(Math.max(age, OBSTACLE_RETRY_MS.least), OBSTACLE_RETRY_MS.most);
}

interface Convergence {
  readonly key: string;
  readonly server: MCPServerObject;
  readonly configuration: Configuration;
  readonly look: Look | undefined;
  readonly context: ReconcileContext;
}

/** What came of it; `waitMs` when there is more to do then, though nothing changes. */
interface Outcome {
  readonly obstacle?: Obstacle | undefined;
  readonly waitMs?: number | undefined;
}

/** What the rules let through and rendering cannot do is the spec's fault, too. */
function rendered(server: MCPServerObject): Manifest[] | Obstacle {
  try {
    return render(server);
  } catch (error) {
    return { reason: 'InvalidSpec', message: `The spec cannot be rendered: ${(error as Error).message}`, stalled: true };
  }
}

/** Leaves the children of an invalid or disappearing MCPServer alone. */
async function converge({ client, view, events, references, conflicts }: ReconcilerDependencies & Pick<ChildrenContext, 'conflicts'>, { key, server, configuration, look, context }: Convergence): Promise<Outcome> {
  if (server.metadata.deletionTimestamp !== undefined || !('spec' in configuration)) return {};
  const { suspend, onReferenceChange } = configuration.spec;
  const manifests = rendered(server);
  if ('reason' in manifests) return { obstacle: manifests };
  try {
    // Before anything else that might write.
    if (suspend) return { obstacle: await suspendedChildren({ client, view, server, ...context }, manifests) };
    const [live, desired] = [view.child(DEPLOYMENTS, server.metadata), manifests.find(({ kind }) => kind === DEPLOYMENTS.kind)];
    const { token, waitMs } = references.decide(key, { onReferenceChange, known: look?.known ?? [], live, desired });
    const observed = { referenceToken: token, affinity: observedAffinity(configuration.spec, server.status?.server?.sessions), leastReplicas: configuration.spec.autoscaling?.minReplicas };
    return { waitMs, obstacle: await convergeChildren({ client, view, events, conflicts, server, observed, ...context }, manifests) };
  } catch (error) {
    const obstacle = refusal(error);
    if (obstacle === undefined) throw error;
    return { obstacle };
  }
}

interface Subject {
  readonly key: string;
  readonly server: MCPServerObject;
  readonly configuration: Configuration;
  readonly look: Look | undefined;
  readonly obstacle: Obstacle | undefined;
}

function observe(dependencies: ReconcilerDependencies & { readonly templates: TemplateChanges }, subject: Subject): MCPServerStatus {
  const { view, clock, templates } = dependencies;
  const { key, server, configuration, look, obstacle } = subject;
  const pods = view.podsOf(server.metadata);
  const ref: ServerKey = server.metadata;
  const found = view.child(DEPLOYMENTS, ref);
  const deployment = found && ownership(found, server).kind === 'owned' ? (found as DeploymentObject) : undefined;
  const now = clock.wall();
  return statusOf({
    server,
    configuration,
    obstacle,
    deployment,
    templateSince: deployment && templates.look(key, deployment, now),
    references: look && findMissing(look.known, { namespace: ref.namespace, pods }),
    pods,
    hasReadyEndpoint: view.hasReadyEndpoint(ref),
    detached: isOrphaning(server) && isDetached(view, server),
    verdict: verify(dependencies, subject),
    now,
  });
}

function isDetached(view: View, server: MCPServerObject): boolean {
  return view.childrenOf(server.metadata).every(({ object }) => {
    const owner = ownership(object, server);
    return owner.kind !== 'owned' || !owner.attached;
  });
}

function verify({ view, verifier }: ReconcilerDependencies, { key, server, configuration, obstacle }: Subject): Verdict | undefined {
  if (!('spec' in configuration)) return undefined;
  const { spec } = configuration;
  if (spec.transport === 'stdio' || spec.verification.mode === 'Off' || obstacle?.reason === 'NameConflict') {
    verifier.forget(key);
    return undefined;
  }
  const probes = verifier.observe(key, {
    pods: servingPods(view.podsOf(server.metadata)),
    path: spec.path,
    host: hostHeader({ ...server.metadata, spec }),
    intervalSeconds: spec.verification.intervalSeconds,
    timeoutSeconds: spec.verification.timeoutSeconds,
    verifiedBefore: conditionOf(server.status, 'Verified')?.status === 'True',
    guard: { tls: spec.tls, credentialsSecretRef: spec.verification.credentialsSecretRef, header: spec.verification.header },
  });
  return verdict(probes, storedVerdict(server));
}

function storedVerdict({ metadata, status }: MCPServerObject): StoredVerdict | undefined {
  const [verified, available] = [conditionOf(status, 'Verified'), conditionOf(status, 'Available')];
  if (verified === undefined || available === undefined) return undefined;
  return { verified, available: available.status, current: status?.observedGeneration === metadata.generation };
}

async function writeStatus(
  { client, view, events }: ReconcilerDependencies,
  { server, status, context: { signal, log } }: { server: MCPServerObject; status: MCPServerStatus; context: ReconcileContext },
): Promise<void> {
  if (isDeepStrictEqual(status, ownPart(server.status))) return;
  const { name, namespace, uid } = server.metadata;
  const body = { metadata: { name, namespace, uid }, status };
  try {
    const written = await client.apply<MCPServerObject>(MCP_SERVERS, body, { fieldManager: STATUS_FIELD_MANAGER, force: true, subresource: 'status', signal });
    view.remember(MCP_SERVERS, written);
    for (const event of announcements(server.status, status)) events.record(server, event);
    const [before, after] = [conditionOf(server.status, 'Ready'), conditionOf(status, 'Ready')];
    if (after !== undefined && (before?.status !== after.status || before.reason !== after.reason)) {
      log.info({ ready: after.status, reason: after.reason, generation: status.observedGeneration }, after.message);
    }
  } catch (error) {
    // The MCPServer is gone, or another one has taken its name: there is nobody left to report to.
    if (!isApiError(error, 'NotFound', 'Conflict') && !(isApiError(error, 'Invalid') && error.message.includes('metadata.uid'))) throw error;
  }
}

/** The status without conditions of other controllers: those are not the operator's to judge or to remove. */
function ownPart(status: MCPServerStatus | undefined): MCPServerStatus | undefined {
  const own: readonly string[] = CONDITION_TYPES;
  return status?.conditions && { ...status, conditions: status.conditions.filter(({ type }) => own.includes(type)) };
}
