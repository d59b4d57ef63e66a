// Random valid MCPServer specs for property tests. Typed by field, so that a new field of the schema needs an arbitrary.
// Everything generated is also accepted by the API server once rendered.
import * as fc from 'fast-check';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { parseQuantity } from '../../charts/api/quantity.ts';

type FieldArbitraries = { readonly [Field in keyof MCPServerSpec]-?: fc.Arbitrary<NonNullable<MCPServerSpec[Field]>> };
type Env = NonNullable<MCPServerSpec['env']>[number];

/** A record whose keys may each be missing. */
const optional = <T extends Record<string, unknown>>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<{ [K in keyof T]?: T[K] }> =>
  fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<{ [K in keyof T]?: T[K] }>;

const dataKey = fc.stringMatching(/^[A-Za-z_][-._A-Za-z0-9]{0,8}$/);
/** cdk8s writes such text without quotes, and YAML 1.2 reads it as an octal number. */
const isOctal = (written: string): boolean => /^[-+]?0o[0-7]+$/.test(written);
const objectName = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?$/).filter((written) => !isOctal(written));
/** Text that YAML or JavaScript could take for something else is more likely than elsewhere. */
const text = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[!-~]([ -~]{0,10}[!-~])?$/).filter((written) => !isOctal(written)) },
  { weight: 1, arbitrary: fc.constantFrom('true', 'no', '0777', '1e3', 'null', '~', '- a', 'a: b', '{}', '#x', 'ключ', 'line\nbreak\n', '"', "'") },
);
const label = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const id = fc.integer({ min: 1, max: 2_147_483_647 });
const reference = { name: objectName, optional: fc.boolean() };
const keySelector = fc.record({ ...reference, key: dataKey }, { requiredKeys: ['name', 'key'] });

/** Any spelling of an amount of at least one thousandth, up to some hundred gigabytes. */
export const arbitraryQuantity: fc.Arbitrary<string | number> = fc.oneof(
  fc.integer({ min: 1, max: 1_000_000 }),
  fc.tuple(fc.integer({ min: 1, max: 9999 }), fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'e3', 'E2')).map(([n, suffix]) => `${n}${suffix}`),
  fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 999 }), fc.constantFrom('', 'Gi', 'G', 'Ki')).map(([n, fraction, suffix]) => `${n}.${fraction}${suffix}`),
);

const source: fc.Arbitrary<NonNullable<Env['valueFrom']>> = fc.oneof(
  fc.record({ fieldRef: fc.record({ fieldPath: fc.constantFrom('metadata.name', 'metadata.uid', 'spec.nodeName', 'status.podIP', "metadata.labels['a']"), apiVersion: fc.constant('v1') }, { requiredKeys: ['fieldPath'] }) }),
  fc.record({ resourceFieldRef: fc.record({ resource: fc.constantFrom('limits.memory', 'requests.memory'), divisor: fc.constantFrom(1, '1', '1k', '1Ki', '1024Ki', '1M') }, { requiredKeys: ['resource'] }) }),
  fc.record({ configMapKeyRef: keySelector }),
  fc.record({ secretKeyRef: keySelector }),
);

const variable: fc.Arbitrary<Env> = fc.oneof(
  fc.record({ name: fc.oneof(dataKey, fc.constantFrom('MCP_PORT', 'POD_NAME', 'LOG_LEVEL', 'toString')), value: fc.oneof(text, fc.constant('')) }, { requiredKeys: ['name'] }),
  fc.record({ name: dataKey, valueFrom: source }),
);

const envFromItem = fc.oneof(
  fc.record({ prefix: label, configMapRef: fc.record(reference, { requiredKeys: ['name'] }) }, { requiredKeys: ['configMapRef'] }),
  fc.record({ prefix: label, secretRef: fc.record(reference, { requiredKeys: ['name'] }) }, { requiredKeys: ['secretRef'] }),
);

/** Amounts of some resources. */
function amounts(more: Record<string, fc.Arbitrary<number>> = {}): fc.Arbitrary<Record<string, string | number>> {
  const each = Object.entries({ cpu: arbitraryQuantity, memory: arbitraryQuantity, 'ephemeral-storage': arbitraryQuantity, ...more });
  const entries = each.map(([name, amount]): fc.Arbitrary<[string, string | number]> => fc.tuple(fc.constant(name), amount));
  return fc.tuple(...entries).chain((all) => fc.subarray(all)).map((some) => Object.fromEntries(some));
}
const seccompProfile = fc.oneof(
  fc.record({ type: fc.constantFrom('RuntimeDefault' as const, 'Unconfined' as const) }),
  fc.record({ type: fc.constant('Localhost' as const), localhostProfile: label }),
);
const identity = {
  runAsUser: fc.oneof(id, fc.constant(0)),
  runAsGroup: id,
  runAsNonRoot: fc.boolean(),
  seLinuxOptions: optional({ level: label, role: label, type: label, user: label }),
  seccompProfile,
  windowsOptions: optional({ gmsaCredentialSpecName: objectName, runAsUserName: label }),
};
const capabilities = fc.uniqueArray(fc.constantFrom('NET_BIND_SERVICE', 'SYS_ADMIN', 'CAP_SYS_ADMIN', 'CHOWN', 'NET_ADMIN'), { minLength: 1 });
const commandLine = fc.array(fc.oneof(text, fc.constant('')), { minLength: 1, maxLength: 3 });

const labelMap = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}(\.io\/[a-z]{1,6})?$/).filter((key) => key !== 'constructor'), fc.stringMatching(/^([a-z0-9]([-a-z0-9]{0,6}[a-z0-9])?)?$/).filter((written) => !isOctal(written)), { minKeys: 1, maxKeys: 3 });
const labelKey = fc.stringMatching(/^[a-z]{1,8}$/);
const values = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/), { minLength: 1, maxLength: 3 });
const condition = fc.oneof(
  fc.record({ key: labelKey, operator: fc.constantFrom('In' as const, 'NotIn' as const), values }),
  fc.record({ key: labelKey, operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) }),
);
const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { minLength: 1, maxLength: 2 });
const labelSelector = fc.oneof(fc.record({ matchLabels: labelMap }), fc.record({ matchExpressions: list(condition) }));
const nodeTerm = fc.record({ matchExpressions: list(condition) });
const podTerm = fc.record({ labelSelector, namespaceSelector: labelSelector, namespaces: list(objectName), topologyKey: labelKey }, { requiredKeys: ['topologyKey', 'labelSelector'] });
const weight = fc.integer({ min: 1, max: 100 });
const podAffinity = fc.oneof(
  fc.record({ requiredDuringSchedulingIgnoredDuringExecution: list(podTerm) }),
  fc.record({ preferredDuringSchedulingIgnoredDuringExecution: list(fc.record({ weight, podAffinityTerm: podTerm })) }),
);
const nodeAffinity = fc.oneof(
  fc.record({ requiredDuringSchedulingIgnoredDuringExecution: fc.record({ nodeSelectorTerms: list(nodeTerm) }) }),
  fc.record({ preferredDuringSchedulingIgnoredDuringExecution: list(fc.record({ weight, preference: nodeTerm })) }),
);
const toleration = fc.oneof(
  fc.record({ key: labelKey, operator: fc.constant('Equal' as const), value: fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/), effect: fc.constantFrom('NoSchedule' as const, 'PreferNoSchedule' as const) }, { requiredKeys: ['key'] }),
  fc.record({ key: labelKey, operator: fc.constant('Exists' as const), effect: fc.constant('NoExecute' as const), tolerationSeconds: fc.integer({ min: 0, max: 1000 }) }),
);
const spreadConstraint = fc.record(
  {
    maxSkew: fc.integer({ min: 1, max: 9 }),
    topologyKey: labelKey,
    whenUnsatisfiable: fc.constant('DoNotSchedule' as const),
    labelSelector,
    minDomains: fc.integer({ min: 1, max: 9 }),
    nodeAffinityPolicy: fc.constantFrom('Honor' as const, 'Ignore' as const),
    nodeTaintsPolicy: fc.constantFrom('Honor' as const, 'Ignore' as const),
  },
  { requiredKeys: ['maxSkew', 'topologyKey', 'whenUnsatisfiable'] },
);

const items = fc.uniqueArray(fc.record({ key: dataKey, path: fc.stringMatching(/^[a-z]{1,6}(\/[a-z]{1,6})?$/) }), { minLength: 1, maxLength: 2, selector: ({ key }) => key });
const dataSource = fc.record({ name: objectName, items }, { requiredKeys: ['name'] });
const mountPath = fc.stringMatching(/^\/(files|more)(\/[a-z]{1,6}){1,2}$/);
const file = fc.oneof(fc.record({ mountPath, secret: dataSource }), fc.record({ mountPath, configMap: dataSource }));
const folder = fc.oneof(
  fc.record({ mountPath: mountPath.map((path) => `/storage${path}`), emptyDir: fc.record({ sizeLimit: arbitraryQuantity }) }),
  fc.record({ mountPath: mountPath.map((path) => `/storage${path}`), persistentVolumeClaim: fc.record({ claimName: objectName }) }),
);
const port = fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.constant('mcp'));
const handler = fc.oneof(
  fc.record({ httpGet: fc.record({ port, host: label, path: fc.constantFrom('/', '/ready'), scheme: fc.constantFrom('HTTP' as const, 'HTTPS' as const), httpHeaders: list(fc.record({ name: fc.constant('X-A'), value: label })) }, { requiredKeys: ['port'] }) }),
  fc.record({ tcpSocket: fc.record({ port, host: label }, { requiredKeys: ['port'] }) }),
  fc.record({ grpc: fc.record({ port: fc.integer({ min: 1, max: 65_535 }), service: label }, { requiredKeys: ['port'] }) }),
  fc.record({ exec: fc.record({ command: commandLine }) }),
);
const timing = optional({ initialDelaySeconds: fc.nat(60), periodSeconds: fc.integer({ min: 1, max: 60 }), timeoutSeconds: fc.integer({ min: 1, max: 60 }), failureThreshold: fc.integer({ min: 1, max: 60 }) });
const probe = fc.tuple(handler, timing).map(([how, when]) => ({ ...how, ...when }));
const pods = fc.oneof(fc.nat(10), fc.nat(100).map((percent) => `${percent}%`));

const extraPorts = fc.uniqueArray(fc.record({ name: fc.stringMatching(/^[a-z]{1,3}[0-9]{1,4}$/), port: fc.integer({ min: 1, max: 65_535 }) }), { maxLength: 3, selector: ({ name }) => name });
const averageTarget = fc.record({ type: fc.constant('AverageValue' as const), averageValue: arbitraryQuantity });
const resourceTarget = fc.oneof(averageTarget, fc.record({ type: fc.constant('Utilization' as const), averageUtilization: fc.integer({ min: 1, max: 200 }) }));
const valueTarget = fc.oneof(averageTarget, fc.record({ type: fc.constant('Value' as const), value: arbitraryQuantity }));
const resourceName = fc.constantFrom('cpu' as const, 'memory' as const);
const metric = fc.record({ name: label, selector: labelSelector }, { requiredKeys: ['name'] });
const describedObject = fc.record({ apiVersion: fc.constant('networking.k8s.io/v1'), kind: fc.constant('Ingress'), name: objectName }, { requiredKeys: ['kind', 'name'] });
const metricSpec = fc.oneof(
  fc.record({ type: fc.constant('Resource' as const), resource: fc.record({ name: resourceName, target: resourceTarget }) }),
  fc.record({ type: fc.constant('ContainerResource' as const), containerResource: fc.record({ container: fc.constant('mcp-server'), name: resourceName, target: resourceTarget }) }),
  fc.record({ type: fc.constant('Pods' as const), pods: fc.record({ metric, target: averageTarget }) }),
  fc.record({ type: fc.constant('Object' as const), object: fc.record({ describedObject, metric, target: valueTarget }) }),
  fc.record({ type: fc.constant('External' as const), external: fc.record({ metric, target: valueTarget }) }),
);
const scalingRules = optional({
  stabilizationWindowSeconds: fc.nat(3600),
  selectPolicy: fc.constantFrom('Max' as const, 'Min' as const, 'Disabled' as const),
  policies: list(fc.record({ type: fc.constantFrom('Pods' as const, 'Percent' as const), value: fc.integer({ min: 1, max: 100 }), periodSeconds: fc.integer({ min: 1, max: 1800 }) })),
});

const affinities = { sessionAffinity: fc.constantFrom('Auto' as const, 'ClientIP' as const), sessionAffinityTimeoutSeconds: fc.integer({ min: 1, max: 86_400 }) };
const serviceFields = { port: fc.integer({ min: 1, max: 65_535 }), appProtocol: fc.constantFrom('http', 'kgateway.dev/mcp'), annotations: labelMap };
const externalTrafficPolicy = fc.constantFrom('Cluster' as const, 'Local' as const);
const service: fc.Arbitrary<NonNullable<MCPServerSpec['service']>> = fc.oneof(
  optional({ ...serviceFields, ...affinities }),
  optional({ ...serviceFields, sessionAffinity: fc.constant('None' as const) }),
  fc.record({ ...serviceFields, ...affinities, type: fc.constant('NodePort' as const), externalTrafficPolicy }, { requiredKeys: ['type'] }),
  fc.record({ ...serviceFields, ...affinities, type: fc.constant('LoadBalancer' as const), externalTrafficPolicy, loadBalancerClass: fc.constantFrom('a', 'example.com/b') }, { requiredKeys: ['type'] }),
);

const peer: fc.Arbitrary<NonNullable<NonNullable<MCPServerSpec['networkPolicy']>['ingressFrom']>[number]> = fc.oneof(
  fc.record({ podSelector: labelSelector }),
  fc.record({ podSelector: fc.constantFrom({}, { matchLabels: {} }) }),
  fc.record({ namespaceSelector: labelSelector, podSelector: fc.oneof(labelSelector, fc.constant({})) }, { requiredKeys: ['namespaceSelector'] }),
  fc.record({ namespaceSelector: fc.constant({}), podSelector: labelSelector }),
  fc.record({ ipBlock: fc.record({ cidr: fc.constantFrom('10.0.0.0/8', '192.0.2.0/24', '2001:db8::/32') }) }),
  fc.record({ ipBlock: fc.record({ cidr: fc.constant('0.0.0.0/0'), except: fc.uniqueArray(fc.constantFrom('10.0.0.0/8', '169.254.0.0/16'), { minLength: 1 }) }) }),
);
const peers = fc.array(peer, { maxLength: 3 });
const networkPolicy = fc.record({ ingressFrom: peers, egressTo: peers }, { requiredKeys: ['egressTo'] });

/** An arbitrary for every field of the spec. */
export const FIELD_ARBITRARIES: FieldArbitraries = {
  image: fc.stringMatching(/^[a-z]{1,8}(\/[a-z0-9]{1,8})?(:[a-z0-9.]{1,8})?$/),
  imagePullPolicy: fc.constantFrom('Always', 'IfNotPresent', 'Never'),
  imagePullSecrets: fc.uniqueArray(fc.record({ name: objectName }), { maxLength: 3, selector: ({ name }) => name }),
  command: commandLine,
  args: commandLine,
  transport: fc.constantFrom('stdio', 'http', 'streamable-http'),
  port: fc.integer({ min: 1, max: 65_535 }),
  path: fc.stringMatching(/^\/[a-z0-9/._~%-]{0,12}$/),
  extraPorts,
  service,
  networkPolicy,
  replicas: fc.integer({ min: 0, max: 1000 }),
  config: fc.dictionary(
    fc.oneof(dataKey, fc.constantFrom('a.txt', '1', '10', '9', 'LOG_LEVEL', 'MCP_SERVER_NAME', 'toString', 'hasOwnProperty')).filter((key) => key !== 'constructor'),
    fc.oneof(text, fc.constant('')),
    { maxKeys: 6 },
  ),
  env: fc.uniqueArray(variable, { maxLength: 5, selector: ({ name }) => name }),
  envFrom: fc.array(envFromItem, { maxLength: 3 }),
  resources: optional({
    requests: amounts(),
    limits: amounts({ 'example.com/device': fc.integer({ min: 0, max: 8 }) }),
  }),
  securityProfile: fc.constantFrom('Restricted', 'ImageUser', 'None'),
  securityContext: optional({
    ...identity,
    allowPrivilegeEscalation: fc.boolean(),
    capabilities: optional({ add: capabilities, drop: capabilities }),
    privileged: fc.boolean(),
    procMount: fc.constant('Default' as const),
    readOnlyRootFilesystem: fc.boolean(),
  }),
  podSecurityContext: optional({
    ...identity,
    fsGroup: id,
    fsGroupChangePolicy: fc.constantFrom('Always' as const, 'OnRootMismatch' as const),
    supplementalGroups: fc.array(id, { minLength: 1, maxLength: 3 }),
    sysctls: fc.uniqueArray(fc.record({ name: fc.constantFrom('net.ipv4.tcp_syncookies', 'kernel.shm_rmid_forced'), value: label }), { minLength: 1, selector: ({ name }) => name }),
  }),
  serviceAccount: objectName,
  automountServiceAccountToken: fc.boolean(),
  files: fc.uniqueArray(file, { maxLength: 3, selector: (each) => each.mountPath }),
  storage: fc.uniqueArray(folder, { maxLength: 3, selector: (each) => each.mountPath }),
  probes: optional({ startup: probe, readiness: probe, liveness: probe }),
  disruption: fc.oneof(
    fc.record({ mode: fc.constantFrom('Default' as const, 'None' as const) }),
    fc.record({ mode: fc.constant('Custom' as const), minAvailable: pods }),
    fc.record({ mode: fc.constant('Custom' as const), maxUnavailable: pods }),
  ),
  scaling: fc.constantFrom('Managed', 'External'),
  autoscaling: fc
    .record(
      { minReplicas: fc.integer({ min: 1, max: 9 }), maxReplicas: fc.integer({ min: 9, max: 1000 }), targetCPUUtilizationPercentage: fc.integer({ min: 1, max: 200 }), metrics: list(metricSpec), behavior: optional({ scaleUp: scalingRules, scaleDown: scalingRules }) },
      { requiredKeys: ['maxReplicas'] },
    )
    .map((autoscaling) => (autoscaling.metrics ? autoscaling : { targetCPUUtilizationPercentage: 80, ...autoscaling })),
  strategy: fc.record({ type: fc.constantFrom('RollingUpdate' as const, 'Recreate' as const) }),
  podMetadata: optional({ labels: labelMap, annotations: labelMap }),
  nodeSelector: labelMap,
  tolerations: fc.array(toleration, { maxLength: 3 }),
  affinity: optional({ nodeAffinity, podAffinity, podAntiAffinity: podAffinity }),
  topologySpreadConstraints: fc.uniqueArray(spreadConstraint, { maxLength: 3, selector: ({ topologyKey }) => topologyKey }),
  priorityClassName: objectName,
  runtimeClassName: objectName,
  terminationGracePeriodSeconds: fc.integer({ min: 0, max: 3600 }),
  drainSeconds: fc.integer({ min: 0, max: 60 }),
  verification: optional({
    mode: fc.constantFrom('Require' as const, 'Observe' as const, 'Off' as const),
    intervalSeconds: fc.integer({ min: 10, max: 86_400 }),
    timeoutSeconds: fc.integer({ min: 1, max: 60 }),
    credentialsSecretRef: fc.record({ name: objectName, key: dataKey }),
    header: fc.constantFrom('Authorization', 'X-Api-Key'),
  }),
  suspend: fc.boolean(),
  deletionPolicy: fc.constantFrom('Delete' as const, 'Orphan' as const),
  tls: optional({ caBundleRef: fc.record({ name: objectName, key: dataKey }, { requiredKeys: ['name'] }) }),
  onReferenceChange: fc.constantFrom('Restart' as const, 'Ignore' as const),
};

/** A valid spec with any subset of fields; fields named in `without` are never set. */
export function arbitrarySpec(without: readonly (keyof MCPServerSpec)[] = []): fc.Arbitrary<MCPServerSpec> {
  const fields = Object.fromEntries(Object.entries(FIELD_ARBITRARIES).filter(([name]) => !(without as string[]).includes(name)));
  const requiredKeys = 'image' in fields ? ['image'] : [];
  return (fc.record(fields, { requiredKeys }) as fc.Arbitrary<MCPServerSpec>).map(repaired);
}

/** A spec changed as little as the rules between fields, and those of pods, demand. */
export function repaired(spec: MCPServerSpec): MCPServerSpec {
  const result = structuredClone(spec);
  repairNetwork(result);
  if (result.transport === 'stdio') {
    for (const probe of Object.values(result.probes ?? {})) for (const handler of [probe?.httpGet, probe?.tcpSocket]) if (handler !== undefined) handler.port = 9;
    if ((result.replicas ?? 1) > 1) result.replicas = 1;
    delete result.autoscaling;
    delete result.scaling;
    delete result.tls;
  }
  if (result.autoscaling !== undefined) delete result.scaling;
  for (const [name, request] of Object.entries(result.resources?.requests ?? {})) {
    const limit = result.resources?.limits?.[name];
    if (limit !== undefined && parseQuantity(request) > parseQuantity(limit)) result.resources!.requests![name] = limit;
  }
  for (const context of [result.securityContext, result.podSecurityContext]) {
    if (context?.runAsUser === 0) context.runAsNonRoot = false;
  }
  const { terminationGracePeriodSeconds: grace = 30, drainSeconds: drain = 5 } = result;
  if (drain > 0 && drain >= grace) result.drainSeconds = Math.max(0, grace - 1);
  const { securityContext: container, verification } = result;
  if (container !== undefined && (container.runAsUser ?? result.podSecurityContext?.runAsUser) === 0) container.runAsNonRoot = false;
  const escalates = container?.privileged === true || container?.capabilities?.add?.some((name) => name.endsWith('SYS_ADMIN'));
  if (escalates) delete container?.allowPrivilegeEscalation;
  if (verification?.mode === 'Off') delete verification.credentialsSecretRef;
  if (verification?.credentialsSecretRef === undefined) delete verification?.header;
  if (verification !== undefined) verification.timeoutSeconds = Math.min(verification.timeoutSeconds ?? 10, verification.intervalSeconds ?? 300);
  return result;
}

function repairNetwork(spec: MCPServerSpec): void {
  if (spec.transport === 'stdio') {
    delete spec.service;
    delete spec.networkPolicy?.ingressFrom;
  }
  const taken = new Set([spec.port ?? 8080, spec.service?.port ?? 0]);
  const isFree = ({ port }: { port: number }): boolean => !taken.has(port) && taken.add(port) !== undefined;
  if (spec.extraPorts !== undefined) spec.extraPorts = spec.transport === 'stdio' ? [] : spec.extraPorts.filter(isFree);
}
