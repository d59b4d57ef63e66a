// What a reconcile may observe, piece by piece, for tests of the pure functions that judge it.
import { API_VERSION, KIND } from '../../../charts/api/group.ts';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import type { MCPServerStatus } from '../../../charts/api/status.ts';
import { selectorLabels } from '../../../charts/api/labels.ts';
import type { ContainerStatus, DeploymentCondition, DeploymentObject, MCPServerObject, PodObject } from '../../../reconciler/kinds.ts';
import { Plans } from '../../../reconciler/children/plan.ts';
import type { Situation } from '../../../reconciler/status/situation.ts';
import { statusOf } from '../../../reconciler/status/status.ts';
import type { HandshakeResult, Passed, Unknown } from '../../../reconciler/verification/handshake-result.ts';
import type { PodProbe } from '../../../reconciler/verification/pod-probe.ts';
import { verdict, type Verdict } from '../../../reconciler/verification/verdict.ts';

export const NOW = new Date('2030-01-01T00:00:00.123Z');
export const SELECTOR = 'app.kubernetes.io/name=mcp-server,mcp.example.com/server=demo';

/** An MCPServer `tools/demo` as the API server returned it. */
export function serverObject(
  spec: Partial<MCPServerSpec> = {},
  more: { status?: MCPServerStatus | undefined; generation?: number; deletionTimestamp?: string } = {},
): MCPServerObject {
  const { generation = 1, deletionTimestamp, status } = more;
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: { name: 'demo', namespace: 'tools', uid: 'uid-1', generation, ...(deletionTimestamp !== undefined && { deletionTimestamp }) },
    spec: { image: 'example.com/server:1', ...spec },
    ...(status !== undefined && { status }),
  };
}

/** Numbers of a Deployment that is rolled out with `desired` pods, unless said otherwise. */
export interface Rolled {
  readonly desired?: number;
  readonly replicas?: number;
  readonly updated?: number;
  readonly ready?: number;
  readonly observed?: boolean;
  readonly conditions?: readonly DeploymentCondition[];
}

/** A Deployment with its status. Numbers that are 0 are left out, as the API server does. */
export function deploymentObject(rolled: Rolled = {}): DeploymentObject {
  const { desired = 1, replicas = desired, updated = desired, ready = desired, observed = true, conditions = [] } = rolled;
  const counts = { replicas, updatedReplicas: updated, readyReplicas: ready, availableReplicas: ready };
  return {
    metadata: { name: 'demo', namespace: 'tools', generation: 2 },
    spec: { replicas: desired },
    status: {
      observedGeneration: observed ? 2 : 1,
      ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
      conditions,
    },
  };
}

/** A ready pod, or one whose container is in the given state. */
export function podObject(name = 'demo-1', container?: Omit<ContainerStatus, 'name'>): PodObject {
  return {
    metadata: { name, namespace: 'tools', uid: `uid-${name}`, labels: selectorLabels('demo') },
    status: {
      podIP: '10.244.0.1',
      conditions: [{ type: 'Ready', status: container === undefined ? 'True' : 'False' }],
      containerStatuses: [{ name: 'mcp-server', ...container }],
    },
  };
}

export const PULL_ERROR: Omit<ContainerStatus, 'name'> = { state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } } };
export const CRASH_LOOP: Omit<ContainerStatus, 'name'> = {
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: { exitCode: 3, message: 'no such file: /etc/x\n' } },
};
export const DEADLINE: DeploymentCondition = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'ReplicaSet "demo-1" has timed out progressing.' };
export const ONCE_COMPLETE: DeploymentCondition = { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' };

export const PASSED: Passed = {
  outcome: 'Passed', reason: 'Verified', message: 'It speaks MCP.',
  server: { name: 'example', version: '1.2', protocolVersions: ['2025-11-25'], sessions: 'Stateless' },
};
export const UNREACHABLE: Unknown = { outcome: 'Unknown', reason: 'Unreachable', message: 'connection refused' };

/** The verdict when each pod's handshake has settled on a result. */
export function judged(...results: HandshakeResult[]): Verdict {
  return verdict(results.map((result, index): PodProbe => (
    { pod: `demo-${index}`, firstSeenMs: 0, inherited: false, streak: 2, misses: 2, latest: result, settled: result }
  )));
}

/** A situation of `server`: nothing observed yet unless said otherwise. */
export function situationOf(server: MCPServerObject, observed: Partial<Situation> = {}): Situation {
  return { server, configuration: new Plans().make(server).configuration, pods: [], hasReadyEndpoint: false, now: NOW, ...observed };
}

/** Everything is as it should be: rolled out, serving, verified. */
export function serving(server: MCPServerObject, observed: Partial<Situation> = {}): Situation {
  return situationOf(server, {
    deployment: deploymentObject(),
    pods: [podObject()],
    hasReadyEndpoint: true,
    verdict: judged(PASSED),
    ...observed,
  });
}

/** The same MCPServer after it was serving, with a spec of the next generation. */
export function servedBefore(spec: Partial<MCPServerSpec> = {}, more: { deletionTimestamp?: string } = {}): MCPServerObject {
  return serverObject(spec, { generation: 2, status: statusOf(serving(serverObject())), ...more });
}
