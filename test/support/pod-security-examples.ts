// Pods that keep and that leave Pod Security `restricted`, by control: as specs, and as pods that no spec renders.
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import type { PodSecurityViolation, PodTemplate } from '../../charts/checks/pod-security.ts';
import { renderSpec } from './rendered.ts';

/** What the API server's admission calls the controls: where `baseline` is enforced, and where `restricted` is. */
const REASONS: Readonly<Record<string, string>> = {
  HostProcess: 'hostProcess',
  'Host Namespaces': 'host namespaces',
  'Privileged Containers': 'privileged',
  'HostPath Volumes': 'hostPath volumes',
  'Host Ports': 'hostPort',
  'Host Probes / Lifecycle Hooks': 'probe or lifecycle host',
  AppArmor: 'forbidden AppArmor profile',
  SELinux: 'seLinuxOptions',
  '/proc Mount Type': 'procMount',
  Seccomp: 'seccompProfile',
  Sysctls: 'forbidden sysctls',
  Capabilities: 'non-default capabilities',
  'Volume Types': 'restricted volume types',
  'Privilege Escalation': 'allowPrivilegeEscalation != false',
  'Running as Non-root': 'runAsNonRoot != true',
  'Running as Non-root user': 'runAsUser=0',
};
/** Where these are enforced, stricter controls speak for the ones of `baseline`. */
const RESTRICTED_REASONS: typeof REASONS = { ...REASONS, Capabilities: 'unrestricted capabilities', 'HostPath Volumes': 'restricted volume types' };

/** What the admission must say to pods with these violations, sorted. */
export function admissionReasons(violations: readonly PodSecurityViolation[], enforced: PodSecurityViolation['standard']): string[] {
  const broken = violations.filter(({ standard }) => enforced === 'restricted' || standard === 'baseline');
  const reasons = enforced === 'restricted' ? RESTRICTED_REASONS : REASONS;
  return [...new Set(broken.map(({ control }) => reasons[control] ?? control))].toSorted();
}

/** The same from what the admission said. */
export function reasonsIn(refusal: string): string[] {
  const known = new Set([...Object.values(REASONS), ...Object.values(RESTRICTED_REASONS)]);
  return [...known].filter((reason) => new RegExp(`[:,] ${RegExp.escape(reason)}s? \\(`).test(refusal)).toSorted();
}

/** Specs that weaken a control. */
const WEAKENED_SPECS: readonly [control: string, fields: Partial<MCPServerSpec>][] = [
  ['Privileged Containers', { securityContext: { privileged: true } }],
  ['Capabilities', { securityContext: { capabilities: { add: ['SYS_TIME'] } } }],
  ['Capabilities', { securityContext: { capabilities: { add: ['CHOWN'] } } }],
  ['Capabilities', { securityContext: { capabilities: { drop: ['CHOWN'] } } }],
  ['SELinux', { securityContext: { seLinuxOptions: { user: 'a' } } }],
  ['SELinux', { podSecurityContext: { seLinuxOptions: { role: 'a' } } }],
  ['SELinux', { podSecurityContext: { seLinuxOptions: { type: 'spc_t' } } }],
  ['Sysctls', { podSecurityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }],
  ['Privilege Escalation', { securityContext: { allowPrivilegeEscalation: true } }],
  ['Privilege Escalation', { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }],
  ['Running as Non-root', { podSecurityContext: { runAsNonRoot: false } }],
  ['Running as Non-root', { podSecurityContext: { runAsNonRoot: false }, securityContext: { runAsNonRoot: true } }],
  ['Running as Non-root', { securityContext: { runAsNonRoot: false } }],
  ['Running as Non-root user', { podSecurityContext: { runAsUser: 0, runAsNonRoot: false } }],
  ['Running as Non-root user', { podSecurityContext: { runAsUser: 0 }, securityContext: { runAsUser: 1, runAsNonRoot: true } }],
  ['Seccomp', { podSecurityContext: { seccompProfile: { type: 'Unconfined' } } }],
  ['Seccomp', { securityContext: { seccompProfile: { type: 'Unconfined' } } }],
  ['Host Probes / Lifecycle Hooks', { probes: { readiness: { httpGet: { port: 'mcp', host: '10.0.0.1' } } } }],
  ['Host Probes / Lifecycle Hooks', { probes: { liveness: { tcpSocket: { port: 'mcp', host: 'example.com' } } } }],
  ['AppArmor', { podMetadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/mcp-server': 'unconfined' } } }],
  ...['Privilege Escalation', 'Capabilities', 'Running as Non-root', 'Seccomp'].map((control): [string, Partial<MCPServerSpec>] => [control, { securityProfile: 'None' }]),
];

const HARDENED = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
/** What Windows knows nothing of is left out, as validation demands. */
const WINDOWS = { os: { name: 'windows' }, securityContext: { runAsNonRoot: true } };

/** Fields of the pod and of its container, as podTemplate can have them. */
const OTHER_PODS: readonly [control: string, pod: object, container: object][] = [
  // On the network of the node, every port is one of the node.
  ['Host Namespaces', { hostNetwork: true }, { ports: [] }],
  ['Host Namespaces', { hostPID: true }, {}],
  ['Host Namespaces', { hostIPC: true }, {}],
  ['HostPath Volumes', { volumes: [{ name: 'a', hostPath: { path: '/' } }] }, { volumeMounts: [] }],
  ['Volume Types', { volumes: [{ name: 'a', nfs: { server: 'a', path: '/' } }] }, { volumeMounts: [] }],
  ['Host Ports', { hostNetwork: true }, {}],
  ['/proc Mount Type', { hostUsers: false }, { securityContext: { ...HARDENED, procMount: 'Unmasked' } }],
  ['Privilege Escalation', { hostUsers: false }, { securityContext: { ...HARDENED, allowPrivilegeEscalation: true } }],
  ['Host Ports', {}, { ports: [{ containerPort: 1, hostPort: 1 }] }],
  ['Host Probes / Lifecycle Hooks', {}, { lifecycle: { preStop: { httpGet: { host: '10.0.0.1', port: 1 } } } }],
  ['AppArmor', {}, { securityContext: { appArmorProfile: { type: 'Unconfined' } } }],
  ['Privileged Containers', { initContainers: [{ name: 'a', image: 'a', securityContext: { privileged: true } }] }, {}],
  // Validation demands the network of the node for it.
  ['HostProcess', { hostNetwork: true, securityContext: { windowsOptions: { hostProcess: true } } }, { ports: [] }],
];

/** Pods that break a control of `restricted`. */
export function brokenPods(): [control: string, template: PodTemplate][] {
  return [
    ...WEAKENED_SPECS.map(([control, fields]): [string, PodTemplate] => [control, renderSpec(fields).deployment.spec.template]),
    ...OTHER_PODS.map(([control, podFields, containerFields]): [string, PodTemplate] => [control, otherPod(podFields, containerFields)]),
    ['Running as Non-root', otherPod({ ...WINDOWS, securityContext: {} }, { securityContext: {} })],
  ];
}

/** The same of pods that stay within `restricted`. */
const OTHER_RESTRICTED: readonly (readonly [pod: object, container: object])[] = [
  [{ hostUsers: false, securityContext: { runAsUser: 0, seccompProfile: { type: 'RuntimeDefault' } } }, { securityContext: HARDENED }],
  [{ hostUsers: false, securityContext: { runAsNonRoot: false, seccompProfile: { type: 'RuntimeDefault' } } }, {}],
  [WINDOWS, { securityContext: {} }],
  [{ ...WINDOWS, initContainers: [{ name: 'a', image: 'a' }] }, { securityContext: {} }],
  [{ volumes: [{ name: 'a', image: { reference: 'a' } }, { name: 'b', projected: { sources: [] } }] }, { volumeMounts: [] }],
];

/** Specs that stay within `restricted`. */
const RESTRICTED_SPECS: readonly Partial<MCPServerSpec>[] = [
  {},
  { securityProfile: 'ImageUser' },
  {
    securityProfile: 'None',
    podSecurityContext: { runAsNonRoot: true },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
  },
  { transport: 'stdio', command: ['server'] },
  { transport: 'stdio', command: ['server'], stdio: { bridge: { by: 'ImageVolume' } } },
  { config: { A: '1' }, replicas: 3 },
  {
    files: [{ mountPath: '/a', secret: { name: 'a' } }],
    storage: [
      { mountPath: '/b', emptyDir: { sizeLimit: '1Mi' } },
      { mountPath: '/c', persistentVolumeClaim: { claimName: 'a' } },
    ],
  },
  { securityContext: { capabilities: { add: ['NET_BIND_SERVICE'] }, readOnlyRootFilesystem: false, runAsUser: 7 } },
  { podSecurityContext: { seLinuxOptions: { type: 'container_t', level: 's0' }, supplementalGroups: [0] } },
  { podSecurityContext: { sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }, { name: 'net.ipv4.tcp_rmem', value: '1' }, { name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] } },
  { podSecurityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'a.json' } } },
  { podMetadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/mcp-server': 'runtime/default' } } },
];

function otherPod(podFields: object, containerFields: object): PodTemplate {
  const { metadata, spec } = renderSpec().deployment.spec.template;
  return { metadata, spec: { ...spec, ...podFields, containers: [{ ...spec.containers[0], ...containerFields }] } };
}

/** Pods that keep every control. */
export function restrictedPods(): [fields: string, template: PodTemplate][] {
  return [
    ...RESTRICTED_SPECS.map((fields): [string, PodTemplate] => [JSON.stringify(fields), renderSpec(fields).deployment.spec.template]),
    ...OTHER_RESTRICTED.map(([pod, container]): [string, PodTemplate] => [JSON.stringify([pod, container]), otherPod(pod, container)]),
  ];
}
