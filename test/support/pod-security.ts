// The eighteen controls of the Pod Security Standard `restricted`, judged without a cluster.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/

type Fields = Readonly<Record<string, unknown>>;

const RESTRICTED_VOLUMES = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];
const SELINUX_TYPES = [undefined, '', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];
const SAFE_SYSCTLS = [
  'kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports', 'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes',
];

const fields = (value: unknown): Fields => (value ?? {}) as Fields;
const list = (value: unknown): readonly Fields[] => (value ?? []) as readonly Fields[];
const names = (value: unknown): readonly string[] => (value ?? []) as readonly string[];

/** Every control the pod breaks, as `control: what`. Empty when the pod may run under `restricted`. */
export function podSecurityViolations(pod: Fields): string[] {
  const context = fields(pod['securityContext']);
  const containers = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((kind) => list(pod[kind]));
  return [
    ...podViolations(pod),
    ...contextViolations(context),
    ...containers.flatMap((container) => [
      ...contextViolations(fields(container['securityContext'])),
      ...containerViolations(container),
      ...inheritedViolations(fields(container['securityContext']), context),
    ]),
  ];
}

/** Controls of the pod as a whole. */
function podViolations(pod: Fields): string[] {
  const volumes = list(pod['volumes']).map((volume) => Object.keys(volume).filter((key) => key !== 'name'));
  const sysctls = list(fields(pod['securityContext'])['sysctls']).map(({ name }) => String(name));
  return violations({
    hostNamespaces: ['hostNetwork', 'hostPID', 'hostIPC'].filter((key) => pod[key] === true),
    hostPath: volumes.flat().filter((kind) => kind === 'hostPath'),
    volumes: volumes.flat().filter((kind) => !RESTRICTED_VOLUMES.includes(kind)),
    sysctls: sysctls.filter((name) => !SAFE_SYSCTLS.includes(name)),
  });
}

/** Controls that hold for the security contexts of pods and containers alike. */
function contextViolations(context: Fields): string[] {
  const { type, user, role } = fields(context['seLinuxOptions']);
  return violations({
    hostProcess: fields(context['windowsOptions'])['hostProcess'] === true ? ['true'] : [],
    appArmor: fields(context['appArmorProfile'])['type'] === 'Unconfined' ? ['Unconfined'] : [],
    seLinuxOptions: [...(SELINUX_TYPES.includes(type as string) ? [] : [`type ${String(type)}`]), ...[user, role].filter(Boolean).map(String)],
    seccompProfile: fields(context['seccompProfile'])['type'] === 'Unconfined' ? ['Unconfined'] : [],
    runAsUser: context['runAsUser'] === 0 ? ['0'] : [],
    runAsNonRoot: context['runAsNonRoot'] === false ? ['false'] : [],
  });
}

/** Controls of one container. The baseline's capability list is wider than the restricted one, so this one covers both. */
function containerViolations(container: Fields): string[] {
  const context = fields(container['securityContext']);
  const { add, drop } = fields(context['capabilities']);
  const hooks = [...Object.values(fields(container['lifecycle'])), container['livenessProbe'], container['readinessProbe'], container['startupProbe']];
  return violations({
    privileged: context['privileged'] === true ? ['true'] : [],
    'capabilities.add': names(add).filter((name) => name !== 'NET_BIND_SERVICE'),
    'capabilities.drop': names(drop).includes('ALL') ? [] : ['not ALL'],
    allowPrivilegeEscalation: context['allowPrivilegeEscalation'] === false ? [] : ['not false'],
    procMount: [undefined, 'Default'].includes(context['procMount'] as string) ? [] : [String(context['procMount'])],
    hostPorts: list(container['ports']).filter(({ hostPort }) => Boolean(hostPort)).map(({ hostPort }) => String(hostPort)),
    probeHost: hooks.flatMap((hook) => ['httpGet', 'tcpSocket'].map((action) => fields(fields(hook)[action])['host'])).filter(Boolean).map(String),
  });
}

/** Controls that either the container or its pod must satisfy. */
function inheritedViolations(container: Fields, pod: Fields): string[] {
  const seccomp = fields(container['seccompProfile'] ?? pod['seccompProfile'])['type'];
  return violations({
    runAsNonRoot: (container['runAsNonRoot'] ?? pod['runAsNonRoot']) === true ? [] : ['not true'],
    seccompProfile: seccomp === undefined ? ['not set'] : [],
  });
}

function violations(found: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(found).flatMap(([control, values]) => values.map((value) => `${control}: ${value}`));
}
