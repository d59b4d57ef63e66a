// What keeps a container from being made, as the kubelet says it. Pure.
import { plain } from '../../kubernetes/text.ts';
import type { ContainerStatus, PodObject } from '../kinds.ts';
import { EXCERPT, sentence } from './trouble.ts';

/** What the kubelet puts before the last error between two attempts: without it both read alike, and cost no writes. */
const BACK_OFF = /^Back-off pulling image "[^"]*": \w+: /;
const PULL_REASONS = /^(Err|Invalid)?Image|ErrImage|RegistryUnavailable|SignatureValidationFailed/;

/** So long, in milliseconds, a container may wait to be created before anything is suspected: most volumes are there in a few seconds. */
export const CREATION_PATIENCE_MS = 20_000;
/** What the kubelet calls it until volumes are mounted and the sandbox is made; the second where there are init containers. */
const NOT_CREATED_YET = ['ContainerCreating', 'PodInitializing'];

/** Whether a container waits to be created, and nothing is known to keep it from that. */
export function waitsForCreation({ state }: ContainerStatus): boolean {
  return NOT_CREATED_YET.includes(state?.waiting?.reason ?? '');
}

/** Whether volumes and network of a pod are there; false also where the kubelet does not say. */
export function isPrepared({ status }: PodObject): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'PodReadyToStartContainers' && value === 'True') === true;
}

/** The sort of obstacle, named as the reason that tells it, and its evidence: a sentence, but for images. */
export interface NotCreated {
  readonly reason: 'ImagePullError' | 'ContainerConfigError' | 'ContainerStartError';
  readonly evidence: string;
}

/** Undefined for a container that does not wait, or for something that passes. */
export function whyNotCreated({ state }: ContainerStatus): NotCreated | undefined {
  const { reason = '', message = reason } = state?.waiting ?? {};
  if (PULL_REASONS.test(reason)) return { reason: 'ImagePullError', evidence: plain(message.replace(BACK_OFF, ''), EXCERPT) };
  if (reason === 'CreateContainerConfigError') return { reason: 'ContainerConfigError', evidence: sentence(message) };
  if (reason === 'CreateContainerError' || reason === 'RunContainerError') return { reason: 'ContainerStartError', evidence: sentence(message) };
  return undefined;
}
