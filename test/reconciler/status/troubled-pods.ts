// Pods in trouble, made by hand, as kubelet and scheduler report them.
import type { ContainerStatus, PodCondition, PodObject, TerminatedState } from '../../../reconciler/kinds.ts';
import { podTrouble as judged } from '../../../reconciler/status/pod-troubles.ts';
import type { LastWords, Trouble } from '../../../reconciler/status/trouble.ts';

export const NAME = 'mcp-server';
export const START = '2030-01-01T00:00:00Z';
export const LATER = '2030-01-01T00:05:00Z';
/** Long after all of it. */
export const NOW = new Date('2030-01-01T01:00:00Z');
export const OOM: TerminatedState = { exitCode: 137, reason: 'OOMKilled' };
export const LISTENS_ELSEWHERE = 'booting\nMCP server listening on http://0.0.0.0:3000/mcp\n';
/** What must not be quoted. */
export const CANARY = 'CANARY-4f1c';

/** A pod as the kubelet reports it, with one container on port 8080 and a memory limit of 512Mi. */
export function pod(
  container: Omit<ContainerStatus, 'name'>,
  more: { name?: string; conditions?: PodCondition[]; phase?: string; deletionTimestamp?: string } = {},
): PodObject {
  const { name = 'demo-1', conditions = [], phase = 'Running', deletionTimestamp } = more;
  return {
    metadata: { name, namespace: 'tools', ...(deletionTimestamp !== undefined && { deletionTimestamp }) },
    spec: { containers: [{ name: NAME, ports: [{ name: 'mcp', containerPort: 8080 }], resources: { limits: { memory: '512Mi' } } }] },
    status: { phase, conditions, containerStatuses: [{ name: NAME, ...container }] },
  };
}

export const waiting = (reason: string, message?: string): Omit<ContainerStatus, 'name'> => ({
  started: false,
  ready: false,
  state: { waiting: { reason, ...(message !== undefined && { message }) } },
});
export const looping = (terminated: TerminatedState): Omit<ContainerStatus, 'name'> => ({
  ...waiting('CrashLoopBackOff', 'back-off 10s'),
  restartCount: 3,
  lastState: { terminated },
});
/** A pod with a server that waits for the given container, as kubelets report it; Always makes it a sidecar. */
export function before(container: Omit<ContainerStatus, 'name'>, { restartPolicy }: { restartPolicy?: string } = {}): PodObject {
  const { spec, status, ...rest } = pod(waiting('PodInitializing'), { phase: 'Pending' });
  const initContainers = [{ name: 'setup', resources: { limits: { memory: '64Mi' } }, ...(restartPolicy !== undefined && { restartPolicy }) }];
  return {
    ...rest,
    spec: { containers: spec?.containers ?? [], initContainers },
    status: { ...status, initContainerStatuses: [{ name: 'setup', ...container }] },
  };
}
/** A container beside a server that is well. */
export function beside(container: Omit<ContainerStatus, 'name'>, conditions: PodCondition[] = []): PodObject {
  const { status, ...rest } = pod({ started: true, ready: true, state: { running: { startedAt: START } } }, { conditions });
  // The kubelet sorts by name.
  return { ...rest, status: { ...status, containerStatuses: [{ name: 'a-proxy', ...container }, ...(status?.containerStatuses ?? [])] } };
}

export const podTrouble = (pods: readonly PodObject[], lastWords?: LastWords): Trouble | undefined => judged(pods, { now: NOW, lastWords });
export const said = (object: PodObject): string => {
  const { reason, message } = podTrouble([object]) ?? { reason: 'none', message: '' };
  return `${reason}: ${message}`;
};
