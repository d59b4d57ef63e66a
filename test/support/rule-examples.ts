// Accepted and rejected specs for every rule between fields, by the rule's message. The same table is tried on the
// TypeScript of the rules and on their CEL in the real API server.
import { MEMORY_RULE_EXAMPLES } from './memory-examples.ts';
import { NETWORK_RULE_EXAMPLES } from './network-examples.ts';
import { REQUEST_RULE_EXAMPLES } from './request-rule-examples.ts';
import { STDIO_RULE_EXAMPLES } from './stdio-examples.ts';
import { VOLUME_RULE_EXAMPLES } from './volume-examples.ts';
import { WORKLOAD_RULE_EXAMPLES } from './workload-examples.ts';

/** Fields laid over the smallest spec. */
export interface RuleExamples {
  readonly accepted: readonly [object, ...object[]];
  readonly rejected: readonly [object, ...object[]];
}

const variable = (fields: object): object => ({ env: [{ name: 'OK', value: '1' }, { name: 'A', ...fields }] });
const seccomp = (fields: object): object => ({ seccompProfile: fields });
const TCP = { tcpSocket: { port: 'mcp' } };
const CPU = { targetCPUUtilizationPercentage: 80 };
const inTarget = (target: object): object => ({ type: 'Resource', resource: { name: 'memory', target } });
const MEMORY = inTarget({ type: 'AverageValue', averageValue: '1Gi' });
const secretKeyRef = { name: 'a', key: 'k' };
const fieldRef = { fieldPath: 'metadata.name' };

/** Uses of so many objects, each of another name that is the same for every field. */
function named(count: number, field: 'configMapRef' | 'secretRef' | 'configMapKeyRef' | 'secretKeyRef' | 'configMap' | 'secret'): object[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `n${index}`;
    if (field.endsWith('KeyRef')) return { name: `V${index}`, valueFrom: { [field]: { name, key: 'k' } } };
    return { ...(field.endsWith('Ref') ? {} : { mountPath: `/data/${index}` }), [field]: { name } };
  });
}

/** Examples by message. */
export const RULE_EXAMPLES: Readonly<Record<string, RuleExamples>> = {
  'image cannot contain blanks, or characters outside ASCII: give it as registry/name:tag or registry/name@digest': {
    accepted: [{ image: 'registry.example.com:5000/a/b:1' }],
    rejected: [{ image: 'a b' }, { image: 'a\u00A0b' }, { image: 'a\n' }],
  },
  'path must be absolute, such as /mcp, without blanks, "?", "#" and characters outside ASCII': {
    accepted: [{ path: '/' }, { path: '/a%20b' }],
    rejected: [{ path: 'mcp' }, { path: '/a b' }, { path: '/a?b=c' }, { path: '/ä' }],
  },
  'config keys are 1 to 253 letters, digits, "-", "_" and ".", and may not be "." or start with ".."': {
    accepted: [{ config: { 'a.b_C-9': '', '.a': '', ['k'.repeat(253)]: '' } }, { config: {} }],
    rejected: [
      { config: { 'a b': '' } },
      { config: { '': '' } },
      { config: { '.': '' } },
      { config: { '..a': '' } },
      { config: { 'ä': '' } },
      { config: { ['k'.repeat(254)]: '' } },
    ],
  },
  'the config key config.json is taken: the operator writes all of config into that file': {
    accepted: [{ config: { 'config.yaml': '' } }],
    rejected: [{ config: { 'config.json': '{}' } }],
  },
  'config cannot set MCP_TRANSPORT, MCP_PORT or MCP_CONFIG_FILE: use spec.transport and spec.port': {
    accepted: [{ config: { MCP_SERVER_NAME: 'a', mcp_port: '1' } }],
    rejected: [{ config: { MCP_TRANSPORT: 'http' } }, { config: { MCP_PORT: '1' } }, { config: { MCP_CONFIG_FILE: '/a' } }],
  },
  'config may hold at most 262144 bytes in all: put larger data into a ConfigMap of your own': {
    accepted: [{ config: { a: 'x'.repeat(131_071), b: 'x'.repeat(131_071) } }],
    rejected: [{ config: { a: 'x'.repeat(131_071), b: 'x'.repeat(131_072) } }],
  },
  'an environment variable has either value or valueFrom, not both': {
    accepted: [variable({ value: '' }), variable({ valueFrom: { fieldRef } }), variable({})],
    rejected: [variable({ value: '1', valueFrom: { fieldRef } }), variable({ value: '', valueFrom: { fieldRef } })],
  },
  'valueFrom needs exactly one of fieldRef, resourceFieldRef, configMapKeyRef and secretKeyRef': {
    accepted: [variable({ valueFrom: { secretKeyRef } }), variable({ valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } })],
    rejected: [
      variable({ valueFrom: {} }),
      variable({ valueFrom: { fieldRef, secretKeyRef } }),
      variable({ valueFrom: { configMapKeyRef: secretKeyRef, secretKeyRef } }),
    ],
  },
  'an envFrom item needs exactly one of configMapRef and secretRef': {
    accepted: [{ envFrom: [{ secretRef: { name: 'a' } }, { configMapRef: { name: 'a' } }] }],
    rejected: [{ envFrom: [{ secretRef: { name: 'a' } }, {}] }, { envFrom: [{ secretRef: { name: 'a' }, configMapRef: { name: 'a' } }] }],
  },
  'a resource request must not be larger than the limit of the same resource': {
    accepted: [
      { resources: { requests: { memory: '1Gi', cpu: 2 }, limits: { memory: '1024Mi' } } },
      { resources: { requests: { cpu: '500m' }, limits: { cpu: 0.5.toString() } } },
      { resources: { limits: { cpu: '1' } } },
    ],
    rejected: [
      { resources: { requests: { memory: '1Gi' }, limits: { memory: '1G' } } },
      { resources: { requests: { cpu: 2 }, limits: { cpu: '1999m' } } },
      { resources: { requests: { cpu: '1e3' }, limits: { cpu: '999' } } },
    ],
  },
  'seccompProfile.localhostProfile is needed for type Localhost and forbidden for every other type': {
    accepted: [
      { securityContext: seccomp({ type: 'Localhost', localhostProfile: 'a.json' }), podSecurityContext: seccomp({ type: 'RuntimeDefault' }) },
      { podSecurityContext: seccomp({ type: 'Localhost', localhostProfile: 'a.json' }) },
    ],
    rejected: [
      { securityContext: seccomp({ type: 'Localhost' }) },
      { podSecurityContext: seccomp({ type: 'Localhost' }) },
      { securityContext: seccomp({ type: 'RuntimeDefault', localhostProfile: 'a.json' }) },
      { podSecurityContext: seccomp({ type: 'Unconfined', localhostProfile: 'a.json' }) },
    ],
  },
  'runAsUser 0 is root: the kubelet refuses it unless runAsNonRoot is set to false as well': {
    accepted: [
      { securityContext: { runAsUser: 0, runAsNonRoot: false } },
      { podSecurityContext: { runAsUser: 0, runAsNonRoot: false } },
      { podSecurityContext: { runAsUser: 0 }, securityContext: { runAsNonRoot: false } },
      { podSecurityContext: { runAsUser: 0 }, securityContext: { runAsUser: 1 } },
      { securityContext: { runAsUser: 1, runAsNonRoot: true } },
      { securityProfile: 'None', securityContext: { runAsUser: 0 } },
      { securityProfile: 'None', podSecurityContext: { runAsUser: 0 } },
    ],
    rejected: [
      { securityContext: { runAsUser: 0 } },
      { podSecurityContext: { runAsUser: 0 } },
      { podSecurityContext: { runAsUser: 0, runAsNonRoot: false }, securityContext: { runAsNonRoot: true } },
      { podSecurityContext: { runAsUser: 1 }, securityContext: { runAsUser: 0 } },
      { securityProfile: 'ImageUser', securityContext: { runAsUser: 0 } },
      { securityProfile: 'None', podSecurityContext: { runAsUser: 0 }, securityContext: { runAsNonRoot: true } },
    ],
  },
  'allowPrivilegeEscalation cannot be false for a privileged container or one with SYS_ADMIN: leave it out': {
    accepted: [
      { securityContext: { privileged: true } },
      { securityContext: { privileged: true, allowPrivilegeEscalation: true } },
      { securityContext: { privileged: false, allowPrivilegeEscalation: false, capabilities: { add: ['NET_ADMIN'] } } },
      { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } },
    ],
    rejected: [
      { securityContext: { privileged: true, allowPrivilegeEscalation: false } },
      { securityContext: { allowPrivilegeEscalation: false, capabilities: { add: ['NET_ADMIN', 'CAP_SYS_ADMIN'] } } },
    ],
  },
  'drainSeconds must be smaller than terminationGracePeriodSeconds: raise the grace period, or set drainSeconds to 0': {
    accepted: [{ drainSeconds: 0, terminationGracePeriodSeconds: 0 }, { drainSeconds: 29 }, { terminationGracePeriodSeconds: 6 }],
    rejected: [{ drainSeconds: 30 }, { terminationGracePeriodSeconds: 5 }, { drainSeconds: 1, terminationGracePeriodSeconds: 0 }],
  },
  "podMetadata.labels needs valid keys; app.kubernetes.io/{name,instance,component,managed-by}, example.com/transport and mcp.example.com/* are the operator's own": {
    accepted: [{ podMetadata: { labels: { 'app.kubernetes.io/part-of': 'a', 'example.com/other': 'b' } } }],
    rejected: [
      { podMetadata: { labels: { 'mcp.example.com/server': 'a' } } },
      { podMetadata: { labels: { 'app.kubernetes.io/name': 'mcp-server' } } },
      { podMetadata: { labels: { 'example.com/transport': 'http' } } },
      { podMetadata: { labels: { 'a b': 'c' } } },
    ],
  },
  "podMetadata.annotations needs valid keys; mcp.example.com/* is the operator's own": {
    accepted: [{ podMetadata: { annotations: { 'app.kubernetes.io/name': 'a b' } } }],
    rejected: [{ podMetadata: { annotations: { 'mcp.example.com/config-hash': 'a' } } }, { podMetadata: { annotations: { '-a': 'b' } } }],
  },
  'the keys of nodeSelector must be valid label keys, such as kubernetes.io/os': {
    accepted: [{ nodeSelector: { 'kubernetes.io/os': 'linux' } }],
    rejected: [{ nodeSelector: { 'a b': 'c' } }, { nodeSelector: { '': 'c' } }],
  },
  ...Object.fromEntries(
    ['startup', 'readiness', 'liveness'].map((name): [string, RuleExamples] => [
      `probes.${name} needs exactly one of httpGet, tcpSocket, grpc and exec`,
      {
        accepted: [{ probes: { [name]: { exec: { command: ['a'] } } } }, { probes: {} }],
        rejected: [
          { probes: { [name]: {} } },
          { probes: { [name]: { periodSeconds: 1 } } },
          { probes: { [name]: { exec: { command: ['a'] }, grpc: { port: 1 } } } },
        ],
      },
    ]),
  ),
  ...Object.fromEntries(
    ['startup', 'liveness'].map((name): [string, RuleExamples] => [
      `probes.${name}.successThreshold can only be 1: leave it out`,
      {
        accepted: [{ probes: { [name]: { ...TCP, successThreshold: 1 } } }, { probes: { readiness: { ...TCP, successThreshold: 2 } } }],
        rejected: [{ probes: { [name]: { ...TCP, successThreshold: 2 } } }],
      },
    ]),
  ),
  'disruption needs exactly one of minAvailable and maxUnavailable with mode Custom, and neither with another mode': {
    accepted: [{ disruption: { mode: 'Custom', minAvailable: 0 } }, { disruption: { mode: 'None' } }, { disruption: {} }],
    rejected: [
      { disruption: { mode: 'Custom' } },
      { disruption: { mode: 'Custom', minAvailable: 1, maxUnavailable: 1 } },
      { disruption: { maxUnavailable: 1 } },
      { disruption: { mode: 'None', minAvailable: 1 } },
    ],
  },
  'autoscaling.maxReplicas must not be smaller than autoscaling.minReplicas': {
    accepted: [{ autoscaling: { ...CPU, minReplicas: 3, maxReplicas: 3 } }, { autoscaling: { ...CPU, maxReplicas: 1 } }],
    rejected: [{ autoscaling: { ...CPU, minReplicas: 3, maxReplicas: 2 } }],
  },
  'autoscaling needs a target: set targetCPUUtilizationPercentage or metrics': {
    accepted: [{ autoscaling: { ...CPU, maxReplicas: 2 } }, { autoscaling: { maxReplicas: 2, metrics: [MEMORY] } }],
    rejected: [{ autoscaling: { maxReplicas: 2 } }, { autoscaling: { minReplicas: 1, maxReplicas: 2, behavior: {} } }],
  },
  'autoscaling and scaling: External exclude each other: something else scales the Deployment, or the operator has it scaled': {
    accepted: [{ scaling: 'External' }, { scaling: 'Managed', autoscaling: { ...CPU, maxReplicas: 2 } }],
    rejected: [{ scaling: 'External', autoscaling: { ...CPU, maxReplicas: 2 } }],
  },
  'a metric has exactly the field its type names: resource, containerResource, pods, object or external': {
    accepted: [{ autoscaling: { maxReplicas: 2, metrics: [MEMORY] } }],
    rejected: [
      { autoscaling: { maxReplicas: 2, metrics: [{ type: 'Pods' }] } },
      { autoscaling: { maxReplicas: 2, metrics: [{ ...MEMORY, type: 'External' }] } },
    ],
  },
  'the target of a metric has exactly the field its type names: Utilization averageUtilization, AverageValue averageValue, Value value': {
    accepted: [{ autoscaling: { maxReplicas: 2, metrics: [inTarget({ type: 'Utilization', averageUtilization: 50 })] } }],
    rejected: [
      { autoscaling: { maxReplicas: 2, metrics: [MEMORY, inTarget({ type: 'Utilization' })] } },
      { autoscaling: { maxReplicas: 2, metrics: [inTarget({ type: 'Utilization', averageValue: 1 })] } },
      { autoscaling: { maxReplicas: 2, metrics: [inTarget({ type: 'AverageValue', averageValue: 1, averageUtilization: 1 })] } },
    ],
  },
  'verification.header names the header for credentials: set verification.credentialsSecretRef as well, or remove it': {
    accepted: [{ verification: { header: 'X-Api-Key', credentialsSecretRef: secretKeyRef } }],
    rejected: [{ verification: { header: 'X-Api-Key' } }],
  },
  'verification.credentialsSecretRef has no use with mode Off: remove it, or choose Require or Observe': {
    accepted: [{ verification: { mode: 'Observe', credentialsSecretRef: secretKeyRef } }],
    rejected: [{ verification: { mode: 'Off', credentialsSecretRef: secretKeyRef } }],
  },
  'verification.timeoutSeconds must not be larger than verification.intervalSeconds': {
    accepted: [{ verification: { timeoutSeconds: 60, intervalSeconds: 60 } }, { verification: { intervalSeconds: 10 } }],
    rejected: [{ verification: { timeoutSeconds: 11, intervalSeconds: 10 } }],
  },
  'the spec may refer to at most 64 different Secrets, ConfigMaps and ServiceAccounts: put what belongs together into one of them': {
    accepted: [
      { envFrom: named(64, 'configMapRef') },
      { serviceAccount: 'a', env: named(63, 'configMapKeyRef').flatMap((item, index) => [item, { ...item, name: `TWICE_${index}` }]) },
      { envFrom: named(32, 'configMapRef'), files: named(32, 'configMap') },
    ],
    rejected: [
      { serviceAccount: 'a', envFrom: named(64, 'secretRef') },
      { env: named(65, 'secretKeyRef') },
      { envFrom: [...named(32, 'configMapRef'), ...named(32, 'secretRef')], files: named(32, 'secret'), imagePullSecrets: [{ name: 'pull' }] },
    ],
  },
  ...MEMORY_RULE_EXAMPLES,
  ...NETWORK_RULE_EXAMPLES,
  ...REQUEST_RULE_EXAMPLES,
  ...STDIO_RULE_EXAMPLES,
  ...VOLUME_RULE_EXAMPLES,
  ...WORKLOAD_RULE_EXAMPLES,
};
