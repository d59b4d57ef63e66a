// What holds for every valid spec: determinism, nothing lost, nothing the API server would drop or default.
import { App, Chart, Yaml } from 'cdk8s';
import { Construct } from 'constructs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { resolveSpec } from '../../charts/api/mcpserver.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { MCPServer } from '../../charts/mcpserver.ts';
import { canonicalQuantity } from '../../charts/api/quantity.ts';
import { referencesOf } from '../../charts/references.ts';
import { render, toYaml, type Manifest } from '../../charts/render.ts';
import { arbitrarySpec, SPEC_FIELDS } from '../support/arbitrary-spec.ts';
import { FIELD_EXAMPLES, NOT_RENDERED, specWith } from '../support/field-examples.ts';
import { FULL_SPEC } from '../support/full-spec.ts';
import { mcpServer, renderSpec, type Rendered } from '../support/rendered.ts';

const RUNS = { numRuns: 100 };

/** Checks a property of the spec that sets every field, and of random valid ones. */
function forAnySpec(check: (spec: MCPServerSpec) => void): void {
  check(FULL_SPEC);
  fc.assert(fc.property(arbitrarySpec(), (spec) => { check(spec); }), RUNS);
}

describe('rendering any valid spec', () => {
  it('gives the same bytes every time, and leaves the spec as it was', () => {
    forAnySpec((spec) => {
      const before = structuredClone(spec);
      expect(toYaml(render(mcpServer(spec)))).toBe(toYaml(render(mcpServer(spec))));
      expect(spec).toEqual(before);
    });
  });

  it("gives the same bytes from the construct, wherever it stands in a user's chart", () => {
    forAnySpec((spec) => {
      const chart = new Chart(new App(), 'users-chart', { namespace: 'tools' });
      const { name } = new MCPServer(new Construct(chart, 'team'), 'search', { ...spec, name: 'demo' });
      expect([name, Yaml.stringify(...(chart.toJson() as Manifest[]))]).toEqual(['demo', toYaml(render(mcpServer(spec)))]);
    });
  });

  it('gives YAML that every reader reads as it was meant', () => {
    forAnySpec((spec) => {
      const manifests = render(mcpServer(spec));
      for (const version of ['1.1', '1.2'] as const) {
        expect(parseAllDocuments(toYaml(manifests), { version }).map((document) => document.toJS() as unknown)).toEqual(manifests);
      }
    });
  });

  it('writes no empty list, empty map, null or empty string that the API server would drop', () => {
    // What it keeps: data, arguments, labels, and structs that the user left empty.
    const structs = ['seLinuxOptions', 'windowsOptions', 'preference', 'labelSelector', 'namespaceSelector', 'podSelector', 'metric/selector', 'nodeSelectorTerms/\\d+']
      .concat(['nodeAffinity', 'podAffinity', 'podAntiAffinity', 'behavior', 'scaleUp', 'scaleDown']);
    const texts = /^\/data\/|\/(command|args|values)\/\d+$|\/(labels|annotations|matchLabels|nodeSelector)\//;
    const kept = new RegExp(`${texts.source}|/(${structs.join('|')})$`);
    const dropped = (spec: MCPServerSpec): string[] =>
      renderSpec(spec).manifests.flatMap((manifest) => empties(manifest)).filter((path) => !kept.test(path));
    forAnySpec((spec) => expect(dropped(spec)).toEqual([]));
  });

  it('repeats no key in lists that are merged by key', () => {
    forAnySpec((spec) => {
      const { pod, container, find } = renderSpec(spec);
      const service = find('Service')?.['spec'] as { ports: object[] } | undefined;
      const lists: [unknown, string[]][] = [
        [container.env, ['name']], [container['ports'], ['containerPort', 'protocol']], [container['volumeMounts'], ['mountPath']], [pod['volumes'], ['name']],
        [pod.containers, ['name']], [pod['imagePullSecrets'], ['name']], [pod['topologySpreadConstraints'], ['topologyKey', 'whenUnsatisfiable']],
        [pod.securityContext?.['sysctls'], ['name']], [service?.ports, ['port', 'protocol']],
      ];
      for (const [list, keys] of lists) {
        const found = ((list ?? []) as Record<string, unknown>[]).map((item) => JSON.stringify(keys.map((key) => item[key])));
        expect(found).toEqual([...new Set(found)]);
      }
    });
  });
});

/** Fields that change no rendered byte: what they are for, tests of the operator show. */
const STEERING = ['path', 'tls', 'verification', 'suspend', 'deletionPolicy', 'onReferenceChange'] as const satisfies (keyof MCPServerSpec)[];
const isSteering = (field: string): boolean => (STEERING as readonly string[]).includes(field);

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
    expect([find('Service') === undefined, container['ports'] === undefined]).toEqual([transport === 'stdio', transport === 'stdio']);
  },
  lastWords: (lastWords, { container }) => { expect(container['terminationMessagePolicy'] === 'File').toBe(lastWords === 'Hide'); },
  port: (port, { container, find }, { transport, service }) => {
    const found = [container['ports'], find('Service')?.['spec']];
    const [ofPods, ports] = [{ containerPort: port }, { port: service?.port ?? port }].map((numbers): unknown =>
      expect.arrayContaining([expect.objectContaining({ name: 'mcp', ...numbers })]));
    const wanted = [ofPods, { ports }];
    expect(found).toMatchObject(transport === 'stdio' ? [undefined, undefined] : wanted);
  },
  networkPolicy: ({ ingressFrom, egressTo }, { find }) => {
    const found = find('NetworkPolicy')?.['spec'] as { ingress?: { from: object[] }[]; egress?: { to: object[] }[] };
    // The first rule is the operator's way in, or the way to DNS.
    const peers = [found.ingress?.slice(1).map(({ from }) => from), found.egress?.slice(1).map(({ to }) => to)];
    expect(peers).toEqual([peersAsKept(ingressFrom), peersAsKept(egressTo)]);
  },
  service: ({ port, appProtocol, annotations, sessionAffinity, sessionAffinityTimeoutSeconds: timeoutSeconds, ...same }, { find }) => {
    const { metadata, spec } = find('Service') as Manifest & { spec: { ports: object[] } };
    expect(metadata.annotations ?? {}).toMatchObject(annotations ?? {});
    expect(spec.ports[0]).toMatchObject({ name: 'mcp', ...(port && { port }), ...(appProtocol && { appProtocol }) });
    expect(spec).toMatchObject({ ...same, ...(sessionAffinity && sessionAffinity !== 'Auto' && { sessionAffinity }) });
    const sessionAffinityConfig = { clientIP: { timeoutSeconds: timeoutSeconds ?? 10_800 } };
    if (sessionAffinity === 'ClientIP') expect(spec).toMatchObject({ sessionAffinityConfig });
  },
  extraPorts: (ports, { container, find }, { transport }) => {
    if (transport === 'stdio') return;
    const wanted = (numberOf: (port: number) => object): object[] =>
      ports.map(({ name, port }): object => expect.objectContaining({ name, ...numberOf(port) }));
    expect(container['ports']).toEqual(expect.arrayContaining(wanted((containerPort) => ({ containerPort }))));
    expect(find('Service')?.['spec']).toMatchObject({ ports: expect.arrayContaining(wanted((port) => ({ port }))) });
  },
  path: (path, _, spec) => {
    const { endpoint } = new MCPServer(new Chart(new App(), 'chart', { namespace: 'tools' }), 'demo', spec);
    const url = `${spec.tls ? 'https' : 'http'}://demo.tools.svc:${spec.service?.port ?? spec.port ?? 8080}${path}`;
    expect(endpoint).toBe(spec.transport === 'stdio' ? undefined : url);
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
    for (const { mountPath, secret, configMap } of files) {
      const { name, readOnly } = mountAt(container, mountPath);
      const source = secret ? { secret: { secretName: secret.name, ...(secret.items && { items: secret.items }) } } : { configMap };
      expect([readOnly, volumeOf(pod, name)]).toEqual([true, { name, ...source }]);
    }
  },
  storage: (storage, { pod, container }) => {
    for (const { mountPath, emptyDir, persistentVolumeClaim } of storage) {
      const { name, readOnly } = mountAt(container, mountPath);
      const source = emptyDir ? { emptyDir: { sizeLimit: canonicalQuantity(emptyDir.sizeLimit) } } : { persistentVolumeClaim };
      expect([readOnly, volumeOf(pod, name)]).toEqual([undefined, { name, ...source }]);
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
  podMetadata: ({ labels = {}, annotations = {} }, { deployment: { spec: { template: { metadata } } } }) =>
    expect([metadata.labels, metadata.annotations ?? {}]).toMatchObject([labels, annotations]),
  drainSeconds: (seconds, { container }) => expect(container['lifecycle']).toEqual(seconds === 0 ? undefined : { preStop: { sleep: { seconds } } }),
  scaling: (scaling, { deployment }, { autoscaling }) =>
    expect(deployment.spec.replicas === undefined).toBe(scaling === 'External' || autoscaling !== undefined),
  autoscaling: ({ metrics = [], targetCPUUtilizationPercentage: percent, ...rest }, { find }) => {
    const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } } };
    const wanted = [...(percent === undefined ? [] : [cpu]), ...metrics].map(canonicalTarget);
    expect(find('HorizontalPodAutoscaler')?.['spec']).toMatchObject({ ...rest, metrics: wanted, scaleTargetRef: { kind: 'Deployment', name: 'demo' } });
  },
  strategy: ({ type = 'RollingUpdate' }, { deployment }) => expect((deployment.spec as { strategy?: object }).strategy).toMatchObject({ type }),
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

function mountAt(container: Rendered['container'], mountPath: string): { name: string; readOnly?: boolean } {
  const found = (container['volumeMounts'] as { name: string; mountPath: string; readOnly?: boolean }[]).find((mount) => mount.mountPath === mountPath);
  if (found === undefined) throw new Error(`nothing is mounted at ${mountPath}`);
  return found;
}

function volumeOf(pod: Rendered['pod'], name: string): object | undefined {
  return (pod['volumes'] as { name: string }[]).find((volume) => volume.name === name);
}

describe('every field of a valid spec', () => {
  it('is found again in what is rendered', () => {
    forAnySpec((spec) => {
      const rendered = renderSpec(spec);
      expect(SPEC_FIELDS).toEqual(expect.arrayContaining(Object.keys(spec)));
      for (const [field, value] of Object.entries(spec) as [keyof MCPServerSpec, unknown][]) {
        const place = PLACES[field] ?? (isSteering(field) ? undefined : underItsOwnName(field));
        (place as ((...args: unknown[]) => void) | undefined)?.(value, rendered, spec);
      }
    });
  });

  it(`changes no rendered byte where it steers what the operator does: ${STEERING.join(', ')}`, () => {
    forAnySpec((spec) => {
      const rest = Object.fromEntries(Object.entries(spec).filter(([field]) => !isSteering(field)));
      expect(renderSpec(spec).manifests).toEqual(renderSpec(rest).manifests);
    });
  });

  it.each(Object.keys(FIELD_EXAMPLES).filter((path) => !NOT_RENDERED.includes(path)))('%s changes what is rendered, whatever the rest says', (path) => {
    const [one, other] = FIELD_EXAMPLES[path]?.accepted ?? [];
    fc.assert(
      fc.property(arbitrarySpec([path.split(/[.[]/)[0] as keyof MCPServerSpec]), (spec) => {
        const [first, second] = [one, other].map((value) => specWith(path, value, { image: 'a', ...(spec as object) }));
        // Some pairs break a rule with the rest; stdio has no port, one pod no budget, and replicas may be left to others.
        const [isScaled, isAlone] = [spec.autoscaling !== undefined || spec.scaling === 'External', spec.autoscaling?.maxReplicas === 1];
        const isLeftOut = { port: spec.transport === 'stdio', replicas: isScaled, 'disruption.mode': isAlone }[path] === true;
        fc.pre(isValid(first) && isValid(second) && !isLeftOut);
        expect(render(mcpServer(first as unknown as MCPServerSpec))).not.toEqual(render(mcpServer(second as unknown as MCPServerSpec)));
      }),
      { numRuns: 3, maxSkipsPerRun: 1000 },
    );
  });
});

function isValid(spec: unknown): boolean {
  try {
    resolveSpec('demo', spec);
    return true;
  } catch {
    return false;
  }
}

/** Paths of empty values below `value`. */
function empties(value: unknown, path = ''): string[] {
  if (value === null || value === '') return [path];
  if (typeof value !== 'object') return [];
  const entries = Object.entries(value);
  return entries.length === 0 ? [path] : entries.flatMap(([key, child]) => empties(child, `${path}/${key}`));
}
