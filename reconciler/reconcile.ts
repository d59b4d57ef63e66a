// What happens to one MCPServer: get, validate, render, apply what differs, observe, report.
import { isDeepStrictEqual } from 'node:util';
import { CONDITION_TYPES, type MCPServerStatus } from '../charts/api/status.ts';
import { render } from '../charts/render.ts';
import { serviceHost } from '../charts/service.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { isApiError } from '../kubernetes/errors.ts';
import { DEPLOYMENTS } from '../kubernetes/objects.ts';
import { convergeChildren } from './children.ts';
import { MCP_SERVERS, type DeploymentObject, type MCPServerObject } from './kinds.ts';
import { ownership } from './ownership.ts';
import { refusal } from './refusals.ts';
import type { Clock } from './runtime/clock.ts';
import type { ReconcileContext, Result } from './runtime/controller.ts';
import { servingPods } from './serving-pods.ts';
import { configurationOf, type Configuration, type Obstacle } from './situation.ts';
import { statusOf } from './status.ts';
import { verdict, type StoredVerdict, type Verdict } from './verification/verdict.ts';
import type { Verifier } from './verification/verifier.ts';
import type { ServerKey, View } from './view.ts';

/** Field manager of the status. */
export const STATUS_FIELD_MANAGER = 'mcp-operator-status';
/** An obstacle may pass without an event the operator sees: look again after this long. */
const OBSTACLE_RETRY_MS = 30_000;

/** What reconciling needs from outside. */
export interface ReconcilerDependencies {
  readonly client: KubernetesClient;
  readonly view: View;
  readonly verifier: Verifier;
  readonly clock: Clock;
}

/** The reconcile function of the controller: brings the MCPServer of a key to its spec and says in its status how it stands. */
export function createReconciler(dependencies: ReconcilerDependencies): (key: string, context: ReconcileContext) => Promise<Result> {
  return async (key, context) => {
    const { view, verifier } = dependencies;
    const [namespace = '', name = ''] = key.split('/');
    const server = view.server({ namespace, name });
    if (server === undefined) {
      verifier.forget(key);
      return {};
    }
    const configuration = configurationOf(server);
    const obstacle = await converge(dependencies, { server, configuration, signal: context.signal });
    const status = observe(dependencies, { key, server, configuration, obstacle });
    await writeStatus(dependencies, { server, status, signal: context.signal });
    return obstacle === undefined ? {} : { requeueAfterMs: OBSTACLE_RETRY_MS };
  };
}

interface Convergence {
  readonly server: MCPServerObject;
  readonly configuration: Configuration;
  readonly signal: AbortSignal;
}

/** Leaves the children of an invalid or disappearing MCPServer alone. */
async function converge({ client, view }: ReconcilerDependencies, { server, configuration, signal }: Convergence): Promise<Obstacle | undefined> {
  if (server.metadata.deletionTimestamp !== undefined || !('spec' in configuration)) return undefined;
  try {
    return await convergeChildren({ client, view, server, signal }, render(server));
  } catch (error) {
    const obstacle = refusal(error);
    if (obstacle === undefined) throw error;
    return obstacle;
  }
}

interface Subject {
  readonly key: string;
  readonly server: MCPServerObject;
  readonly configuration: Configuration;
  readonly obstacle: Obstacle | undefined;
}

function observe(dependencies: ReconcilerDependencies, { key, server, configuration, obstacle }: Subject): MCPServerStatus {
  const { view, clock } = dependencies;
  const ref: ServerKey = server.metadata;
  const deployment = view.child(DEPLOYMENTS, ref);
  return statusOf({
    server,
    configuration,
    obstacle,
    deployment: deployment && ownership(deployment, server).kind === 'owned' ? (deployment as DeploymentObject) : undefined,
    pods: view.podsOf(ref),
    hasReadyEndpoint: view.hasReadyEndpoint(ref),
    verdict: verify(dependencies, { key, server, configuration }),
    now: clock.wall(),
  });
}

function verify({ view, verifier }: ReconcilerDependencies, { key, server, configuration }: Omit<Subject, 'obstacle'>): Verdict | undefined {
  if (!('spec' in configuration)) return undefined;
  const { spec } = configuration;
  if (spec.transport === 'stdio' || spec.verification.mode === 'Off') {
    verifier.forget(key);
    return undefined;
  }
  const probes = verifier.observe(key, {
    pods: servingPods(view.podsOf(server.metadata)),
    path: spec.path,
    host: serviceHost(server.metadata),
    intervalSeconds: spec.verification.intervalSeconds,
    timeoutSeconds: spec.verification.timeoutSeconds,
  });
  return verdict(probes, storedVerdict(server));
}

function storedVerdict({ metadata, status }: MCPServerObject): StoredVerdict | undefined {
  const find = (type: string): NonNullable<MCPServerStatus['conditions']>[number] | undefined => status?.conditions?.find((each) => each.type === type);
  const [verified, available] = [find('Verified'), find('Available')];
  if (verified === undefined || available === undefined) return undefined;
  return { verified, available: available.status, current: status?.observedGeneration === metadata.generation };
}

async function writeStatus(
  { client, view }: ReconcilerDependencies,
  { server, status, signal }: { server: MCPServerObject; status: MCPServerStatus; signal: AbortSignal },
): Promise<void> {
  if (isDeepStrictEqual(status, ownPart(server.status))) return;
  const { name, namespace, uid } = server.metadata;
  const body = { metadata: { name, namespace, uid }, status };
  try {
    const written = await client.apply<MCPServerObject>(MCP_SERVERS, body, { fieldManager: STATUS_FIELD_MANAGER, force: true, subresource: 'status', signal });
    view.remember(MCP_SERVERS, written);
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
