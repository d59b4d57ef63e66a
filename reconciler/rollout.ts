// How far the Deployment is: rolled out, on its way, or in trouble, and what its pods say about that. Pure.
import type { DeploymentObject, PodObject } from './kinds.ts';

/** State of a rollout. */
export type Rollout =
  | { readonly state: 'Complete' }
  | {
      /** Underway: the Deployment may get there by itself. Failed: its progress deadline passed. Broken: it was there, and pods failed since. */
      readonly state: 'Underway' | 'Failed' | 'Broken';
      /** CamelCase reason: Progressing, or the trouble found. */
      readonly reason: string;
      readonly message: string;
    };

interface Trouble {
  readonly reason: string;
  readonly message: string;
}

/** Judges the Deployment with the replicas it should have. */
export function rolloutOf(deployment: DeploymentObject | undefined, pods: readonly PodObject[]): Rollout {
  if (deployment === undefined) return { state: 'Underway', reason: 'Progressing', message: 'The Deployment is being created.' };
  if (isComplete(deployment)) return { state: 'Complete' };
  const trouble = podTrouble(pods) ?? creationTrouble(deployment);
  const progress = isObserved(deployment) ? deployment.status?.conditions?.find(({ type }) => type === 'Progressing') : undefined;
  if (progress?.reason === 'ProgressDeadlineExceeded') {
    return { state: 'Failed', ...(trouble ?? { reason: 'ProgressDeadlineExceeded', message: progress.message ?? 'The rollout made no progress.' }) };
  }
  if (trouble === undefined) return { state: 'Underway', reason: 'Progressing', message: `${progressMessage(deployment)}${silence(pods)}` };
  return { state: progress?.reason === 'NewReplicaSetAvailable' ? 'Broken' : 'Underway', ...trouble };
}

function isObserved({ metadata, status }: DeploymentObject): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
}

function isComplete(deployment: DeploymentObject): boolean {
  const { replicas: desired = 1 } = deployment.spec;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = deployment.status ?? {};
  return isObserved(deployment) && updatedReplicas === desired && replicas === desired && availableReplicas === desired;
}

function progressMessage({ spec, status }: DeploymentObject): string {
  const { replicas: desired = 1 } = spec;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
  if (updatedReplicas > desired) return `Scaling down: ${replicas} pods are left, ${desired} wanted.`;
  const earlier = replicas > updatedReplicas ? `, ${replicas - updatedReplicas} of an earlier template left` : '';
  return `${updatedReplicas} of ${desired} pods are up to date, ${availableReplicas} available${earlier}.`;
}

/** A server on another port, or on the loopback address alone, looks like a pod that runs and does not start. */
function silence(pods: readonly PodObject[]): string {
  const silent = pods.find(({ status }) => status?.containerStatuses?.some(({ started, state }) => started === false && state?.running !== undefined));
  if (silent === undefined) return '';
  return ` Pod ${silent.metadata.name} runs, but its startup probe has not passed yet: by default the program must listen on spec.port (MCP_PORT), on all addresses.`;
}

function podTrouble(pods: readonly PodObject[]): Trouble | undefined {
  return pods.map(troubleOf).find((trouble) => trouble !== undefined);
}

function troubleOf({ metadata, status }: PodObject): Trouble | undefined {
  for (const { started, restartCount = 0, state, lastState } of status?.containerStatuses ?? []) {
    if (started === false && restartCount > 0 && state?.running !== undefined) {
      return { reason: 'NotStarted', message: `Pod ${metadata.name} was restarted and has not passed its startup probe since. By default the program must listen on spec.port (MCP_PORT), on all addresses.` };
    }
    const { reason, message } = state?.waiting ?? {};
    if (/^(Err|Invalid)?Image|ErrImage/.test(reason ?? '')) {
      return { reason: 'ImagePullError', message: `Pod ${metadata.name} cannot pull its image (${message ?? reason}). Check spec.image and spec.imagePullSecrets.` };
    }
    if (reason === 'CrashLoopBackOff') {
      const { exitCode, message: last } = lastState?.terminated ?? {};
      const evidence = last === undefined ? '' : `, last words: ${last.trim().slice(-300)}`;
      return { reason: 'CrashLoop', message: `Pod ${metadata.name} keeps ending with exit code ${exitCode ?? 'unknown'}${evidence}. See kubectl logs --previous.` };
    }
    if (reason === 'CreateContainerConfigError') {
      return { reason: 'ContainerConfigError', message: `Pod ${metadata.name} cannot start: ${message ?? reason}.` };
    }
  }
  return undefined;
}

/** Pods the API server refused to create at all. */
function creationTrouble({ status }: DeploymentObject): Trouble | undefined {
  const failure = status?.conditions?.find(({ type, status: value }) => type === 'ReplicaFailure' && value === 'True');
  if (failure?.message === undefined) return undefined;
  if (failure.message.includes('exceeded quota')) return { reason: 'QuotaExceeded', message: failure.message };
  if (failure.message.includes('violates PodSecurity')) return { reason: 'PodsRejected', message: failure.message };
  return { reason: failure.reason ?? 'ReplicaFailure', message: failure.message };
}
