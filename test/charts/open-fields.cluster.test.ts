// The real API server as the judge of what the open fields become: it stores what is applied as it was sent, and refuses what it does
// not know.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { render } from '../../charts/render.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { DEPLOYMENTS, type KubernetesObject } from '../../kubernetes/objects.ts';
import { contains } from '../../reconciler/compare/contains.ts';
import { connect, useNamespace } from '../support/cluster.ts';
import { MINIMAL, mcpServer, rendered, type Deployment } from '../support/rendered.ts';

const namespace = useNamespace('open-fields');
let client: KubernetesClient;
beforeAll(async () => {
  client = await connect();
});
afterAll(() => client.close());

function deploymentOf(spec: Partial<MCPServerSpec>): Deployment {
  return rendered(render(mcpServer({ ...MINIMAL, ...spec }, { namespace }))).deployment;
}

function apply(deployment: Deployment): Promise<KubernetesObject> {
  return client.apply(DEPLOYMENTS, deployment, { fieldManager: 'mcp-operator', force: true, dryRun: true });
}

const nothing = { text: '', zero: 0, no: false, list: [], map: {} } as const;
const pod = (fields: object): Partial<MCPServerSpec> => ({ podTemplate: { spec: fields } });
const container = (fields: object): Partial<MCPServerSpec> => ({ sidecars: [{ name: 'a', image: 'a', ...fields }] });
const volume = (fields: object): Partial<MCPServerSpec> => pod({ volumes: [{ name: 'more', ...fields }] });
const probe = { initialDelaySeconds: 0, timeoutSeconds: 0, periodSeconds: 0, successThreshold: 0, failureThreshold: 0 };
const selector = { matchLabels: nothing.map, matchExpressions: nothing.list };
const labelSelector = { matchLabels: { a: 'b' } };
const term = { topologyKey: 'zone', labelSelector, namespaces: [], matchLabelKeys: [], mismatchLabelKeys: [], namespaceSelector: selector };
const ofServer = { containerName: 'mcp-server', resource: 'limits.cpu' };

/** What API servers drop, default or spell otherwise. */
const NORMALIZED: readonly Partial<MCPServerSpec>[] = [
  pod({ hostNetwork: false, hostPID: false, hostIPC: false, hostname: '', subdomain: '', nodeName: '', dnsPolicy: '' }),
  pod({ priorityClassName: '', schedulerName: '', hostAliases: [], imagePullSecrets: [], nodeSelector: {} }),
  pod({ hostNetwork: true, containers: [{ name: 'b', image: 'b', ports: [{ containerPort: 1 }] }] }),
  pod({ tolerations: [{ key: 'a', operator: '', value: '', effect: '' }, { key: '', operator: 'Exists' }] }),
  pod({ hostAliases: [{ ip: '192.0.2.2' }, { ip: '192.0.2.1', hostnames: ['b', 'a'] }], readinessGates: [], resourceClaims: [], initContainers: [] }),
  pod({ dnsConfig: { nameservers: [], searches: [], options: [] }, topologySpreadConstraints: [], overhead: {} }),
  pod({ securityContext: { supplementalGroups: [], sysctls: [], seLinuxOptions: { level: '', role: '', type: '', user: '' } } }),
  pod({ affinity: {
    podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [], requiredDuringSchedulingIgnoredDuringExecution: [] },
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [term],
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }],
    },
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [],
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [], matchExpressions: [{ key: 'a', operator: 'Exists', values: [] }] }],
      },
    },
  } }),
  { podTemplate: { metadata: { labels: { a: '' }, annotations: {}, finalizers: [] } } },
  container({ command: [], args: [''], env: [], envFrom: [], ports: [], volumeMounts: [], volumeDevices: [] }),
  container({ resizePolicy: [], workingDir: '' }),
  container({ tty: false, stdin: false, stdinOnce: false, imagePullPolicy: '', terminationMessagePath: '', terminationMessagePolicy: '' }),
  container({ resources: { limits: { cpu: '0.5', memory: '1024Mi', 'example.com/device': 1 }, requests: { cpu: 0.25, memory: '1e8' }, claims: [] } }),
  container({ resources: { limits: { cpu: '.1', memory: '1.5Gi', 'ephemeral-storage': '1073741824' }, requests: {} } }),
  container({ ports: [{ containerPort: 1, hostPort: 0, name: '', protocol: '', hostIP: '' }, { containerPort: 1, protocol: 'UDP' }] }),
  container({ env: [{ name: 'A', value: '' }] }),
  container({ env: [{ name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', containerName: '', divisor: '0.001' } } }] }),
  container({ env: [{ name: 'B', valueFrom: { fieldRef: { apiVersion: '', fieldPath: 'metadata.name' } } }] }),
  container({ envFrom: [{ prefix: '', secretRef: { name: 'a' } }] }),
  container({ startupProbe: { ...probe, httpGet: { port: 'web', path: '', host: '', scheme: '', httpHeaders: [] } } }),
  container({ livenessProbe: { ...probe, exec: { command: ['a'] } }, readinessProbe: { ...probe, grpc: { port: 1 } } }),
  container({ volumeMounts: [{ name: 'tmp', mountPath: '/a', readOnly: false, subPath: '', subPathExpr: '' }] }),
  container({ securityContext: { capabilities: { add: [], drop: [] }, privileged: false } }),
  container({ lifecycle: { postStart: { httpGet: { port: 1 } }, preStop: { sleep: { seconds: 1 } } } }),
  volume({ emptyDir: { medium: '', sizeLimit: '0.5Gi' } }),
  volume({ secret: { secretName: 'a', items: [] } }),
  volume({ projected: { sources: [
    { serviceAccountToken: { path: 'token', audience: '' } },
    { downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'metadata.name' } }, { path: 'b', resourceFieldRef: ofServer }] } },
    { configMap: { name: 'a', items: [] } },
  ] } }),
  volume({ downwardAPI: { items: [{ path: 'b', resourceFieldRef: { ...ofServer, divisor: '0.001' } }] } }),
  volume({ csi: { driver: 'a.example.com', readOnly: false, fsType: '', volumeAttributes: {} } }),
  volume({ nfs: { server: 'a', path: '/', readOnly: false } }),
  volume({ hostPath: { path: '/', type: '' } }),
  volume({ image: { reference: 'a', pullPolicy: '' } }),
  volume({ iscsi: { targetPortal: 'a', iqn: 'iqn.2001-04.com.example:storage', lun: 0, portals: [], chapAuthDiscovery: false, chapAuthSession: false, fsType: '' } }),
  volume({ ephemeral: {
    volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], volumeName: '', resources: { requests: { storage: '0.5Gi' }, limits: {} } } },
  } }),
];

describe('what the open fields become', () => {
  it.each(NORMALIZED)('is stored as it is sent: %j', async (spec) => {
    const deployment = deploymentOf(spec);
    const live = await apply(deployment);
    expect([contains(live, deployment), live]).toEqual([true, live]);
  });

  it('is refused by the apply where a field is misspelt, with its path; nothing is dropped', async () => {
    const misspelt: readonly [Partial<MCPServerSpec>, string][] = [
      [{ initContainers: [{ name: 'a', comand: [] }] }, '.spec.template.spec.initContainers[name="a"].comand: field not declared in schema'],
      [{ sidecars: [{ name: 'a', resources: { limit: {} } }] }, '.spec.template.spec.initContainers[name="a"].resources.limit: field not declared in schema'],
      [{ podTemplate: { spec: { hostAlias: [] } } }, '.spec.template.spec.hostAlias: field not declared in schema'],
      [{ podTemplate: { containers: [] } }, '.spec.template.containers: field not declared in schema'],
      [{ podTemplate: { spec: { tolerations: {} } } }, '.spec.template.spec.tolerations: expected list'],
    ];
    for (const [spec, told] of misspelt) await expect(apply(deploymentOf(spec))).rejects.toThrow(told);
  });
});

/** Fields of pods and of containers. */
const SOME_FIELDS = 'hostNetwork hostPID stdin tty hostname nodeName subPath workingDir command args tolerations nodeSelector overhead'.split(' ');

describe('what is nothing', () => {
  it('is told, or stored as it is sent, wherever it stands', async () => {
    const values = fc.constantFrom(...Object.values(nothing));
    const fields = fc.dictionary(fc.constantFrom(...SOME_FIELDS), values, { minKeys: 1 });
    const specs = fields.chain((some) => fc.constantFrom(pod(some), container(some)));
    for (const spec of fc.sample(specs, 150)) {
      const deployment = deploymentOf(spec);
      const live = await apply(deployment).catch((error: unknown) => String(error));
      const isTold = typeof live === 'string' && /field not declared in schema|expected|failed to convert|Required value|Invalid value/.test(live);
      expect([spec, live, isTold || contains(live, deployment)]).toEqual([spec, live, true]);
    }
  });
});
