// Security contexts: the defaults of the security profile, and the user's fields merged over them.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
import type { k8s } from 'cdk8s-plus-28';
import { isFields, itemsAt, valueAt, type OpenContainer } from './api/open-values.ts';
import { impliesEscalation } from './api/rules.ts';
import type { ResolvedServer } from './server.ts';

/** User and group id of the process under `Restricted` unless the user says otherwise. */
const DEFAULT_ID = 1000;
const CONFINED: k8s.PodSecurityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
const POD_DEFAULTS = {
  Restricted: { ...CONFINED, runAsUser: DEFAULT_ID, runAsGroup: DEFAULT_ID, fsGroup: DEFAULT_ID },
  ImageUser: CONFINED,
  None: {},
} as const;

/** Security context of the pod: the identity of the process and the system call filter. Undefined when nothing is said. */
export function podSecurityContext({ spec }: ResolvedServer): k8s.PodSecurityContext | undefined {
  return unlessEmpty({ ...POD_DEFAULTS[spec.securityProfile], ...(spec.podSecurityContext as k8s.PodSecurityContext) });
}

/** Security context of the container: what the process may do. Undefined when nothing is said. */
export function containerSecurityContext({ spec }: ResolvedServer): k8s.SecurityContext | undefined {
  const { capabilities: written, ...user } = (spec.securityContext ?? {}) as k8s.SecurityContext;
  const isHardened = spec.securityProfile !== 'None';
  const capabilities = unlessEmpty({ ...(isHardened && { drop: ['ALL'] }), ...written });
  return unlessEmpty({
    // The API server refuses `false` beside a setting that implies escalation, so the default gives way.
    ...(isHardened && !impliesEscalation(spec.securityContext ?? {}) && { allowPrivilegeEscalation: false }),
    ...(isHardened && { readOnlyRootFilesystem: true }),
    ...user,
    ...(capabilities && { capabilities }),
  });
}

/** Security context of a container of the operator's own beside the server: it needs no right, and is who the server's container is, so that both may use a volume. */
export function helperSecurityContext({ spec }: ResolvedServer): k8s.SecurityContext {
  const { runAsUser, runAsGroup, runAsNonRoot, seccompProfile, seLinuxOptions } = (spec.securityContext ?? {}) as k8s.SecurityContext;
  return {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
    ...(runAsUser !== undefined && { runAsUser }),
    ...(runAsGroup !== undefined && { runAsGroup }),
    ...(runAsNonRoot !== undefined && { runAsNonRoot }),
    ...(seccompProfile && seccompProfile.type !== 'Unconfined' && { seccompProfile }),
    ...(seLinuxOptions && { seLinuxOptions }),
  };
}

/**
 * A container of the user's with the defaults of the profile, its own fields over them. What cannot be a security context is left
 * as it is, for the API server to refuse.
 */
export function hardened(container: OpenContainer, profile: ResolvedServer['spec']['securityProfile']): OpenContainer {
  const { securityContext: written = {} } = container;
  if (profile === 'None' || !isFields(written)) return container;
  const capabilities = valueAt(written, 'capabilities') ?? {};
  const escalates = impliesEscalation({ privileged: written['privileged'] === true, capabilities: { add: itemsAt(capabilities, 'add') as string[] } });
  const securityContext = {
    ...(!escalates && { allowPrivilegeEscalation: false }),
    readOnlyRootFilesystem: true,
    ...written,
    capabilities: isFields(capabilities) ? { drop: ['ALL'], ...capabilities } : capabilities,
  };
  return { ...container, securityContext };
}

/** An empty context would say no more than none, and differ from it. */
function unlessEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length > 0 ? value : undefined;
}
