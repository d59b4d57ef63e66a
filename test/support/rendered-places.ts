// Where each field of a spec must be found again in what is rendered: what the property tests of rendering ask of any valid spec.
import { App, Chart } from 'cdk8s';
import { expect } from 'vitest';
import { resolveSpec } from '../../charts/api/mcpserver.ts';
import { canonicalQuantity } from '../../charts/api/quantity.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { MCPServer } from '../../charts/mcpserver.ts';
import { referencesOf } from '../../charts/references.ts';
import type { Manifest } from '../../charts/render.ts';
import { missingLeaves } from './leaves.ts';
import type { Rendered } from './rendered.ts';

/** Fields that change no rendered byte: what they are for, tests of the operator show. */
export const STEERING = ['path', 'tls', 'verification', 'suspend', 'deletionPolicy', 'onReferenceChange'] as const satisfies (keyof MCPServerSpec)[];
/** Whether it is one of them. */
export const isSteering = (field: string): boolean => (STEERING as readonly string[]).includes(field);

/** The objects that fields of the spec below `root` refer to. */
function refersTo(spec: MCPServerSpec, root: 'tls' | 'verification'): { kind: string; name: string }[] {
  const references = referencesOf({ name: 'demo', spec: resolveSpec('demo', spec) });
  return references.filter(({ fields }) => fields.some((field) => field.startsWith(`spec.${root}.`))).map(({ kind, name }) => ({ kind, name }));
}

/** A field of pods or containers is found as it is, under its own name; a list or map that says nothing is left out. */
const underItsOwnName = (field: keyof MCPServerSpec) => (value: unknown, { pod, container }: Rendered): void => {
  const isEmpty = typeof value === 'object' && Object.keys(value ?? {}).length === 0;
  expect([field, pod[field] ?? container[field]]).toEqual([field, isEmpty ? undefined : asKept(value)]);
};

/** Where a field of the user must be found again, quantities by value; if not here, under its own name. */
const PLACES: {
  readonly [Field in keyof MCPServerSpec]?: (value: NonNullable<MCPServerSpec[Field]>, rendered: Rendered, spec: MCPServerSpec) => void;
} = {
  transport: (transport, { manifests, container, find }) => {
    for (const { metadata } of manifests) expect(metadata.labels).toMatchObject({ 'example.com/transport': transport });
    expect([find('Service') === undefined, container['ports'] === undefined]).toEqual([false, false]);
  },
  command: (command, { container }, { transport }) => {
    const all = container['command'] as string[];
    expect(transport === 'stdio' ? all.slice(all.indexOf('--') + 1) : all).toEqual(command);
  },
  stdio: ({ bridge = {}, cache, idleChildren = 'Keep', ...flags }, { container, pod }, { command }) => {
    const names = { sessions: 'sessions', maxSessions: 'max-sessions', idleTimeoutSeconds: 'idle-timeout', warm: 'warm', startupSeconds: 'startup-timeout' } as const;
    const wanted = Object.entries(flags).map(([field, value]) => `--${names[field as keyof typeof names]}=${value}`);
    expect(container['command']).toEqual(expect.arrayContaining(wanted));
    expect((container['command'] as string[]).includes('--idle-children=End')).toBe(idleChildren === 'End');
    const { initContainers = [] } = pod as { initContainers?: { name: string; image: string }[] };
    const copying = initContainers.find(({ name }) => name === 'stdio-bridge');
    expect(copying === undefined).toBe(bridge.by === 'ImageVolume');
    const volume = volumeOf(pod, 'stdio-bridge') as { emptyDir?: object; image?: { reference: string } };
    expect(volume.emptyDir === undefined).toBe(bridge.by === 'ImageVolume');
    const caches = (pod['volumes'] as { name: string; emptyDir?: { sizeLimit: string } }[]).find(({ name }) => name === 'stdio-cache');
    const hasCache = ['npx', 'npm', 'uvx', 'uv'].includes(command?.[0]?.split('/').at(-1) ?? '');
    expect(caches?.emptyDir?.sizeLimit).toBe(hasCache ? canonicalQuantity(cache?.sizeLimit ?? '1Gi') : undefined);
    if (bridge.image !== undefined) expect(copying?.image ?? volume.image?.reference).toBe(bridge.image);
  },
  lastWords: (lastWords, { container }) => { expect(container['terminationMessagePolicy'] === 'File').toBe(lastWords === 'Hide'); },
  port: (port, { container, find }, { service }) => {
    const found = [container['ports'], find('Service')?.['spec']];
    const [ofPods, ports] = [{ containerPort: port }, { port: service?.port ?? port }].map((numbers): unknown =>
      expect.arrayContaining([expect.objectContaining({ name: 'mcp', ...numbers })]));
    const wanted = [ofPods, { ports }];
    expect(found).toMatchObject(wanted);
  },
  networkPolicy: ({ ingressFrom, egressTo }, { find }, { transport, stdio }) => {
    const found = find('NetworkPolicy')?.['spec'] as { ingress?: { from: object[] }[]; egress?: { to: object[] }[] };
    // The first rule is the operator's way in, or the way to DNS; the next one is to the other replicas.
    const own = transport === 'stdio' && stdio?.sessions !== 'Shared' ? 2 : 1;
    const peers = [found.ingress?.slice(1).map(({ from }) => from), found.egress?.slice(own).map(({ to }) => to)];
    expect(peers).toEqual([peersAsKept(ingressFrom), peersAsKept(egressTo)]);
  },
  service: ({ port, nodePort, appProtocol, annotations, ...rest }, { find }) => {
    const { sessionAffinity, sessionAffinityTimeoutSeconds: timeoutSeconds, ...same } = rest;
    const { metadata, spec } = find('Service') as Manifest & { spec: { ports: object[] } };
    expect(metadata.annotations ?? {}).toMatchObject(annotations ?? {});
    const numbers = { ...(port && { port }), ...(nodePort && { nodePort }) };
    expect(spec.ports[0]).toMatchObject({ name: 'mcp', ...numbers, ...(appProtocol && { appProtocol }) });
    expect(spec).toMatchObject({ ...same, ...(sessionAffinity && sessionAffinity !== 'Auto' && { sessionAffinity }) });
    const sessionAffinityConfig = { clientIP: { timeoutSeconds: timeoutSeconds ?? 10_800 } };
    if (sessionAffinity === 'ClientIP') expect(spec).toMatchObject({ sessionAffinityConfig });
  },
  extraPorts: (ports, { container, find }) => {
    const wanted = (numberOf: (port: number) => object): object[] =>
      ports.map(({ name, port }): object => expect.objectContaining({ name, ...numberOf(port) }));
    expect(container['ports']).toEqual(expect.arrayContaining(wanted((containerPort) => ({ containerPort }))));
    expect(find('Service')?.['spec']).toMatchObject({ ports: expect.arrayContaining(wanted((port) => ({ port }))) });
  },
  path: (path, _, spec) => {
    const { endpoint } = new MCPServer(new Chart(new App(), 'chart', { namespace: 'tools' }), 'demo', spec);
    const url = `${spec.tls ? 'https' : 'http'}://demo.tools.svc:${spec.service?.port ?? spec.port ?? 8080}${path}`;
    expect(endpoint).toBe(url);
  },
  replicas: (replicas, { deployment }, { autoscaling, scaling }) =>
    expect(deployment.spec.replicas).toBe(autoscaling || scaling === 'External' ? undefined : replicas),
  config: (config, { find }) => {
    const data = (find('ConfigMap')?.['data'] ?? { 'config.json': '{}' }) as Record<string, string>;
    const { 'config.json': all, ...each } = data;
    expect([each, JSON.parse(all ?? '')]).toEqual([config, config]);
  },
  env: (variables, { container }) => {
    for (const { name, value, valueFrom } of variables) {
      const source = structuredClone(valueFrom);
      const field = source?.resourceFieldRef;
      if (field?.divisor !== undefined) field.divisor = canonicalQuantity(field.divisor);
      const wanted = { name, ...(value && { value }), ...(source && { valueFrom: source }) };
      expect(container.env.find((variable) => variable.name === name)).toEqual(wanted);
    }
  },
  resources: ({ requests, limits }, { container }) => {
    for (const [wanted, found] of [[requests, container.resources.requests], [limits, container.resources.limits]] as const) {
      for (const [name, amount] of Object.entries(wanted ?? {})) expect(found?.[name]).toBe(canonicalQuantity(amount));
    }
  },
  securityProfile: (profile, { pod, container }, { securityContext = {}, podSecurityContext = {} }) => {
    expect(pod.securityContext?.['runAsUser']).toBe(podSecurityContext.runAsUser ?? (profile === 'Restricted' ? 1000 : undefined));
    expect(container.securityContext?.['readOnlyRootFilesystem']).toBe(securityContext.readOnlyRootFilesystem ?? (profile === 'None' ? undefined : true));
  },
  securityContext: ({ capabilities, ...context }, { container }) => {
    const named = Object.keys(capabilities ?? {}).length > 0 && { capabilities };
    expect(container.securityContext ?? {}).toMatchObject({ ...context, ...named });
  },
  podSecurityContext: (context, { pod }) => expect(pod.securityContext ?? {}).toMatchObject(context),
  serviceAccount: (account, { pod, find }) => expect([pod['serviceAccountName'], find('ServiceAccount')]).toEqual([account, undefined]),
  files: (files, { pod, container }) => {
    for (const { mountPath, subPath, volume, secret, ...other } of files) {
      const { name, ...mount } = mountAt(container, mountPath);
      const { name: secretName, ...items } = secret ?? {};
      const source = other.csi ? { csi: { ...filled(other.csi), readOnly: true } } : asRendered(other);
      const wanted = { mountPath, readOnly: true, ...(subPath && { subPath }) };
      expect([volume ?? name, mount]).toEqual([name, wanted]);
      expect(volumeOf(pod, name)).toEqual({ name, ...(secret ? { secret: { secretName, ...items } } : source) });
    }
  },
  storage: (storage, { pod, container }) => {
    for (const { mountPath, subPath, volume: _, ...source } of storage) {
      const { name, ...mount } = mountAt(container, mountPath);
      const readOnly = source.persistentVolumeClaim?.readOnly === true && { readOnly: true };
      expect(mount).toEqual({ mountPath, ...readOnly, ...(subPath && { subPath }) });
      const { claimName } = source.persistentVolumeClaim ?? {};
      if (claimName) expect(volumeOf(pod, name)).toMatchObject({ persistentVolumeClaim: { claimName } });
      else expect(volumeOf(pod, name)).toEqual({ name, ...asRendered(source) });
    }
  },
  probes: ({ startup, readiness, liveness }, { container }) => {
    if (startup) expect(container['startupProbe']).toMatchObject(kept(startup));
    if (readiness) expect(container['readinessProbe']).toMatchObject(kept(readiness));
    if (liveness) expect(container['livenessProbe']).toMatchObject(kept(liveness));
  },
  disruption: ({ mode = 'Default', minAvailable, maxUnavailable }, { find }, { replicas = 1, scaling, autoscaling }) => {
    const spec = find('PodDisruptionBudget')?.['spec'];
    const most = scaling === 'External' ? Infinity : (autoscaling?.maxReplicas ?? replicas);
    if (mode === 'Default') expect((spec as { maxUnavailable?: number } | undefined)?.maxUnavailable).toBe(most > 1 ? 1 : undefined);
    if (mode === 'None') expect(spec).toBeUndefined();
    const custom = { ...(minAvailable !== undefined && { minAvailable }), ...(maxUnavailable !== undefined && { maxUnavailable }) };
    if (mode === 'Custom') expect(spec).toMatchObject(custom);
  },
  metadata: ({ all, ...each }, { find }, { service, serviceAccount: named }) => {
    const kinds = { deployment: 'Deployment', service: 'Service', serviceAccount: 'ServiceAccount', other: 'ConfigMap' } as const;
    for (const [field, kind] of Object.entries(kinds) as [keyof typeof each | 'other', string][]) {
      const own = field === 'other' ? undefined : each[field];
      const annotations = { ...all?.annotations, ...own?.annotations, ...(field === 'service' && service?.annotations) };
      const { metadata } = find(kind) ?? {};
      if (metadata) expect([metadata.labels, metadata.annotations ?? {}]).toMatchObject([{ ...all?.labels, ...own?.labels }, annotations]);
      else expect([field, named !== undefined || field !== 'serviceAccount']).toEqual([field, true]);
    }
  },
  configAs: ({ configMapName = 'demo-config', mountPath = '/etc/mcp' }, { container, find }) => {
    expect(find('ConfigMap')?.metadata.name).toBe(configMapName);
    expect(mountAt(container, mountPath).name).toBe('config');
  },
  operatorEnv: (operatorEnv, { container }, { env = [], config = {} }) => {
    const others = [...env.map(({ name }) => name), ...Object.keys(config)];
    expect((container.env ?? []).some(({ name }) => name === 'POD_NAME')).toBe(operatorEnv === 'Set' || others.includes('POD_NAME'));
  },
  progressDeadlineSeconds: (progressDeadlineSeconds, { deployment }) => expect(deployment.spec).toMatchObject({ progressDeadlineSeconds }),
  revisionHistoryLimit: (revisionHistoryLimit, { deployment }) => expect(deployment.spec).toMatchObject({ revisionHistoryLimit }),
  postStart: (hook, { container }) => expect(container['lifecycle']).toMatchObject({ postStart: hook }),
  podMetadata: ({ labels = {}, annotations = {} }, { deployment: { spec: { template: { metadata } } } }) =>
    expect([metadata.labels, metadata.annotations ?? {}]).toMatchObject([labels, annotations]),
  drainSeconds: (seconds, { container }) => {
    const { preStop } = (container['lifecycle'] ?? {}) as { preStop?: object };
    expect(preStop).toEqual(seconds === 0 ? undefined : { sleep: { seconds } });
  },
  scaling: (scaling, { deployment }, { autoscaling }) =>
    expect(deployment.spec.replicas === undefined).toBe(scaling === 'External' || autoscaling !== undefined),
  autoscaling: ({ metrics = [], targetCPUUtilizationPercentage: percent, ...rest }, { find }) => {
    const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } } };
    const wanted = [...(percent === undefined ? [] : [cpu]), ...metrics].map(canonicalTarget);
    expect(find('HorizontalPodAutoscaler')?.['spec']).toMatchObject({ ...rest, metrics: wanted, scaleTargetRef: { kind: 'Deployment', name: 'demo' } });
  },
  initContainers: (containers, { pod }) => expect(missingLeaves(containers, pod['initContainers'])).toEqual([]),
  sidecars: (containers, { pod }) => expect(missingLeaves(containers, pod['initContainers'])).toEqual([]),
  podTemplate: (template, { deployment }) => expect(missingLeaves(template, deployment.spec.template)).toEqual([]),
  strategy: ({ type = 'RollingUpdate', ...numbers }, { deployment }) => {
    const rollingUpdate = { maxUnavailable: 0, ...numbers };
    expect((deployment.spec as { strategy?: object }).strategy).toEqual({ type, ...(type === 'RollingUpdate' && { rollingUpdate }) });
  },
  tls: (tls, _, spec) => {
    expect(new MCPServer(new Chart(new App(), 'chart'), 'demo', spec).endpoint).toMatch(/^https:/);
    expect(refersTo(spec, 'tls')).toEqual(tls.caBundleRef ? [{ kind: 'ConfigMap', name: tls.caBundleRef.name }] : []);
  },
  verification: ({ credentialsSecretRef: credentials }, _, spec) => {
    expect(refersTo(spec, 'verification')).toEqual(credentials ? [{ kind: 'Secret', name: credentials.name }] : []);
  },
};

/** An empty map of labels says nothing, and the API server keeps none. */
function asKept(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, below: unknown) => (key === 'matchLabels' && JSON.stringify(below) === '{}' ? undefined : below));
}

/** Peers as rules: none for an empty list. */
function peersAsKept(peers: readonly object[] | undefined): unknown {
  return peers?.length ? [asKept(peers)] : peers;
}

/** The API server keeps no delay of zero. */
function kept({ initialDelaySeconds, ...probe }: { readonly initialDelaySeconds?: number | undefined }): object {
  return { ...probe, ...(initialDelaySeconds && { initialDelaySeconds }) };
}

/** The metric with the amounts of its target in canonical spelling. */
function canonicalTarget(metric: object): object {
  return JSON.parse(JSON.stringify(asKept(metric)), canonicalAmount) as object;
}

function canonicalAmount(key: string, value: unknown): unknown {
  return key === 'averageValue' || key === 'value' ? canonicalQuantity(value as string) : value;
}

/** An object without its empty maps. */
function filled(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, map]) => typeof map !== 'object' || Object.keys(map as object).length > 0));
}

/** A volume with its amounts in canonical spelling, and the server named where pods want the name of a container. */
function asRendered(source: object): object {
  return JSON.parse(JSON.stringify(source), (key, value: unknown) => {
    if (key === 'resourceFieldRef') return { containerName: 'mcp-server', ...(value as object) };
    if (key === 'metadata') return Object.keys(filled(value as object)).length > 0 ? filled(value as object) : undefined;
    return ['sizeLimit', 'storage', 'divisor'].includes(key) ? canonicalQuantity(value as string) : value;
  }) as object;
}

function mountAt(container: Rendered['container'], mountPath: string): { name: string; mountPath: string; readOnly?: boolean } {
  const found = (container['volumeMounts'] as { name: string; mountPath: string; readOnly?: boolean }[]).find((mount) => mount.mountPath === mountPath);
  if (found === undefined) throw new Error(`nothing is mounted at ${mountPath}`);
  return found;
}

function volumeOf(pod: Rendered['pod'], name: string): object | undefined {
  return (pod['volumes'] as { name: string }[]).find((volume) => volume.name === name);
}

/** Expects a field's value wherever it must be. */
export function expectFound(field: keyof MCPServerSpec, value: unknown, within: { rendered: Rendered; spec: MCPServerSpec }): void {
  const place = PLACES[field] ?? (isSteering(field) ? undefined : underItsOwnName(field));
  (place as ((...args: unknown[]) => void) | undefined)?.(value, within.rendered, within.spec);
}
