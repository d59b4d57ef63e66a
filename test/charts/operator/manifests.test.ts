// The two installations in dist/: what they hold, what they may do, and how the pods run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { podSecurityViolations, type PodTemplate } from '../../../charts/checks/pod-security.ts';
import { deploymentOf, DIST, install, installed, objectOf, type Installed, type Rule } from '../../support/operator-manifests.ts';

const CLUSTER = installed('operator');
const NAMESPACED = installed('operator-namespaced');
const SECURITY = readFileSync(join(DIST, '../docs/security.md'), 'utf8');

const kinds = (manifests: readonly Installed[]): string[] => manifests.map(({ kind }) => kind).toSorted();
const idOf = ({ kind, metadata: { namespace = '', name } }: Installed): string => `${kind} ${namespace}/${name}`;
const withoutRules = (manifests: readonly Installed[]): object[] => manifests.map((manifest) => ({ ...manifest, rules: [] }));
const rulesOf = (manifests: readonly Installed[]): Rule[] => manifests.flatMap(({ rules = [] }) => rules);
const probe = (path: string): object => ({ httpGet: { path, port: 'health' } });
const COMMON = ['Deployment', 'Namespace', 'NetworkPolicy', 'PodDisruptionBudget', 'Service', 'ServiceAccount'];

describe('the installation for all namespaces', () => {
  it('is complete but for the CRD', () => {
    expect(kinds(CLUSTER)).toEqual([...COMMON, 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'].toSorted());
  });

  it('may read MCPServers, but write only their status', () => {
    expect(rulesOf(CLUSTER).filter(({ apiGroups }) => apiGroups.includes('mcp.example.com'))).toEqual([
      { apiGroups: ['mcp.example.com'], resources: ['mcpservers'], verbs: ['list', 'watch'] },
      { apiGroups: ['mcp.example.com'], resources: ['mcpservers/status'], verbs: ['patch'] },
    ]);
  });

  it('has permissions that docs/security.md explains one by one', () => {
    const explained = [...SECURITY.matchAll(/^\| `([.a-z0-9]+)` ([a-z/, ]+?)(?: named `([-a-z]+)`)? \| ([a-z, ]+) \| .+ \|$/gm)].map(([, group, resources, name = '', verbs]) => `${group}: ${resources}: ${name}: ${verbs}`);
    expect(explained).toEqual(
      rulesOf(CLUSTER).map(
        ({ apiGroups, resources, resourceNames = [], verbs }) =>
          `${apiGroups[0] || 'core'}: ${resources.join(', ')}: ${resourceNames.join(', ')}: ${verbs.join(', ')}`,
      ),
    );
  });
});

describe('the namespaced installation', () => {
  it('has no right outside its namespace', () => {
    expect(kinds(NAMESPACED)).toEqual([...COMMON, 'Role', 'Role', 'RoleBinding', 'RoleBinding'].toSorted());
    expect(JSON.stringify(NAMESPACED)).not.toContain('ClusterRole');
    expect(
      NAMESPACED.filter(({ metadata }) => metadata.namespace !== 'mcp-servers').map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    ).toEqual(['Namespace mcp-servers']);
  });

  it('may do there what the other may do everywhere', () => {
    expect(rulesOf(NAMESPACED)).toEqual(rulesOf(CLUSTER));
  });

  it('watches that namespace alone', () => {
    expect(deploymentOf(NAMESPACED).spec.template.spec.containers[0]['args']).toContain('--namespace=mcp-servers');
  });
});

describe('an installation that watches some namespaces', () => {
  const manifests = install({ watchNamespaces: ['team-a', 'team-b'] });

  it('has a Role for MCPServers in each, and in its own nothing but the Lease', () => {
    const roles = manifests.filter(({ kind }) => kind === 'Role').map(({ metadata: { namespace, name } }) => `${namespace} ${name}`);
    expect(roles).toEqual(['team-a mcp-operator', 'team-b mcp-operator', 'mcp-operator-system mcp-operator-leader-election']);
    const bindings = manifests.filter(({ kind }) => kind === 'RoleBinding');
    expect(bindings.map(({ metadata: { namespace }, roleRef }) => `${namespace} ${roleRef?.name}`)).toEqual(roles);
    for (const { subjects } of bindings) expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'mcp-operator', namespace: 'mcp-operator-system' }]);
    expect(kinds(manifests).filter((kind) => kind.startsWith('Cluster'))).toEqual([]);
  });

  it('renders no namespace but its own', () => {
    expect(manifests.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)).toEqual(['mcp-operator-system']);
  });
});

describe('two installations that share a cluster by labels', () => {
  const clusterWide = { priorityLevel: 'workload-high', guards: {} };
  const of = (color: string, props: Parameters<typeof install>[0] = clusterWide): Installed[] =>
    install({ namespace: `operator-${color}`, watchLabelSelector: `shard=${color}`, ...props });

  it('have no object in common', () => {
    expect(of('blue').map(idOf).filter((id) => of('green').map(idOf).includes(id))).toEqual([]);
    const [blue, green] = ['blue', 'green'].map((color) => of(color, { watchNamespaces: ['tools'] }));
    expect(blue?.map(idOf).filter((id) => green?.map(idOf).includes(id))).toEqual([]);
  });

  it('have the rights of one each, bound to its own account', () => {
    const rule = { apiGroups: ['mcp.example.com'], resources: ['mcpservers'], verbs: ['get'] };
    const usual = new Set(rulesOf(CLUSTER).map((each) => JSON.stringify(each)));
    expect(rulesOf(of('blue')).filter((each) => !usual.has(JSON.stringify(each)))).toEqual([rule]);
    expect(SECURITY).toContain('`get` of `mcpservers`');
    expect(objectOf(of('blue'), 'ClusterRole').metadata.name).toBe('mcp-operator.operator-blue');
    expect(objectOf(of('blue'), 'ClusterRoleBinding')).toMatchObject({
      metadata: { name: 'mcp-operator.operator-blue' },
      roleRef: { name: 'mcp-operator.operator-blue' },
      subjects: [{ name: 'mcp-operator', namespace: 'operator-blue' }],
    });
    expect(objectOf(of('blue'), 'FlowSchema').metadata.name).toBe('mcp-operator.operator-blue');
  });

  it('are otherwise what an installation of that namespace is', () => {
    const [blue, plain] = [of('blue'), install({ namespace: 'operator-blue', ...clusterWide })];
    const text = JSON.stringify(blue).replaceAll('mcp-operator.operator-blue', 'mcp-operator').replace(',"--watch-label-selector=shard=blue"', '');
    expect(withoutRules(JSON.parse(text) as Installed[])).toEqual(withoutRules(plain ?? []));
  });
});

describe.each([['operator', CLUSTER], ['operator-namespaced', NAMESPACED]] as const)('dist/%s.k8s.yaml', (_file, manifests) => {
  const { spec } = deploymentOf(manifests);
  const { template } = spec;
  const [container] = template.spec.containers;

  it('holds no wildcard, no Secret, no right to reach into pods and none to widen its rights', () => {
    expect(JSON.stringify(rulesOf(manifests))).not.toMatch(/"\*"|secrets|deletecollection|roles|escalate|bind|impersonate|proxy|exec/);
  });

  it('lets the operator create Leases in its own namespace, and touch none but its own', () => {
    const { rules, metadata } = objectOf(manifests, 'Role', 'mcp-operator-leader-election');
    expect(metadata.namespace).toBe(objectOf(manifests, 'Namespace').metadata.name);
    expect(rules).toEqual([
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: ['mcp-operator'], verbs: ['get', 'update'] },
    ]);
  });

  it('runs pods that Pod Security restricted admits, which the namespace enforces', () => {
    expect(podSecurityViolations(template as PodTemplate)).toEqual([]);
    expect(objectOf(manifests, 'Namespace').metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  });

  it('runs them without root, on a read-only root file system with a bounded /tmp, without capabilities', () => {
    expect(template.spec.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(template.spec['volumes']).toEqual([{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }]);
    expect(template.spec).toMatchObject({ enableServiceLinks: false, terminationGracePeriodSeconds: 45 });
  });

  it('gives the token to the pod alone', () => {
    expect(objectOf(manifests, 'ServiceAccount')).toMatchObject({ automountServiceAccountToken: false });
    expect(template.spec).toMatchObject({ serviceAccountName: 'mcp-operator', automountServiceAccountToken: true });
  });

  it('runs two replicas that elect a leader, and of which a drain takes one at a time', () => {
    expect(spec.replicas).toBe(2);
    expect(container['args']).toContain('--leader-elect');
    expect(objectOf(manifests, 'PodDisruptionBudget')).toMatchObject({ spec: { maxUnavailable: 1, selector: spec.selector, unhealthyPodEvictionPolicy: 'AlwaysAllow' } });
  });

  it('rolls out a new version pod by pod, and takes none away before another is Ready', () => {
    expect(spec['strategy']).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
  });

  it('spreads them over nodes and zones only where that is possible', () => {
    const constraints = template.spec['topologySpreadConstraints'] as { topologyKey: string; whenUnsatisfiable: string }[];
    expect(constraints.map(({ topologyKey, whenUnsatisfiable }) => `${topologyKey} ${whenUnsatisfiable}`)).toEqual(['kubernetes.io/hostname ScheduleAnyway', 'topology.kubernetes.io/zone ScheduleAnyway']);
    expect(Object.keys((template.spec['affinity'] as { podAntiAffinity: object }).podAntiAffinity)).toEqual(['preferredDuringSchedulingIgnoredDuringExecution']);
  });

  it('keeps the selector of installed clusters, which also selects for Service, budget and policy', () => {
    const selector = { 'app.kubernetes.io/name': 'mcp-operator' };
    expect(spec.selector).toEqual({ matchLabels: selector });
    expect(template.metadata.labels).toMatchObject(selector);
    expect(objectOf(manifests, 'Service')).toMatchObject({ spec: { selector, ports: [{ name: 'metrics', targetPort: 'metrics' }] } });
    expect(objectOf(manifests, 'NetworkPolicy')).toMatchObject({ spec: { podSelector: { matchLabels: selector } } });
  });

  it('asks at each second whether the pod has started and is ready', () => {
    expect(container).toMatchObject({
      startupProbe: { ...probe('/healthz'), periodSeconds: 1 }, readinessProbe: { ...probe('/readyz'), periodSeconds: 1 }, livenessProbe: probe('/healthz'),
    });
  });

  it('has the same labels on every object but those a user adds to pods', () => {
    const labels = { 'app.kubernetes.io/name': 'mcp-operator', 'app.kubernetes.io/component': 'operator' };
    for (const { metadata } of manifests) expect(metadata.labels).toMatchObject(labels);
    expect(manifests.filter(({ metadata }) => metadata.annotations !== undefined)).toEqual([]);
  });
});

describe('an installation that asks pods through the API server', () => {
  it('may use the pod proxy, by a rule that docs/security.md explains', () => {
    const rule = { apiGroups: [''], resources: ['pods/proxy'], verbs: ['get', 'create', 'delete'] };
    const rules = rulesOf(install({ podAccess: 'api-server' }));
    expect(rules.filter((each) => !rulesOf(install()).some((other) => JSON.stringify(other) === JSON.stringify(each)))).toEqual([rule]);
    expect(SECURITY).toContain('`get`, `create` and `delete` of `pods/proxy`');
  });
});
