// Fields by which a spec leaves Pod Security `restricted`, by the control they break.
import type { MCPServerSpec } from '../../charts/api/spec.ts';

/** What weakens which control. */
export const WEAKENED_SPECS: readonly [control: string, fields: Partial<MCPServerSpec>][] = [
  ['privileged', { securityContext: { privileged: true } }],
  ['hostProcess', { podSecurityContext: { windowsOptions: { hostProcess: true } } }],
  ['capabilities.add', { securityContext: { capabilities: { add: ['SYS_TIME'] } } }],
  ['capabilities.add', { securityContext: { capabilities: { add: ['CHOWN'] } } }],
  ['capabilities.drop', { securityContext: { capabilities: { drop: ['CHOWN'] } } }],
  ['seLinuxOptions', { securityContext: { seLinuxOptions: { user: 'a' } } }],
  ['seLinuxOptions', { podSecurityContext: { seLinuxOptions: { type: 'spc_t' } } }],
  ['procMount', { securityContext: { procMount: 'Unmasked' } }],
  ['sysctls', { podSecurityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }],
  ['allowPrivilegeEscalation', { securityContext: { allowPrivilegeEscalation: true } }],
  ['runAsNonRoot', { podSecurityContext: { runAsNonRoot: false } }],
  ['runAsNonRoot', { podSecurityContext: { runAsNonRoot: false }, securityContext: { runAsNonRoot: true } }],
  ['runAsUser', { podSecurityContext: { runAsUser: 0, runAsNonRoot: false } }],
  ['runAsUser', { podSecurityContext: { runAsUser: 0 }, securityContext: { runAsUser: 1, runAsNonRoot: true } }],
  ['seccompProfile', { podSecurityContext: { seccompProfile: { type: 'Unconfined' } } }],
  ['seccompProfile', { securityContext: { seccompProfile: { type: 'Unconfined' } } }],
  ...['allowPrivilegeEscalation', 'capabilities.drop', 'runAsNonRoot', 'seccompProfile'].map((control): [string, Partial<MCPServerSpec>] => [control, { securityProfile: 'None' }]),
];

/** Security contexts that stay within `restricted`. */
export const RESTRICTED_SPECS: readonly Partial<MCPServerSpec>[] = [
  {},
  { securityProfile: 'ImageUser' },
  { transport: 'stdio' },
  { config: { A: '1' }, replicas: 3 },
  { securityContext: { capabilities: { add: ['NET_BIND_SERVICE'] }, readOnlyRootFilesystem: false, runAsUser: 7 } },
  { podSecurityContext: { seLinuxOptions: { type: 'container_t', level: 's0' }, sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }], supplementalGroups: [0] } },
  { podSecurityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'a.json' } } },
];
