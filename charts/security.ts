// Security contexts: hardened defaults that pass Pod Security `restricted`, and the user's fields merged over them.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
import type { k8s } from 'cdk8s-plus-28';
import { impliesEscalation } from './api/rules.ts';
import type { ResolvedServer } from './server.ts';

/** User and group id of the process unless the user says otherwise. */
const DEFAULT_ID = 1000;

/** Security context of the pod: the identity of the process and the system call filter. */
export function podSecurityContext({ spec }: ResolvedServer): k8s.PodSecurityContext {
  const defaults: k8s.PodSecurityContext = {
    runAsNonRoot: true,
    runAsUser: DEFAULT_ID,
    runAsGroup: DEFAULT_ID,
    fsGroup: DEFAULT_ID,
    seccompProfile: { type: 'RuntimeDefault' },
  };
  return { ...defaults, ...(spec.podSecurityContext as k8s.PodSecurityContext) };
}

/** Security context of the container: what the process may do. */
export function containerSecurityContext({ spec }: ResolvedServer): k8s.SecurityContext {
  const user = spec.securityContext ?? {};
  return {
    // The API server refuses `false` beside a setting that implies escalation, so the default gives way.
    ...(!impliesEscalation(user) && { allowPrivilegeEscalation: false }),
    readOnlyRootFilesystem: true,
    ...(user as k8s.SecurityContext),
    capabilities: { drop: ['ALL'], ...(user.capabilities as k8s.Capabilities) },
  };
}
