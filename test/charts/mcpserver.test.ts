// What is rendered for an MCPServer, behaviour by behaviour.
import { App, Chart, type ChartProps } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { MCPServer } from '../../charts/mcpserver.ts';
import { render, type Manifest } from '../../charts/render.ts';
import { specWith, FIELD_EXAMPLES } from '../support/field-examples.ts';
import { mcpServer, MINIMAL, rendered, renderSpec, type Rendered } from '../support/rendered.ts';

const SELECTOR = { 'app.kubernetes.io/name': 'mcp-server', 'mcp.example.com/server': 'demo' };
const LABELS = {
  ...SELECTOR,
  'app.kubernetes.io/instance': 'demo',
  'app.kubernetes.io/component': 'server',
  'app.kubernetes.io/managed-by': 'mcp-operator',
  'example.com/transport': 'streamable-http',
};

function templateWith(replicas: number): unknown {
  return renderSpec({ replicas, config: { A: '1' } }).deployment.spec.template;
}

/** What a chart with one construct named `search` renders. */
function chartWith(props: ChartProps): Rendered {
  const chart = new Chart(new App(), 'chart', props);
  const { name } = new MCPServer(chart, 'search', MINIMAL);
  expect(name).toBe('search');
  return rendered(chart.toJson() as Manifest[]);
}

/** A construct in a chart of its own. */
function construct(props: Partial<MCPServerSpec> = {}): MCPServer {
  return new MCPServer(new Chart(new App(), 'chart'), 'demo', { ...MINIMAL, ...props, namespace: 'tools' });
}

describe('an MCPServer with nothing but an image', () => {
  const { kinds, manifests, deployment, pod, container, find } = renderSpec();

  it('becomes a ServiceAccount, a Service and a Deployment, in the order to apply them', () => {
    expect(kinds).toEqual(['ServiceAccount', 'Service', 'Deployment']);
  });

  it('gives every object its name, its namespace and the common labels', () => {
    for (const { metadata } of manifests) expect(metadata).toEqual({ name: 'demo', namespace: 'tools', labels: LABELS });
  });

  it('runs one pod, and a new one is ready before the old one goes', () => {
    expect(deployment.spec).toMatchObject({ replicas: 1, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } } });
  });

  it('selects pods by two labels, which the pods carry', () => {
    expect(deployment.spec.selector).toEqual({ matchLabels: SELECTOR });
    expect(deployment.spec.template.metadata).toEqual({ labels: LABELS });
    expect(find('Service')?.['spec']).toMatchObject({ selector: SELECTOR });
  });

  it('runs as an own ServiceAccount whose token nobody mounts', () => {
    expect(find('ServiceAccount')).toMatchObject({ automountServiceAccountToken: false });
    expect(pod).toMatchObject({ serviceAccountName: 'demo', automountServiceAccountToken: false });
  });

  it('serves port 8080, named mcp, through a ClusterIP Service', () => {
    expect(container['ports']).toEqual([{ name: 'mcp', containerPort: 8080, protocol: 'TCP' }]);
    expect(find('Service')?.['spec']).toEqual({ type: 'ClusterIP', selector: SELECTOR, ports: [{ name: 'mcp', port: 8080, targetPort: 'mcp', protocol: 'TCP' }] });
  });

  it('is probed by connecting to the port, and never killed by a liveness probe', () => {
    expect(container).toMatchObject({
      startupProbe: { tcpSocket: { port: 'mcp' }, periodSeconds: 2, failureThreshold: 60 },
      readinessProbe: { tcpSocket: { port: 'mcp' }, periodSeconds: 10, failureThreshold: 3 },
    });
    expect(container).not.toHaveProperty('livenessProbe');
  });

  it('drains five of its thirty seconds, by a sleep that typed objects of 1.28 do not know', () => {
    expect(container['lifecycle']).toEqual({ preStop: { sleep: { seconds: 5 } } });
    expect(pod['terminationGracePeriodSeconds']).toBe(30);
  });

  it('may write to a bounded /tmp and nowhere else', () => {
    expect(pod['volumes']).toEqual([{ name: 'tmp', emptyDir: { sizeLimit: '128Mi' } }]);
    expect(container['volumeMounts']).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
  });

  it('prefers to spread its pods over nodes and zones, and never insists', () => {
    const labelSelector = { matchLabels: SELECTOR };
    expect(pod['affinity']).toEqual({
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector } }],
      },
    });
    expect(pod['topologySpreadConstraints']).toEqual(
      ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({ maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector })),
    );
  });

  it('gets no links to other Services, and leaves its last words to the status', () => {
    expect(pod['enableServiceLinks']).toBe(false);
    expect(container['terminationMessagePolicy']).toBe('FallbackToLogsOnError');
  });
});

describe('a server with the fields of a production install', () => {
  const { pod, container, find, kinds } = renderSpec({
    image: 'registry.example.com/a:1', imagePullPolicy: 'Always', imagePullSecrets: [{ name: 'registry' }], transport: 'http', port: 3001, replicas: 3,
    command: ['/server'],
    args: ['--verbose'],
    serviceAccount: 'reader',
    automountServiceAccountToken: false,
    envFrom: [{ prefix: 'X_', secretRef: { name: 'tokens', optional: true } }],
  });

  it('uses the image, its pull policy and its pull secrets', () => {
    expect(container).toMatchObject({ image: 'registry.example.com/a:1', imagePullPolicy: 'Always' });
    expect(pod['imagePullSecrets']).toEqual([{ name: 'registry' }]);
  });

  it('runs the given command line', () => {
    expect(container).toMatchObject({ command: ['/server'], args: ['--verbose'] });
  });

  it('uses the named ServiceAccount, renders none, and keeps the token out when told so', () => {
    expect(kinds).not.toContain('ServiceAccount');
    expect(pod).toMatchObject({ serviceAccountName: 'reader', automountServiceAccountToken: false });
  });

  it('listens on the given port', () => {
    expect(container['ports']).toEqual([{ name: 'mcp', containerPort: 3001, protocol: 'TCP' }]);
    expect(find('Service')?.['spec']).toMatchObject({ ports: [{ port: 3001, targetPort: 'mcp' }] });
  });

  it('passes envFrom on', () => {
    expect(container['envFrom']).toEqual([{ prefix: 'X_', secretRef: { name: 'tokens', optional: true } }]);
  });

  it('lets one pod go at a time, and unhealthy ones always', () => {
    expect(find('PodDisruptionBudget')).toMatchObject({
      apiVersion: 'policy/v1',
      metadata: { name: 'demo', namespace: 'tools' },
      spec: { selector: { matchLabels: SELECTOR }, maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    });
  });
});

describe('a named ServiceAccount', () => {
  it('decides itself about the token when the spec says nothing', () => {
    expect(renderSpec({ serviceAccount: 'reader' }).pod).not.toHaveProperty('automountServiceAccountToken');
  });
});

describe('the number of replicas', () => {
  it.each([[0, false], [1, false], [2, true], [1000, true]])('%i: rendered as it is, with a disruption budget: %s', (replicas, hasBudget) => {
    const { deployment, kinds } = renderSpec({ replicas });
    expect(deployment.spec.replicas).toBe(replicas);
    expect(kinds.includes('PodDisruptionBudget')).toBe(hasBudget);
  });

  it('never changes the pod template', () => {
    expect(templateWith(5)).toEqual(templateWith(1));
    expect(templateWith(0)).toEqual(templateWith(1));
  });
});

describe('labels and annotations of an MCPServer', () => {
  it('are never copied to its children', () => {
    const metadata = {
      labels: { team: 'ai', 'app.kubernetes.io/instance': 'argo-app', 'kustomize.toolkit.fluxcd.io/name': 'flux' },
      annotations: { 'argocd.argoproj.io/tracking-id': 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    };
    expect(render(mcpServer(MINIMAL, metadata))).toEqual(render(mcpServer(MINIMAL)));
  });
});

describe('the construct', () => {
  it('takes its id as name and the namespace of its chart', () => {
    expect(chartWith({ namespace: 'team-a' }).deployment.metadata).toMatchObject({ name: 'search', namespace: 'team-a' });
  });

  it('renders no namespace when neither it nor its chart has one', () => {
    for (const { metadata } of chartWith({}).manifests) expect(metadata).not.toHaveProperty('namespace');
  });

  it('knows the URL clients in the cluster use', () => {
    expect(construct().endpoint).toBe('http://demo.tools.svc:8080/mcp');
    expect(construct({ port: 80, path: '/' }).endpoint).toBe('http://demo.tools.svc:80/');
    expect(construct({ transport: 'stdio', command: ['server'] }).endpoint).toBe('http://demo.tools.svc:8080/mcp');
  });

  it('knows the port of its Service and the labels of its pods, for objects of others', () => {
    expect(construct({ port: 3000 }).servicePort).toBe(3000);
    expect(construct().selector).toEqual(SELECTOR);
  });

  it('hands out its objects, and undefined for those it does not render', () => {
    const full = construct({ config: { A: '1' }, replicas: 2 });
    const objects = [full.serviceAccount, full.configMap, full.service, full.deployment, full.podDisruptionBudget];
    expect(objects.map((object) => object?.kind)).toEqual(['ServiceAccount', 'ConfigMap', 'Service', 'Deployment', 'PodDisruptionBudget']);
    const bare = construct({ serviceAccount: 'reader' });
    const absent = [bare.serviceAccount, bare.configMap, bare.podDisruptionBudget];
    expect(absent).toEqual([undefined, undefined, undefined]);
  });

  it('refuses props that break a rule before anything is rendered', () => {
    const chart = new Chart(new App(), 'chart');
    expect(() => new MCPServer(chart, 'demo', { image: '' })).toThrow('MCPServer demo is invalid: spec.image');
    expect(chart.toJson()).toEqual([]);
  });
});

describe('name and namespace inside a spec', () => {
  it.each(['name', 'namespace'])('%s is refused: it belongs into metadata', (field) => {
    const misplaced = { ...MINIMAL, [field]: 'other' };
    expect(() => render(mcpServer(misplaced))).toThrow(`spec.${field}: unknown field: it belongs into metadata`);
  });
});

describe('the selector', () => {
  it.each(Object.keys(FIELD_EXAMPLES))('stays the same whatever %s is', (path) => {
    for (const value of FIELD_EXAMPLES[path]?.accepted ?? []) {
      const { deployment } = rendered(render(mcpServer(specWith(path, value) as unknown as MCPServerSpec)));
      expect(deployment.spec.selector).toEqual({ matchLabels: SELECTOR });
      expect(deployment.spec.template.metadata.labels).toMatchObject(SELECTOR);
    }
  });
});
