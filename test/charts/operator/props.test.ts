// What each prop of the installation changes, and what is refused.
import type { k8s } from 'cdk8s-plus-28';
import { describe, expect, it } from 'vitest';
import { BRIDGE_VERSION } from '../../../charts/bridge-version.ts';
import type { OperatorProps } from '../../../charts/operator/operator.ts';
import { LAST_WORDS, LOG_LEVELS, POD_ACCESS } from '../../../charts/operator/props.ts';
import { LOG_LEVELS as ACCEPTED_LOG_LEVELS } from '../../../reconciler/runtime/log.ts';
import { LAST_WORDS as ACCEPTED_LAST_WORDS } from '../../../reconciler/status/trouble.ts';
import { POD_ACCESS as ACCEPTED_POD_ACCESS } from '../../../reconciler/verification/pod-access.ts';
import { deploymentOf, install, objectOf } from '../../support/operator-manifests.ts';
import type { PodSpec } from '../../support/rendered.ts';

const TOLERATION: k8s.Toleration = { key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' };
const AFFINITY: k8s.Affinity = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'Exists' }] }] },
  },
};
const SPREAD: k8s.TopologySpreadConstraint = { maxSkew: 1, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule' };

function podOf(props: Partial<OperatorProps>): PodSpec {
  return deploymentOf(install(props)).spec.template.spec;
}

/** Each prop with a value of its own, and where that value must be found in the Deployment's pod. */
const EFFECTS: readonly [prop: Partial<OperatorProps>, pod: object][] = [
  [{ image: 'registry.example.com/operator:2' }, { containers: [{ image: 'registry.example.com/operator:2' }] }],
  [{ imagePullPolicy: 'Always' }, { containers: [{ imagePullPolicy: 'Always' }] }],
  [{ imagePullSecrets: ['registry'] }, { imagePullSecrets: [{ name: 'registry' }] }],
  [
    { resources: { limits: { memory: '1024Mi' } } },
    { containers: [{ resources: { requests: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '64Mi' }, limits: { memory: '1Gi' } } }] },
  ],
  [{ logLevel: 'debug' }, { containers: [{ args: expect.arrayContaining(['--log-level=debug']) as string[] }] }],
  [{ podAccess: 'direct' }, { containers: [{ args: expect.arrayContaining(['--pod-access=direct']) as string[] }] }],
  [{ lastWords: 'Hide' }, { containers: [{ args: expect.arrayContaining(['--last-words=Hide']) as string[] }] }],
  [{ image: 'ghcr.example.com/mcp/operator:2' }, { containers: [{ args: expect.arrayContaining([`--bridge-image=ghcr.example.com/mcp/stdio-bridge:${BRIDGE_VERSION}`]) as string[] }] }],
  [{ bridgeImage: 'a/b:1' }, { containers: [{ args: expect.arrayContaining(['--bridge-image=a/b:1']) as string[] }] }],
  [{ bridgeBy: 'ImageVolume' }, { containers: [{ args: expect.arrayContaining(['--bridge-by=ImageVolume']) as string[] }] }],
  [{ maxConcurrentReconciles: 8 }, { containers: [{ args: expect.arrayContaining(['--max-concurrent-reconciles=8']) as string[] }] }],
  [{ metricsMaxServers: 64 }, { containers: [{ args: expect.arrayContaining(['--metrics-max-servers=64']) as string[] }] }],
  [{ maxConcurrentHandshakes: 64 }, { containers: [{ args: expect.arrayContaining(['--max-concurrent-handshakes=64']) as string[] }] }],
  [{ watchNamespaces: ['a', 'b'] }, { containers: [{ args: expect.arrayContaining(['--namespace=a', '--namespace=b']) as string[] }] }],
  [{ watchLabelSelector: 'shard in (a,b)' }, { containers: [{ args: expect.arrayContaining(['--watch-label-selector=shard in (a,b)']) as string[] }] }],
  [{ nodeSelector: { disk: 'ssd' } }, { nodeSelector: { disk: 'ssd' } }],
  [{ tolerations: [TOLERATION] }, { tolerations: [TOLERATION] }],
  [{ affinity: AFFINITY }, { affinity: AFFINITY }],
  [{ topologySpreadConstraints: [SPREAD] }, { topologySpreadConstraints: [SPREAD] }],
  [{ priorityClassName: 'important' }, { priorityClassName: 'important' }],
];

describe('a prop of the installation', () => {
  it.each(EFFECTS)('%j shows in the pod', (props, expected) => {
    expect(podOf(props)).toMatchObject(expected);
    expect(podOf({ image: 'example.com/operator:1' })).not.toMatchObject(expected);
  });

  it('replicas is the number of pods, and one pod has no disruption budget', () => {
    expect(deploymentOf(install({ replicas: 3 })).spec.replicas).toBe(3);
    expect(install({ replicas: 3 }).map(({ kind }) => kind)).toContain('PodDisruptionBudget');
    expect(install({ replicas: 1 }).map(({ kind }) => kind)).not.toContain('PodDisruptionBudget');
  });

  it('namespace is where everything is, and createNamespace: false leaves it to its owner', () => {
    const manifests = install({ namespace: 'platform' });
    expect(objectOf(manifests, 'Namespace').metadata.name).toBe('platform');
    expect(new Set(manifests.map(({ metadata }) => metadata.namespace))).toEqual(new Set([undefined, 'platform']));
    expect(objectOf(manifests, 'ClusterRoleBinding').subjects).toEqual([{ kind: 'ServiceAccount', name: 'mcp-operator', namespace: 'platform' }]);
    expect(install({ createNamespace: false })).toEqual(install().filter(({ kind }) => kind !== 'Namespace'));
  });

  it('podLabels and podAnnotations are on the pods, and take no label away that the pods are selected by', () => {
    const { template, selector } = deploymentOf(install({ podLabels: { team: 'platform', 'app.kubernetes.io/name': 'other' }, podAnnotations: { 'example.com/note': 'a' } })).spec;
    expect(template.metadata.annotations).toEqual({ 'example.com/note': 'a' });
    expect(template.metadata.labels).toEqual({ team: 'platform', 'app.kubernetes.io/name': 'mcp-operator', 'app.kubernetes.io/component': 'operator' });
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
  });

  it('networkPolicy: false leaves the policy out', () => {
    expect(install({ networkPolicy: false })).toEqual(install().filter(({ kind }) => kind !== 'NetworkPolicy'));
  });

  it('of placement is taken away by an empty value', () => {
    const pod = podOf({ affinity: {}, topologySpreadConstraints: [], resources: { requests: {}, limits: {} } });
    expect(Object.keys(pod)).not.toEqual(expect.arrayContaining(['affinity']));
    expect(Object.keys(pod)).not.toEqual(expect.arrayContaining(['topologySpreadConstraints']));
    expect(pod.containers[0].resources).toEqual({});
  });

  it('priorityLevel adds a FlowSchema for the requests of its ServiceAccount, and nothing else', () => {
    const manifests = install({ priorityLevel: 'workload-high', namespace: 'platform' });
    expect(objectOf(manifests, 'FlowSchema')).toMatchObject({
      spec: {
        priorityLevelConfiguration: { name: 'workload-high' },
        rules: [{ subjects: [{ kind: 'ServiceAccount', serviceAccount: { name: 'mcp-operator', namespace: 'platform' } }] }],
      },
    });
    expect(manifests.filter(({ kind }) => kind !== 'FlowSchema')).toEqual(install({ namespace: 'platform' }));
  });

  it('that is undefined is the default', () => {
    const absent = {
      namespace: undefined,
      replicas: undefined,
      resources: { limits: undefined },
      watchNamespaces: undefined,
    } as unknown as Partial<OperatorProps>;
    expect(install(absent)).toEqual(install());
  });

  it('takes the log levels and ways to pods that the command line takes', () => {
    expect(LOG_LEVELS).toEqual(ACCEPTED_LOG_LEVELS);
    expect(POD_ACCESS).toEqual(ACCEPTED_POD_ACCESS);
    expect(LAST_WORDS).toEqual(ACCEPTED_LAST_WORDS);
  });
});

describe('the installation refuses', () => {
  it.each<[Partial<OperatorProps>, string]>([
    [{ image: '' }, 'image is "": name an image'],
    [{ image: 'a b' }, 'image is "a b": name an image'],
    [{ namespace: 'MCP' }, 'namespace is "MCP": it must be the name of one namespace'],
    [{ watchNamespaces: [] }, 'watchNamespaces is empty: leave it out to watch all namespaces, or name some'],
    [{ watchNamespaces: ['a', 'b*'] }, 'watchNamespaces[1] is "b*": it must be the name of one namespace'],
    [{ watchNamespaces: ['a', 'a'] }, 'watchNamespaces names a namespace twice'],
    [{ watchLabelSelector: 'shard=blue,' }, 'watchLabelSelector is "shard=blue,": "" is no requirement of a label: use KEY, !KEY, KEY=VALUE, KEY!=VALUE, KEY in (A,B) or KEY notin (A,B), with commas between them'],
    [{ replicas: 0 }, 'replicas is 0: it must be a whole number above 0'],
    [{ replicas: 1.5 }, 'replicas is 1.5: it must be a whole number above 0'],
    [{ maxConcurrentReconciles: 0 }, 'maxConcurrentReconciles is 0: it must be a whole number above 0'],
    [{ metricsMaxServers: 0.5 }, 'metricsMaxServers is 0.5: it must be a whole number above 0'],
    [{ maxConcurrentHandshakes: 0.5 }, 'maxConcurrentHandshakes is 0.5: it must be a whole number above 0'],
    [{ priorityLevel: 'High' }, 'priorityLevel is "High": it must be the name of a PriorityLevelConfiguration'],
    [{ priorityLevel: 'workload-high', watchNamespaces: ['a'] }, 'priorityLevel needs a FlowSchema, which is cluster-wide, as an installation with watchNamespaces is not: leave it out'],
    [{ logLevel: 'loud' as 'info' }, 'logLevel is "loud": use one of silent, fatal, error, warn, info, debug, trace'],
    [{ podAccess: 'proxy' as 'auto' }, 'podAccess is "proxy": use one of auto, direct, api-server'],
    [{ resources: { limits: { memory: '1GB' } } }, 'resources.limits.memory: "1GB" is not a Kubernetes quantity such as 500m, 0.5 or 1Gi'],
    [{ replicas: -1, watchNamespaces: [] }, 'watchNamespaces is empty: leave it out to watch all namespaces, or name some; replicas is -1: it must be a whole number above 0'],
  ])('%j', (props, problem) => {
    expect(() => install(props)).toThrow(new Error(`the operator cannot be installed like this: ${problem}`));
  });
});
