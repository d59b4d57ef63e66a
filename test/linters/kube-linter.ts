// The default checks of kube-linter under their own names. The program itself cannot be had as a Go module, so this is
// written from its list of checks: https://docs.kubelinter.io/#/generated/checks
import type { Manifest } from '../../charts/render.ts';
import { parseQuantity } from '../../charts/api/quantity.ts';
import type { Finding } from './findings.ts';

type Labels = Readonly<Record<string, string>>;
interface Capabilities { readonly add?: readonly string[]; readonly drop?: readonly string[] }
interface Context {
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly capabilities?: Capabilities;
  readonly sysctls?: readonly { readonly name: string }[];
}
interface Port { readonly name?: string; readonly containerPort: number; readonly protocol?: string }
interface Handler { readonly port: string | number }
interface Probe { readonly httpGet?: Handler; readonly tcpSocket?: Handler; readonly grpc?: Handler }
interface Container {
  readonly image?: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly Port[];
  readonly resources?: { readonly requests?: Labels; readonly limits?: Labels };
  readonly securityContext?: Context;
  readonly [probe: `${string}Probe`]: Probe | undefined;
}
interface AffinityTerm {
  readonly topologyKey: string;
  readonly namespaces?: readonly string[];
  readonly labelSelector?: { readonly matchLabels?: Labels };
}
interface Pod {
  readonly serviceAccount?: string;
  readonly serviceAccountName?: string;
  readonly hostIPC?: boolean;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly securityContext?: Context;
  readonly volumes?: readonly { readonly hostPath?: { readonly path: string } }[];
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly affinity?: {
    readonly podAntiAffinity?: Readonly<Record<string, readonly ({ readonly podAffinityTerm: AffinityTerm } | AffinityTerm)[]>>;
  };
}
/** An object with a pod template, or not. */
interface Subject {
  readonly object: Manifest;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly labels: Labels;
  readonly pod?: Pod | undefined;
  readonly containers: readonly Container[];
  /** Everything that is linted together. */
  readonly all: readonly Subject[];
}
/** Whether the check complains about the object. */
type Check = (subject: Subject) => boolean;

const SENSITIVE_PATHS = ['/', '/boot', '/dev', '/etc', '/lib', '/proc', '/sys', '/usr'];
const UNSAFE_SYSCTLS = ['kernel.msg', 'kernel.sem', 'kernel.shm', 'fs.mqueue.', 'net.'];
const NOT_A_VERSION = [/.*:(latest)$/, /^[^:]*$/, /(.*\/[^:]+)$/];

const isKind = (kind: string, check: Check): Check => (subject) => subject.object.kind === kind && check(subject);
const inPod = (check: (pod: Pod, subject: Subject) => boolean): Check => (subject) =>
  subject.pod !== undefined && check(subject.pod, subject);
const inContainer = (check: (container: Container, pod: Pod) => boolean): Check =>
  inPod((pod, { containers }) => containers.some((container) => check(container, pod)));
const hostPath = (isBad: (path: string) => boolean): Check =>
  inPod(({ volumes = [] }) => volumes.some((volume) => volume.hostPath !== undefined && isBad(volume.hostPath.path)));
const amount = (quantity = '0'): bigint => parseQuantity(quantity);
const selects = (selector: Labels, labels: Labels): boolean => Object.entries(selector).every(([key, value]) => labels[key] === value);
const percentOf = (written: unknown, whole: number): number =>
  String(written).endsWith('%') ? Math.ceil((Number.parseInt(String(written), 10) * whole) / 100) : Number(written);

function probePort(name: string): Check {
  return inContainer((container) => {
    const ports = (container.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP').flatMap((port) => [port.name, port.containerPort]);
    const { httpGet, tcpSocket, grpc } = container[`${name}Probe`] ?? {};
    return [httpGet, tcpSocket, grpc].some((handler) => handler !== undefined && !ports.includes(handler.port));
  });
}

function isAlone({ object, spec, labels, pod }: Subject): boolean {
  if (!(Number(spec['replicas'] ?? 1) > 1)) return false;
  const terms = Object.values(pod?.affinity?.podAntiAffinity ?? {}).flat().map((term) => ('podAffinityTerm' in term ? term.podAffinityTerm : term));
  return !terms.some(({ topologyKey, namespaces, labelSelector }) =>
    topologyKey === 'kubernetes.io/hostname' &&
    (namespaces?.includes(object.metadata.namespace ?? '') ?? true) &&
    selects(labelSelector?.matchLabels ?? {}, labels));
}

function servesNobody({ object, spec, all }: Subject): boolean {
  const selector = (spec['selector'] ?? {}) as Labels;
  if (spec['type'] === 'ExternalName') return false;
  return Object.keys(selector).length === 0 || !workloads(all, object).some(({ labels }) => selects(selector, labels));
}

function keepsEveryPod({ object, spec, all }: Subject): boolean {
  if (spec['minAvailable'] === undefined) return false;
  const { matchLabels = {} } = (spec['selector'] ?? {}) as { matchLabels?: Labels };
  const budgeted = workloads(all, object).filter(({ labels }) => selects(matchLabels, labels)).map(leastReplicas);
  return spec['minAvailable'] === '100%' || budgeted.some((replicas) => replicas <= percentOf(spec['minAvailable'], replicas));
}

function leastReplicas({ object, spec, all }: Subject): number {
  const scaler = all.find((other) => other.object.kind === 'HorizontalPodAutoscaler' && (other.spec['scaleTargetRef'] as { name?: string }).name === object.metadata.name);
  return Number(spec['replicas'] ?? scaler?.spec['minReplicas'] ?? 1);
}

function workloads(all: readonly Subject[], { metadata }: Manifest): Subject[] {
  return all.filter(({ pod, object }) => pod !== undefined && object.metadata.namespace === metadata.namespace);
}

function isUnknownAccount({ serviceAccountName = 'default' }: Pod, { object, all }: Subject): boolean {
  const accounts = all.filter((other) => other.object.kind === 'ServiceAccount' && other.object.metadata.namespace === object.metadata.namespace);
  return serviceAccountName !== 'default' && !accounts.some((account) => account.object.metadata.name === serviceAccountName);
}

function mayBeRoot({ securityContext: own = {} }: Container, { securityContext: shared = {} }: Pod): boolean {
  const { runAsUser: user, runAsGroup: group, runAsNonRoot: nonRoot } = { ...shared, ...own };
  return group === 0 || (!(user !== undefined && user > 0) && (nonRoot !== true || user === 0));
}

function hasBadPortName({ spec, containers }: Subject): boolean {
  const targets = ((spec['ports'] ?? []) as readonly { readonly targetPort?: string | number }[]).map(({ targetPort }) => targetPort);
  return [...targets, ...containers.flatMap(({ ports = [] }) => ports.map(({ name }) => name))].some(
    (port) => port !== undefined && !isPort(port),
  );
}

function isPort(port: string | number): boolean {
  return typeof port === 'number' ? port >= 1 && port <= 65_535 : /^(?=.{1,15}$)(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(port);
}

/** The checks that are on by default. */
export const KUBE_LINTER_CHECKS: Readonly<Record<string, Check>> = {
  'dangling-service': isKind('Service', servesNobody),
  'deprecated-service-account-field': inPod(({ serviceAccount }) => serviceAccount !== undefined),
  'docker-sock': hostPath((path) => path.endsWith('docker.sock')),
  'drop-net-raw-capability': inContainer(({ securityContext: { capabilities: { add = [], drop = [] } = {} } = {} }) =>
    add.some((name) => ['NET_RAW', 'ALL'].includes(name)) || !drop.some((name) => ['NET_RAW', 'ALL'].includes(name))),
  'duplicate-env-var': inContainer(({ env = [] }) => new Set(env.map(({ name }) => name)).size < env.length),
  'env-var-secret': inContainer(({ env = [] }) => env.some(({ name, value }) => /secret/i.test(name) && Boolean(value))),
  'host-ipc': inPod(({ hostIPC }) => hostIPC === true),
  'host-network': inPod(({ hostNetwork }) => hostNetwork === true),
  'host-pid': inPod(({ hostPID }) => hostPID === true),
  'invalid-target-ports': hasBadPortName,
  'job-ttl-seconds-after-finished': isKind('Job', ({ spec }) => spec['ttlSecondsAfterFinished'] === undefined),
  'latest-tag': inContainer(({ image = '' }) => NOT_A_VERSION.some((pattern) => pattern.test(image))),
  'liveness-port': probePort('liveness'),
  'mismatching-selector': isKind('Deployment', ({ spec, labels }) => !selects((spec['selector'] as { matchLabels?: Labels } | undefined)?.matchLabels ?? {}, labels)),
  'no-anti-affinity': isKind('Deployment', isAlone),
  'no-extensions-v1beta': ({ object }) => object.apiVersion.startsWith('extensions/v1beta'),
  'no-read-only-root-fs': inContainer(({ securityContext }) => securityContext?.readOnlyRootFilesystem !== true),
  'non-existent-service-account': inPod(isUnknownAccount),
  'pdb-max-unavailable': isKind('PodDisruptionBudget', ({ spec }) => ['0', '0%'].includes(String(spec['maxUnavailable']))),
  'pdb-min-available': isKind('PodDisruptionBudget', keepsEveryPod),
  'pdb-unhealthy-pod-eviction-policy': isKind('PodDisruptionBudget', ({ spec }) => spec['unhealthyPodEvictionPolicy'] === undefined),
  'privilege-escalation-container': inContainer(({ securityContext: { allowPrivilegeEscalation, privileged, capabilities } = {} }) =>
    allowPrivilegeEscalation === true || privileged === true || (capabilities?.add?.includes('SYS_ADMIN') ?? false)),
  'privileged-container': inContainer(({ securityContext }) => securityContext?.privileged === true),
  'readiness-port': probePort('readiness'),
  'run-as-non-root': inContainer(mayBeRoot),
  'sensitive-host-mounts': hostPath((path) => SENSITIVE_PATHS.includes(path)),
  'ssh-port': inContainer(({ ports = [] }) => ports.some(({ containerPort, protocol = 'TCP' }) => containerPort === 22 && protocol === 'TCP')),
  'startup-port': probePort('startup'),
  'unsafe-sysctls': inPod(
    ({ securityContext }) =>
      securityContext?.sysctls?.some(({ name }) => UNSAFE_SYSCTLS.some((prefix) => name.startsWith(prefix))) ?? false,
  ),
  'unset-cpu-requirements': inContainer(({ resources }) => amount(resources?.requests?.['cpu']) === 0n),
  'unset-memory-requirements': inContainer(({ resources }) => amount(resources?.limits?.['memory']) === 0n),
};

/** What the checks say about manifests that belong together. */
export function kubeLinter(manifests: readonly Manifest[]): Finding[] {
  const all: Subject[] = [];
  for (const object of manifests) all.push(subjectOf(object, all));
  return all.flatMap((subject) => {
    const { kind, metadata } = subject.object;
    const failed = Object.entries(KUBE_LINTER_CHECKS).filter(([, complains]) => complains(subject));
    return failed.map(([check]) => ({ check, object: `${kind} ${metadata.name}` }));
  });
}

function subjectOf(object: Manifest, all: readonly Subject[]): Subject {
  const spec = (object['spec'] ?? {}) as Subject['spec'];
  const template = spec['template'] as { metadata?: { labels?: Labels }; spec?: Pod } | undefined;
  const pod = object.kind === 'Pod' ? (spec as Pod) : template?.spec;
  const labels = (object.kind === 'Pod' ? object.metadata.labels : template?.metadata?.labels) ?? {};
  return { object, spec, labels, pod, all, containers: [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])] };
}
