// Our manifests under the default checks of kube-linter, and each check on an object that it must complain about.
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../charts/render.ts';
import { compare, explainedDeviations } from './findings.ts';
import { lintedManifests } from './inputs.ts';
import { KUBE_LINTER_CHECKS, kubeLinter } from './kube-linter.ts';

const GOOD_CONTAINER = {
  name: 'a',
  image: 'example.com/a:1.2',
  ports: [{ name: 'mcp', containerPort: 8080 }],
  resources: { requests: { cpu: '1m' }, limits: { memory: '1Mi' } },
  securityContext: { readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
};
const labels = { app: 'a' };

function deployment(pod: object = {}, container: object = {}, spec: object = {}): Manifest {
  const template = { metadata: { labels }, spec: { ...pod, containers: [{ ...GOOD_CONTAINER, ...container }] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a', namespace: 'b' },
    spec: { replicas: 1, selector: { matchLabels: labels }, template, ...spec },
  };
}

function object(kind: string, spec: object, apiVersion = 'v1'): Manifest {
  return { apiVersion, kind, metadata: { name: 'a', namespace: 'b' }, spec };
}

const context = (securityContext: object): object => ({ securityContext: { ...GOOD_CONTAINER.securityContext, ...securityContext } });
const probe = (name: string, port: unknown): object => ({ [`${name}Probe`]: { tcpSocket: { port } } });
const hostPath = (path: string): object => ({ volumes: [{ name: 'a', hostPath: { path } }] });
const budget = (spec: object): Manifest => object('PodDisruptionBudget', { selector: { matchLabels: labels }, unhealthyPodEvictionPolicy: 'AlwaysAllow', ...spec }, 'policy/v1');
const antiAffinity = (topologyKey: string): object => ({
  affinity: {
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: { matchLabels: labels } }] },
  },
});

/** By check: manifests it must complain about, and manifests it must not. */
const EXAMPLES: Readonly<Record<string, readonly [bad: readonly Manifest[], good: readonly Manifest[]]>> = {
  'dangling-service': [[object('Service', { selector: { app: 'b' } }), deployment()], [object('Service', { selector: labels }), deployment()]],
  'deprecated-service-account-field': [[deployment({ serviceAccount: 'default' })], [deployment()]],
  'docker-sock': [[deployment(hostPath('/var/run/docker.sock'))], [deployment(hostPath('/var/run'))]],
  'drop-net-raw-capability': [[deployment({}, context({ capabilities: { drop: ['CHOWN'] } }))], [deployment({}, context({ capabilities: { drop: ['NET_RAW'] } }))]],
  'duplicate-env-var': [[deployment({}, { env: [{ name: 'A' }, { name: 'A' }] })], [deployment({}, { env: [{ name: 'A' }, { name: 'B' }] })]],
  'env-var-secret': [[deployment({}, { env: [{ name: 'MY_SECRET', value: 'x' }] })], [deployment({}, { env: [{ name: 'MY_SECRET', valueFrom: {} }] })]],
  'host-ipc': [[deployment({ hostIPC: true })], [deployment({ hostIPC: false })]],
  'host-network': [[deployment({ hostNetwork: true })], [deployment({ hostNetwork: false })]],
  'host-pid': [[deployment({ hostPID: true })], [deployment({ hostPID: false })]],
  'invalid-target-ports': [
    [object('Service', { ports: [{ targetPort: 'MCP' }] })],
    [object('Service', { selector: labels, ports: [{ targetPort: 'mcp' }, { targetPort: 1 }] }), deployment()],
  ],
  'job-ttl-seconds-after-finished': [[object('Job', {}, 'batch/v1')], [object('Job', { ttlSecondsAfterFinished: 1 }, 'batch/v1')]],
  'latest-tag': [[deployment({}, { image: 'example.com/a' })], [deployment()]],
  'liveness-port': [[deployment({}, probe('liveness', 1))], [deployment({}, probe('liveness', 8080))]],
  'mismatching-selector': [[deployment({}, {}, { selector: { matchLabels: { app: 'b' } } })], [deployment()]],
  'no-anti-affinity': [[deployment(antiAffinity('zone'), {}, { replicas: 2 })], [deployment(antiAffinity('kubernetes.io/hostname'), {}, { replicas: 2 })]],
  'no-extensions-v1beta': [[object('Ingress', {}, 'extensions/v1beta1')], [object('Ingress', {}, 'networking.k8s.io/v1')]],
  'no-read-only-root-fs': [[deployment({}, context({ readOnlyRootFilesystem: false }))], [deployment()]],
  'non-existent-service-account': [[deployment({ serviceAccountName: 'a' })], [deployment({ serviceAccountName: 'a' }), object('ServiceAccount', {})]],
  'pdb-max-unavailable': [[budget({ maxUnavailable: '0%' })], [budget({ maxUnavailable: 1 })]],
  'pdb-min-available': [[budget({ minAvailable: '50%' }), deployment()], [budget({ minAvailable: '50%' }), deployment(antiAffinity('kubernetes.io/hostname'), {}, { replicas: 2 })]],
  'pdb-unhealthy-pod-eviction-policy': [[object('PodDisruptionBudget', {})], [budget({})]],
  'privilege-escalation-container': [[deployment({}, context({ allowPrivilegeEscalation: true }))], [deployment()]],
  'privileged-container': [[deployment({}, context({ privileged: true }))], [deployment()]],
  'readiness-port': [[deployment({}, probe('readiness', 'http'))], [deployment({}, probe('readiness', 'mcp'))]],
  'run-as-non-root': [[deployment({}, context({ runAsUser: 0 }))], [deployment({}, context({ runAsUser: 1, runAsNonRoot: false }))]],
  'sensitive-host-mounts': [[deployment(hostPath('/etc'))], [deployment(hostPath('/etc/a'))]],
  'ssh-port': [[deployment({}, { ports: [{ containerPort: 22 }] })], [deployment({}, { ports: [{ containerPort: 22, protocol: 'UDP' }] })]],
  'startup-port': [[deployment({}, probe('startup', 'http'))], [deployment({}, probe('startup', 'mcp'))]],
  'unsafe-sysctls': [[deployment({ securityContext: { sysctls: [{ name: 'net.core.somaxconn' }] } })], [deployment({ securityContext: { sysctls: [{ name: 'vm.a' }] } })]],
  'unset-cpu-requirements': [[deployment({}, { resources: { limits: { cpu: '1', memory: '1Mi' } } })], [deployment()]],
  'unset-memory-requirements': [[deployment({}, { resources: { requests: { cpu: '1', memory: '1Mi' } } })], [deployment()]],
};

describe('the default checks of kube-linter', () => {
  it('are thirty-one, with an example each', () => {
    expect(Object.keys(KUBE_LINTER_CHECKS)).toHaveLength(31);
    expect(Object.keys(EXAMPLES)).toEqual(Object.keys(KUBE_LINTER_CHECKS));
  });

  it.each(Object.entries(EXAMPLES))('complain where they should: %s', (check, [bad, good]) => {
    expect(kubeLinter(bad).map((finding) => finding.check)).toContain(check);
    expect(kubeLinter(good)).toEqual([]);
  });

  it('find in our manifests what docs/security.md explains, and nothing else', () => {
    const found = new Map([...lintedManifests()].map(([name, manifests]) => [name, kubeLinter(manifests)]));
    expect(compare(found, explainedDeviations().filter(({ tool }) => tool === 'kube-linter'))).toEqual([]);
  });
});

describe('the comparison with what is explained', () => {
  const found = new Map([['operator', [{ check: 'a', object: 'Deployment b' }]], ['server', []]]);

  it.each([
    [[], ['operator: Deployment b fails a, which docs/security.md does not explain']],
    [[{ check: 'a', where: ['operator'] }], []],
    [[{ check: 'a', where: ['operator', 'server'] }], ['docs/security.md explains a for server, which passes it']],
    [[{ check: 'a', where: ['any MCPServer'] }], ['operator: Deployment b fails a, which docs/security.md does not explain', 'docs/security.md explains a for any MCPServer, which passes it']],
  ])('of %j finds %j', (explained, problems) => {
    expect(compare(found, explained)).toEqual(problems);
  });
});
