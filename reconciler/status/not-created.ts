// What keeps a container from being made, as the kubelet says it. Pure.
import { plain } from '../../kubernetes/text.ts';
import type { ContainerStatus } from '../kinds.ts';
import { EXCERPT, sentence } from './trouble.ts';

/** What the kubelet puts before the last error between two attempts: without it both read alike, and cost no writes. */
const BACK_OFF = /^Back-off pulling image "[^"]*": \w+: /;
const PULL_REASONS = /^(Err|Invalid)?Image|ErrImage|RegistryUnavailable|SignatureValidationFailed/;

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
