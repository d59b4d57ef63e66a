// Specs changed as little as the rules between their fields, and those of pods, demand.
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { MAX_REFERENCES } from '../../charts/api/uses.ts';
import { parseQuantity } from '../../charts/api/quantity.ts';

type Spec = MCPServerSpec;
interface Condition {
  operator: string;
  values?: string[];
}

/** The spec with every rule kept; one that keeps them all is left as it is. */
export function repaired(spec: Spec): Spec {
  const result = structuredClone(spec);
  const exposed = [transport, ports, service, networkPolicy];
  const running = [replicas, metrics, resources, security, configuration, volumes, hooks, disruption, rollout, names, scheduling, draining];
  for (const repair of [conditions, ...exposed, ...running, references, verification]) repair(result);
  return result;
}

/** No more objects than may be referred to, whatever they are called. */
function references(spec: Spec): void {
  for (const field of ['env', 'envFrom', 'imagePullSecrets'] as const) spec[field]?.splice(MAX_REFERENCES / 8 - 1);
  spec.files?.splice(MAX_REFERENCES / 16 - 1);
  for (const { projected } of spec.files ?? []) projected?.sources.splice(MAX_REFERENCES / 16 - 1);
}

/** Conditions on labels, wherever they are: only In and NotIn take any values, Gt and Lt one number, the others none. */
function conditions({ tolerations: _other, ...spec }: Spec): void {
  for (const condition of conditionsIn(spec)) {
    if (['Exists', 'DoesNotExist'].includes(condition.operator)) delete condition.values;
    else if (['Gt', 'Lt'].includes(condition.operator)) condition.values = ['1'];
    else condition.values ??= ['a'];
  }
}

function conditionsIn(value: unknown): Condition[] {
  if (typeof value !== 'object' || value === null) return [];
  return 'key' in value && 'operator' in value ? [value as unknown as Condition] : Object.values(value).flatMap(conditionsIn);
}

/** A stdio server has a command, and a bridge, which takes names and speaks no TLS. */
function transport(spec: Spec): void {
  if (spec.transport !== 'stdio') {
    delete spec.stdio;
    return;
  }
  if ((spec.command?.[0] ?? '') === '') spec.command = ['server', ...(spec.command ?? []).slice(1)];
  const handlers = Object.values(spec.probes ?? {}).flatMap((probe) => [probe?.httpGet, probe?.tcpSocket]);
  for (const handler of handlers) if (handler !== undefined) handler.port = 9;
  delete spec.tls;
}

function ports(spec: Spec): void {
  if (spec.extraPorts === undefined) return;
  const taken = new Set([spec.port ?? 8080, spec.service?.port ?? 0]);
  const isFree = ({ port }: { port: number }): boolean => !taken.has(port) && taken.add(port) !== undefined;
  const names = ['mcp', ...(spec.transport === 'stdio' ? ['health'] : [])];
  spec.extraPorts = spec.extraPorts.filter(({ name }) => !names.includes(name)).filter(isFree);
}

function service({ service: each }: Spec): void {
  if (each === undefined) return;
  if (each.type !== 'LoadBalancer') delete each.loadBalancerClass;
  if (each.type !== 'LoadBalancer') delete each.loadBalancerSourceRanges;
  if (each.type === undefined || each.type === 'ClusterIP') {
    delete each.externalTrafficPolicy;
    delete each.nodePort;
  }
  if (each.sessionAffinity === 'None') delete each.sessionAffinityTimeoutSeconds;
}

type Peers = NonNullable<NonNullable<Spec['networkPolicy']>['egressTo']>;

function isEmpty(selector: Peers[number]['podSelector']): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0 && selector?.matchExpressions === undefined;
}

function networkPolicy({ networkPolicy: policy }: Spec): void {
  if (policy === undefined) return;
  for (const peer of [...(policy.ingressFrom ?? []), ...(policy.egressTo ?? [])] as Peers) {
    const isEverything = peer.namespaceSelector !== undefined && isEmpty(peer.namespaceSelector) && isEmpty(peer.podSelector);
    if (isEverything) peer.namespaceSelector = { matchLabels: { team: 'a' } };
  }
  if (policy.ingressFrom === undefined) policy.egressTo ??= [];
}

function replicas(spec: Spec): void {
  const { autoscaling } = spec;
  if (autoscaling === undefined) return;
  delete spec.scaling;
  autoscaling.maxReplicas = Math.max(autoscaling.maxReplicas, autoscaling.minReplicas ?? 1);
  if (autoscaling.metrics === undefined) autoscaling.targetCPUUtilizationPercentage ??= 80;
}

const TYPES = { resource: 'Resource', containerResource: 'ContainerResource', pods: 'Pods', object: 'Object', external: 'External' } as const;
const TARGETS = { averageUtilization: 'Utilization', averageValue: 'AverageValue', value: 'Value' } as const;

/** The type of a metric, and of its target, is the field that is there. */
function metrics({ autoscaling }: Spec): void {
  for (const metric of autoscaling?.metrics ?? []) {
    for (const [field, type] of Object.entries(TYPES) as [keyof typeof TYPES, (typeof TYPES)[keyof typeof TYPES]][]) {
      const target = metric[field]?.target;
      if (target === undefined) continue;
      metric.type = type;
      for (const [value, kind] of Object.entries(TARGETS)) if (value in target) target.type = kind;
    }
  }
}

function resources({ resources: { requests = {}, limits = {} } = {} }: Spec): void {
  for (const amounts of [requests, limits]) {
    const memory = parseQuantity(amounts['memory'] ?? 0);
    if (memory > 0n && memory < parseQuantity('4Mi')) amounts['memory'] = '64Mi';
  }
  for (const [name, request] of Object.entries(requests)) {
    const limit = limits[name];
    if (limit !== undefined && parseQuantity(request) > parseQuantity(limit)) requests[name] = limit;
  }
}

function security({ securityContext: container, podSecurityContext: pod }: Spec): void {
  for (const context of [container, pod]) if (context?.runAsUser === 0) context.runAsNonRoot = false;
  if (container !== undefined && (container.runAsUser ?? pod?.runAsUser) === 0) container.runAsNonRoot = false;
  const escalates = container?.privileged === true || container?.capabilities?.add?.some((name) => name.endsWith('SYS_ADMIN'));
  if (escalates) delete container?.allowPrivilegeEscalation;
}

function configuration(spec: Spec): void {
  if (Object.keys(spec.config ?? {}).length === 0 || Object.keys(spec.configAs ?? {}).length === 0) delete spec.configAs;
  if (spec.configAs?.mountPath === '/tmp') spec.configAs.mountPath = '/tmp/config';
}

/** One kind of hook, and no port that has a name which a stdio server lacks. */
function hooks({ postStart, transport: kind }: Spec): void {
  if (postStart?.httpGet === undefined) return;
  if (kind === 'stdio') postStart.httpGet.port = 9;
}

const isNone = (value: number | string | undefined): boolean => /^0+%?$/.test(String(value));

function rollout({ strategy }: Spec): void {
  if (strategy === undefined) return;
  if (strategy.type === 'Recreate') {
    delete strategy.maxSurge;
    delete strategy.maxUnavailable;
  }
  if (isNone(strategy.maxSurge) && (strategy.maxUnavailable === undefined || isNone(strategy.maxUnavailable))) strategy.maxUnavailable = 1;
}

function names(spec: Spec): void {
  if (spec.serviceAccount !== undefined) delete spec.metadata?.serviceAccount;
  if (spec.dnsPolicy === 'None') spec.dnsConfig = { ...spec.dnsConfig, nameservers: spec.dnsConfig?.nameservers ?? ['192.0.2.1'] };
}

/** No file of a projected volume has the path of another. */
function distinctPaths(projected: NonNullable<Spec['files']>[number]['projected']): void {
  const taken = new Set<string>();
  for (const { secret, configMap, downwardAPI, serviceAccountToken } of projected?.sources ?? []) {
    const token = serviceAccountToken ? [serviceAccountToken] : [];
    const all: { path: string }[] = [...(secret?.items ?? []), ...(configMap?.items ?? []), ...(downwardAPI?.items ?? []), ...token];
    for (const file of all) {
      if (taken.has(file.path)) file.path = `f${taken.size}`;
      taken.add(file.path);
    }
  }
}

function volumes(spec: Spec): void {
  const taken = new Set(['/tmp', spec.configAs?.mountPath ?? '/etc/mcp']);
  const isFree = ({ mountPath }: { mountPath: string }): boolean => !taken.has(mountPath) && taken.add(mountPath) !== undefined;
  const named = new Set(['tmp', 'config']);
  for (const item of [...(spec.files ?? []), ...(spec.storage ?? [])]) {
    if (item.volume !== undefined && named.has(item.volume)) delete item.volume;
    else if (item.volume !== undefined) named.add(item.volume);
  }
  for (const { ephemeral } of spec.storage ?? []) {
    const modes = ephemeral?.volumeClaimTemplate.spec.accessModes;
    if (modes?.includes('ReadWriteOncePod')) modes.splice(0, modes.length, 'ReadWriteOncePod');
  }
  for (const { projected } of spec.files ?? []) distinctPaths(projected);
  if (spec.files !== undefined) spec.files = spec.files.filter(isFree);
  if (spec.storage !== undefined) spec.storage = spec.storage.filter(isFree);
}

function disruption({ disruption: budget }: Spec): void {
  if (budget === undefined) return;
  if ('minAvailable' in budget || 'maxUnavailable' in budget) budget.mode = 'Custom';
  else if (budget.mode === 'Custom') budget.mode = 'Default';
}

function scheduling({ tolerations = [], topologySpreadConstraints = [] }: Spec): void {
  for (const toleration of tolerations) {
    if (toleration.key === undefined) toleration.operator = 'Exists';
    if (toleration.operator === 'Exists') delete toleration.value;
    if (toleration.tolerationSeconds !== undefined) toleration.effect = 'NoExecute';
  }
  for (const constraint of topologySpreadConstraints) {
    if (constraint.whenUnsatisfiable !== 'DoNotSchedule') delete constraint.minDomains;
    const { matchLabels = {}, matchExpressions = [] } = constraint.labelSelector ?? {};
    const used = [...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)];
    const free = [...new Set(constraint.matchLabelKeys)].filter((key) => !used.includes(key));
    if (constraint.labelSelector === undefined || free.length === 0) delete constraint.matchLabelKeys;
    else if (constraint.matchLabelKeys !== undefined) constraint.matchLabelKeys = free;
  }
}

function draining(spec: Spec): void {
  const { terminationGracePeriodSeconds: grace = 30, drainSeconds: drain = 5 } = spec;
  if (drain > 0 && drain >= grace) spec.drainSeconds = Math.max(0, grace - 1);
}

function verification({ verification: each }: Spec): void {
  if (each === undefined) return;
  if (each.mode === 'Off') delete each.credentialsSecretRef;
  if (each.credentialsSecretRef === undefined) delete each.header;
  each.timeoutSeconds = Math.min(each.timeoutSeconds ?? 10, each.intervalSeconds ?? 300);
}
