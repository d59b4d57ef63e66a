// The controls of the Pod Security Standards `baseline` and `restricted`, as Kubernetes 1.36 enforces them.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/
// Whatever shape the fields have: where it is none that API servers take, they refuse the pods for that.

type Fields = Readonly<Record<string, unknown>>;

/** The pod template of a Deployment, as props or as manifest. */
export interface PodTemplate {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: object;
}

/** The less strict standard that has the control: a pod that breaks one of `baseline` breaks `restricted` too. */
export type PodSecurityStandard = 'baseline' | 'restricted';

/** A field by which a pod leaves a standard. */
export interface PodSecurityViolation {
  readonly standard: PodSecurityStandard;
  /** Name of the control in the documentation of the standards. */
  readonly control: string;
  /** Path in the pod template, for instance `spec.containers[0].securityContext.privileged`. */
  readonly field: string;
  /** What is wrong with the field, for instance `is true`. */
  readonly problem: string;
}

/** An object of the template and its path. */
interface Place {
  readonly at: string;
  readonly value: unknown;
}

interface Pod {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Place;
  readonly containers: readonly Place[];
  /** Security contexts of the pod and of its containers. */
  readonly contexts: readonly Place[];
}

type Finding = Pick<PodSecurityViolation, 'field' | 'problem'>;
/** What is wrong with a value, or nothing. */
type Judge = (value: unknown) => string | undefined;
type Find = (pod: Pod) => readonly Finding[];
type Control = readonly [standard: PodSecurityStandard, name: string, find: Find];

export const BASELINE_CAPABILITIES = [
  'AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT',
];
export const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];
export const PROFILES = ['RuntimeDefault', 'Localhost'];
export const SYSCTLS = [
  'kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports', 'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem',
];
const VOLUMES = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'];
const HOOKS = ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle.postStart', 'lifecycle.preStop'];
export const APP_ARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const isTrue: Judge = (value) => (value === true ? 'is true' : undefined);
const isSet: Judge = (value) => (value ? 'is set' : undefined);
const isNot = (allowed: unknown): Judge => (value) => (value === undefined || value === allowed ? undefined : `is ${text(value)}`);
const isOther = (allowed: readonly string[]): Judge => (value) =>
  value === undefined || allowed.includes(value as string) ? undefined : `is ${text(value)}`;
const hasOther = (allowed: readonly string[]): Judge => (value) => {
  const others = Array.isArray(value) ? value.filter((name: string) => !allowed.includes(name)) : [];
  return others.length > 0 ? `has ${others.join(', ')}` : undefined;
};

const CONTROLS: readonly Control[] = [
  ['baseline', 'HostProcess', ({ contexts }) => judge(contexts, 'windowsOptions.hostProcess', isTrue)],
  ['baseline', 'Host Namespaces', ({ spec }) => ['hostNetwork', 'hostPID', 'hostIPC'].flatMap((field) => judge([spec], field, isTrue))],
  ['baseline', 'Privileged Containers', ({ containers }) => judge(containers, 'securityContext.privileged', isTrue)],
  ['baseline', 'Capabilities', ({ containers }) => judge(containers, 'securityContext.capabilities.add', hasOther(BASELINE_CAPABILITIES))],
  ['baseline', 'HostPath Volumes', ({ spec }) => judge(items(spec, 'volumes'), 'hostPath', isSet)],
  ['baseline', 'Host Ports', ({ spec, containers }) => {
    const ports = containers.flatMap((container) => items(container, 'ports'));
    // On the network of the node every port is one of the node: API servers set hostPort there.
    if (isOnHost(spec) && ports.length > 0) return judge([spec], 'hostNetwork', isTrue);
    return judge(ports, 'hostPort', (port) => (port ? `is ${text(port)}` : undefined));
  }],
  ['baseline', 'Host Probes / Lifecycle Hooks', ({ containers }) => HOOKS.flatMap((hook) => ['httpGet', 'tcpSocket'].flatMap((action) => judge(containers, `${hook}.${action}.host`, isSet)))],
  ['baseline', 'AppArmor', ({ contexts, annotations }) => [...judge(contexts, 'appArmorProfile.type', isOther(PROFILES)), ...appArmorAnnotations(annotations)]],
  ['baseline', 'SELinux', ({ contexts }) => [
    ...judge(contexts, 'seLinuxOptions.type', isOther(SELINUX_TYPES)),
    ...['user', 'role'].flatMap((field) => judge(contexts, `seLinuxOptions.${field}`, isSet)),
  ]],
  ['baseline', '/proc Mount Type', (pod) => (hasOwnUsers(pod) ? [] : procMounts(pod))],
  ['baseline', 'Seccomp', ({ contexts }) => judge(contexts, 'seccompProfile.type', isOther(PROFILES))],
  ['baseline', 'Sysctls', ({ spec }) => judge(items(spec, 'securityContext.sysctls'), 'name', isOther(SYSCTLS))],
  ['restricted', 'Volume Types', ({ spec }) => items(spec, 'volumes').flatMap((volume) => {
    const others = Object.keys(fields(volume.value)).filter((kind) => kind !== 'name' && !VOLUMES.includes(kind));
    return others.flatMap((kind) => judge([volume], kind, isSet));
  })],
  ['restricted', 'Privilege Escalation', unlessWindows(({ containers }) =>
    judge(containers, 'securityContext.allowPrivilegeEscalation', (value) => (value === false ? undefined : 'is not false')))],
  ['restricted', 'Running as Non-root', unlessOwnUsers((pod) => inherited(pod, 'runAsNonRoot', isNot(true)))],
  ['restricted', 'Running as Non-root user', unlessOwnUsers(({ contexts }) => judge(contexts, 'runAsUser', (value) => (value === 0 ? 'is 0' : undefined)))],
  // Where users are the pod's own, baseline lets it pass.
  ['restricted', '/proc Mount Type', (pod) => (hasOwnUsers(pod) ? procMounts(pod) : [])],
  ['restricted', 'Seccomp', unlessWindows((pod) => inherited(pod, 'seccompProfile.type', isOther(PROFILES)))],
  ['restricted', 'Capabilities', unlessWindows(({ containers }) => [
    ...judge(containers, 'securityContext.capabilities.drop', (value) => (Array.isArray(value) && value.includes('ALL') ? undefined : 'lacks ALL')),
    ...judge(containers, 'securityContext.capabilities.add', hasOther(['NET_BIND_SERVICE'])),
  ])],
];

function procMounts({ containers }: Pod): Finding[] {
  return judge(containers, 'securityContext.procMount', isNot('Default'));
}

/** On Windows these settings cannot be made. */
function unlessWindows(find: Find): Find {
  return (pod) => (below(pod.spec, 'os.name').value === 'windows' ? [] : find(pod));
}

/** Root is nobody outside of such a pod. */
function unlessOwnUsers(find: Find): Find {
  return (pod) => (hasOwnUsers(pod) ? [] : find(pod));
}

function hasOwnUsers({ spec }: Pod): boolean {
  return below(spec, 'hostUsers').value === false;
}

function isOnHost(spec: Place): boolean {
  return below(spec, 'hostNetwork').value === true;
}

/** Every control, by standard and name. */
export const POD_SECURITY_CONTROLS: readonly Pick<PodSecurityViolation, 'standard' | 'control'>[] =
  CONTROLS.map(([standard, control]) => ({ standard, control }));

/** Every field by which pods of the template leave `baseline` or `restricted`, the former first. Empty: they may run under `restricted`. */
export function podSecurityViolations({ metadata, spec: podSpec = {} }: PodTemplate): PodSecurityViolation[] {
  const spec: Place = { at: 'spec', value: podSpec };
  const containers = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((kind) => items(spec, kind));
  const contexts = [spec, ...containers].map((place) => below(place, 'securityContext'));
  const pod: Pod = { annotations: metadata?.annotations ?? {}, spec, containers, contexts };
  return CONTROLS.flatMap(([standard, control, find]) => find(pod).map((finding) => ({ standard, control, ...finding })));
}

/** The field of each place that is wrong. */
function judge(places: readonly Place[], path: string, wrong: Judge): Finding[] {
  return places.flatMap((place) => {
    const { at, value } = below(place, path);
    const problem = wrong(value);
    return problem === undefined ? [] : [{ field: at, problem }];
  });
}

/** A field that every container must have, itself or from its pod. */
function inherited({ spec, containers, contexts }: Pod, path: string, wrong: Judge): Finding[] {
  const ofPod = below(spec, `securityContext.${path}`);
  const isMissing = ofPod.value === undefined && containers.some((container) => below(container, `securityContext.${path}`).value === undefined);
  return [...judge(contexts, path, wrong), ...(isMissing ? [{ field: ofPod.at, problem: 'is not set' }] : [])];
}

function appArmorAnnotations(annotations: Pod['annotations']): Finding[] {
  const wrong = Object.entries(annotations).filter(([key, value]) => key.startsWith(APP_ARMOR_ANNOTATION) && !/^(|runtime\/default|localhost\/.*)$/s.test(value));
  return wrong.map(([key, value]) => ({ field: `metadata.annotations[${key}]`, problem: `is ${value}` }));
}

function below({ at, value }: Place, path: string): Place {
  return { at: `${at}.${path}`, value: path.split('.').reduce((parent, key) => fields(parent)[key], value) };
}

function items(parent: Place, path: string): Place[] {
  const { at, value } = below(parent, path);
  return Array.isArray(value) ? value.map((item: unknown, index) => ({ at: `${at}[${index}]`, value: item })) : [];
}

function fields(value: unknown): Fields {
  return (value ?? {}) as Fields;
}
