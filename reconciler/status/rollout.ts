// How far the Deployment is: rolled out, on its way, or in trouble, and what its pods say about that. Pure.
import { plain } from '../../kubernetes/text.ts';
import { TEMPLATE_LABEL, type DeploymentCondition, type DeploymentObject, type PodObject } from '../kinds.ts';
import { awaited, podTrouble } from './pod-troubles.ts';
import { EXCERPT, sentence, type LastWords, type Trouble } from './trouble.ts';
import { unstartedAmong, type Unstarted } from './unstarted.ts';
import { volumeHeld } from './volume-held.ts';
import { waitingContainers, type Waiting } from './waiting-containers.ts';

/** State of a rollout. */
export type Rollout =
  | { readonly state: 'Complete' }
  | {
      /** Underway: the Deployment may get there by itself. Broken: it was there, and pods failed since. */
      readonly state: 'Underway' | 'Broken';
      readonly reason: Trouble['reason'] | 'Progressing';
      readonly message: string;
    }
  | {
      /** The progress deadline passed. */
      readonly state: 'Failed';
      readonly reason: Trouble['reason'] | 'ProgressDeadlineExceeded';
      readonly message: string;
    };

/** How a Deployment is judged. */
export interface RolloutOptions extends Waiting {
  readonly templateSince?: Date | undefined;
  /** Default: Show. */
  readonly lastWords?: LastWords | undefined;
  /** The pods in which a stdio server does not start. */
  readonly unstarted?: readonly Unstarted[] | undefined;
  /** Whether any pod serves, of whatever template. */
  readonly hasReadyEndpoint?: boolean | undefined;
}

/**
 * Judges the Deployment with the replicas it should have. What it and its pods said before `templateSince` is about an
 * earlier template: the Deployment controller keeps a passed deadline until pods of the new one come or go.
 */
export function rolloutOf(deployment: DeploymentObject | undefined, allPods: readonly PodObject[], how: RolloutOptions): Rollout {
  const { now, templateSince, lastWords, words } = how;
  if (deployment === undefined) return { state: 'Underway', reason: 'Progressing', message: 'The Deployment is being created.' };
  if (isComplete(deployment)) return { state: 'Complete' };
  const isRecent = (time: string | undefined): boolean =>
    templateSince === undefined || time === undefined || Date.parse(time) >= Math.floor(templateSince.getTime() / 1000) * 1000;
  const said = deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
  const progress = isObserved(deployment) && isRecent(said?.lastUpdateTime) ? said : undefined;
  const pods = progress === undefined ? allPods.filter(({ metadata }) => isRecent(metadata.creationTimestamp)) : allPods;
  const own = podsOfNewestTemplate(deployment, pods, progress);
  const held = volumeHeld(own, { among: allPods, now, wanted: deployment.spec.replicas, words });
  const child = unstartedAmong(own, how.unstarted);
  const podsTrouble = held ?? explained(podTrouble(own, { now, lastWords }), child) ?? waitingContainers(own, how);
  const trouble = pauseTrouble(deployment) ?? podsTrouble ?? creationTrouble(deployment);
  // As a handshake that fails on a pod that is ready: while nobody serves it is not the rollout that is waited for.
  if (trouble?.reason === 'ChildNotStarted' && child?.settled === true && how.hasReadyEndpoint !== true) return { state: 'Broken', ...trouble };
  if (progress?.reason === 'ProgressDeadlineExceeded') {
    return { state: 'Failed', ...(trouble ?? { reason: 'ProgressDeadlineExceeded', message: `${sentence(progress.message ?? 'The rollout made no progress')}${awaited(own, now)}` }) };
  }
  if (trouble === undefined) return { state: 'Underway', reason: 'Progressing', message: `${progressMessage(deployment)}${awaited(own, now)}` };
  const { reason, message, waits } = trouble;
  const isBroken = progress?.reason === 'NewReplicaSetAvailable' && waits !== true;
  return { state: isBroken ? 'Broken' : 'Underway', reason, message };
}

/** What the kubelet tells of a pod, or, where it only sees that a probe does not pass, what its bridge says. */
function explained(told: Trouble | undefined, child: Unstarted | undefined): Trouble | undefined {
  if (child === undefined || (told !== undefined && told.reason !== 'NotReady')) return told;
  return { reason: 'ChildNotStarted', message: child.message };
}

/**
 * Pods of earlier templates do not explain why a rollout is not there yet. The Deployment names the newest ReplicaSet in
 * its condition; without that, the pod created last is taken to be of the newest.
 */
function podsOfNewestTemplate(
  { metadata }: DeploymentObject,
  pods: readonly PodObject[],
  progress: DeploymentCondition | undefined,
): PodObject[] {
  const named = /"([^"]+)"/.exec(progress?.message ?? '')?.[1];
  const youngest = pods.toSorted((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '')).at(-1);
  const newest = named?.startsWith(`${metadata.name}-`) === true
    ? named.slice(metadata.name.length + 1)
    : youngest?.metadata.labels?.[TEMPLATE_LABEL];
  return pods.filter((pod) => [newest, undefined].includes(pod.metadata.labels?.[TEMPLATE_LABEL]));
}

function isObserved({ metadata, status }: DeploymentObject): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
}

/** Whether all pods are there, and of its template. */
export function isComplete(deployment: DeploymentObject): boolean {
  const { replicas: desired = 1 } = deployment.spec;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = deployment.status ?? {};
  return isObserved(deployment) && updatedReplicas === desired && replicas === desired && availableReplicas === desired;
}

/** Whether the progress deadline passed over its template. */
export function isGivenUp(deployment: DeploymentObject): boolean {
  const progress = deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
  return isObserved(deployment) && progress?.reason === 'ProgressDeadlineExceeded';
}

function progressMessage(deployment: DeploymentObject): string {
  if (!isObserved(deployment)) return 'The Deployment is about to change its pods.';
  const { spec, status } = deployment;
  const { replicas: desired = 1 } = spec;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
  if (updatedReplicas > desired) return `Scaling down: ${replicas} pods are left, ${desired} wanted.`;
  const earlier = replicas > updatedReplicas ? `, ${replicas - updatedReplicas} of an earlier template left` : '';
  return `${updatedReplicas} of ${desired} pods are up to date, ${availableReplicas} available${earlier}.`;
}

/** A Deployment that is paused makes no pods of a new template, and its deadline never passes. */
function pauseTrouble({ metadata, spec, status }: DeploymentObject): Trouble | undefined {
  if (spec.paused !== true || (status?.updatedReplicas ?? 0) >= (spec.replicas ?? 1)) return undefined;
  const resume = `kubectl -n ${metadata.namespace} rollout resume deployment ${metadata.name}`;
  return { reason: 'Paused', message: `Somebody paused Deployment ${metadata.name} (its spec.paused is true), so what changed does not reach the pods. Resume it: ${resume}`, waits: true };
}

/** What the API server says of a pod that breaks a LimitRange, or that a LimitRange gave a limit that is lower than its request. */
const LIMIT_RANGE = /(?:maximum|minimum) \S+ usage per (?:Container|Pod) is|limit to request ratio per|must be less than or equal to \S+ limit/;

/** Pods the API server refused to create at all. */
function creationTrouble({ metadata, status }: DeploymentObject): Trouble | undefined {
  const failure = status?.conditions?.find(({ type, status: value }) => type === 'ReplicaFailure' && value === 'True');
  if (failure?.message === undefined) return undefined;
  const message = plain(failure.message, EXCERPT);
  if (failure.message.includes('exceeded quota')) {
    return { reason: 'QuotaExceeded', message: `A pod was refused: ${message}. Lower spec.resources or spec.replicas, or raise the ResourceQuota.`, waits: true };
  }
  if (failure.message.includes('violates PodSecurity')) {
    return { reason: 'PodsRejected', message: `A pod was refused: ${message}. Keep to what the Pod Security level of the namespace allows, or change that level.`, waits: true };
  }
  if (LIMIT_RANGE.test(failure.message)) {
    return { reason: 'FailedCreate', message: `A pod was refused: ${message}. A LimitRange bounds what containers ask for, and sets what they leave out: keep spec.resources within it, or change it (kubectl -n ${metadata.namespace} describe limitrange).`, waits: true };
  }
  return { reason: 'FailedCreate', message, waits: true };
}
