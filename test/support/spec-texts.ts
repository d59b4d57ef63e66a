// Where texts can stand in a spec, and specs that have one at every such place: what tests of characters go through.
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { asSaid } from '../../charts/api/said-rules.ts';
import { FULL_SPEC } from './full-spec.ts';
import { crd, type SchemaNode } from './spec-schema.ts';

/** A text of a spec: names, indexes and keys on the way to it; of a key, to its map. */
export interface Place {
  readonly path: readonly string[];
  readonly key?: string;
  /** The same for whatever index or key: `env[].value`, `config.*`; `keys of config`. */
  readonly kind: string;
  /** Whether the schema has no pattern for it. */
  readonly isFree: boolean;
}

const selector = { matchLabels: { app: 'a' }, matchExpressions: [{ key: 'team', operator: 'In' as const, values: ['search'] }] };
const term = { labelSelector: selector, namespaceSelector: selector, namespaces: ['tools'], topologyKey: 'zone' };
const podAffinity = {
  requiredDuringSchedulingIgnoredDuringExecution: [term],
  preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }],
};
const metric = { name: 'calls', selector };
const nodes = {
  matchExpressions: [{ key: 'disk', operator: 'In' as const, values: ['ssd'] }],
  matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: ['node-1'] }],
};
const nodeAffinity = {
  requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [nodes] },
  preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: nodes }],
};
const addresses = { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } };
const peer = { podSelector: selector, namespaceSelector: selector };
const identity = {
  seLinuxOptions: { level: 's0:c1,c2', role: 'object_r', type: 'svirt_t', user: 'system_u' },
  seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/a.json' },
  windowsOptions: { gmsaCredentialSpec: '{}', gmsaCredentialSpecName: 'spec', runAsUserName: 'user' },
} as const;
const metrics = [
  { type: 'ContainerResource', containerResource: { container: 'mcp-server', name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
  { type: 'Pods', pods: { metric, target: { type: 'AverageValue', averageValue: 7 } } },
  { type: 'Object', object: { describedObject: { apiVersion: 'v1', kind: 'Ingress', name: 'search' }, metric, target: { type: 'Value', value: '2k' } } },
  { type: 'External', external: { metric, target: { type: 'AverageValue', averageValue: '0.5' } } },
] as const;

const HANDLERS = {
  httpGet: { path: '/ready', port: 8080, host: 'example.com', httpHeaders: [{ name: 'X-Probe', value: '1' }] },
  tcpSocket: { port: 8080, host: 'example.com' },
  grpc: { port: 8080, service: 'health' },
  exec: { command: ['/bin/check'] },
};

const labelled = { labels: { team: 'search' }, annotations: { 'example.com/owner': 'search' } };
const { serviceAccount, ...REST } = FULL_SPEC;
/** The own ServiceAccount has labels, a named one has none from here. */
const ACCOUNTS = [{ metadata: { all: labelled, deployment: labelled, service: labelled, serviceAccount: labelled } }, { serviceAccount }];
const HOOKS = [FULL_SPEC.postStart, { exec: { command: ['/bin/warm'] } }];
const FIELDS = [
  { path: 'name', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } },
  { path: 'memory', resourceFieldRef: { containerName: 'mcp-server', resource: 'limits.memory' } },
];

/** Valid specs that have, together, a text of every kind. */
export const SPECS_WITH_ALL_TEXTS: readonly MCPServerSpec[] = Object.entries(HANDLERS).map(([name, handler], index): MCPServerSpec => ({
  ...REST,
  ...ACCOUNTS[index % 2],
  postStart: HOOKS[index % 2],
  files: [...(FULL_SPEC.files ?? []), { mountPath: '/fields', projected: { sources: [{ downwardAPI: { items: FIELDS } }] } }],
  config: { 'rules.yaml': 'a: 1\n', GREETING: 'hello' },
  securityContext: { ...FULL_SPEC.securityContext, ...identity },
  podSecurityContext: { ...FULL_SPEC.podSecurityContext, ...identity },
  affinity: { nodeAffinity, podAffinity, podAntiAffinity: podAffinity },
  networkPolicy: { ingressFrom: [peer, addresses], egressTo: [peer, addresses] },
  autoscaling: { minReplicas: 1, maxReplicas: 9, metrics: [...metrics] },
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: selector, matchLabelKeys: ['pod-template-hash'] },
  ],
  probes: { startup: { [name]: handler }, readiness: { [name]: handler }, liveness: { [name]: handler } },
})).concat({
  image: 'a', transport: 'stdio', command: ['server'], config: { A: '1' }, service: { type: 'NodePort' }, stdio: { bridge: { image: 'b' } },
});

/** Kinds of all places that the schema has. */
export function kindsOf(node: SchemaNode = SPEC, kind = ''): string[] {
  if (isText(node)) return [kind];
  if (node.additionalProperties !== undefined) return [`keys of ${kind}`, ...kindsOf(node.additionalProperties, `${kind}.*`)];
  const fields = Object.entries(node.properties ?? {}).flatMap(([name, child]) => kindsOf(child, kind === '' ? name : `${kind}.${name}`));
  return [...fields, ...(node.items === undefined ? [] : kindsOf(node.items, `${kind}[]`))];
}

/** The places of a spec that has them. */
export function placesOf(value: unknown, node: SchemaNode = SPEC, at: Pick<Place, 'path' | 'kind'> = { path: [], kind: '' }): Place[] {
  if (isText(node)) return typeof value === 'string' ? [{ ...at, isFree: asSaid(node).pattern === undefined }] : [];
  return Object.entries(value ?? {}).flatMap(([name, child]: [string, unknown]) => {
    const [step, inner] = into(node, name);
    const path = [...at.path, name];
    const key = step === '.*' ? [{ path: at.path, key: name, kind: `keys of ${at.kind}`, isFree: true }] : [];
    return [...key, ...(inner === undefined ? [] : placesOf(child, inner, { path, kind: `${at.kind}${step}`.replace(/^\./, '') }))];
  });
}

/** How a step into a value is written, and the schema there. */
function into({ items, additionalProperties, properties }: SchemaNode, name: string): [step: string, node: SchemaNode | undefined] {
  if (items !== undefined) return ['[]', items];
  return additionalProperties === undefined ? [`.${name}`, properties?.[name]] : ['.*', additionalProperties];
}

/** A copy of a spec with another text at a place. */
export function withTextAt<Spec extends object>(spec: Spec, { path, key }: Place, text: string): Spec {
  // What stands in several places is copied for each, which structuredClone does not.
  const copy = JSON.parse(JSON.stringify(spec)) as Spec;
  const parent = valueAt(copy, key === undefined ? path.slice(0, -1) : path) as Record<string, unknown>;
  if (key === undefined) {
    parent[path.at(-1) ?? ''] = text;
  } else {
    const { [key]: value } = parent;
    delete parent[key];
    parent[text] = value;
  }
  return copy;
}

/** The text at a place of a spec. */
export function textAt(spec: object, { path, key }: Place): string {
  return key ?? (valueAt(spec, path) as string);
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, name) => (inner as Record<string, unknown>)[name], value);
}

const { spec: SPEC } = crd().spec.versions[0].schema.openAPIV3Schema.properties;

function isText(node: SchemaNode): boolean {
  return node.type === 'string' && asSaid(node).enum === undefined;
}
