// One spec that sets every field, typed so that a new field must be set here too.
import type { MCPServerSpec } from '../../charts/api/spec.ts';

/** Valid on the API server, and so is the Deployment it becomes. Privileged fields are set to their weak values. */
export const FULL_SPEC: Required<MCPServerSpec> = {
  image: 'registry.example.com/tools/search@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  imagePullPolicy: 'Always',
  imagePullSecrets: [{ name: 'registry' }, { name: 'mirror' }],
  command: ['/bin/server', ''],
  args: ['--verbose', '$(MCP_PORT)'],
  transport: 'http',
  port: 3001,
  path: '/tools/mcp',
  replicas: 3,
  config: { LOG_LEVEL: 'debug', 'rules.yaml': 'a: 1\n', EMPTY: '', MCP_SERVER_NAME: 'search' },
  env: [
    { name: 'LOG_LEVEL', value: 'info' },
    { name: 'BLANK', value: '' },
    { name: 'NODE', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } },
    { name: 'MEMORY', valueFrom: { resourceFieldRef: { containerName: 'mcp-server', resource: 'limits.memory', divisor: '1024Ki' } } },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'tokens', key: 'api.token', optional: true } } },
    { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'shared', key: 'mode', optional: false } } },
  ],
  envFrom: [{ prefix: 'S_', secretRef: { name: 'tokens', optional: true } }, { configMapRef: { name: 'shared', optional: false } }],
  resources: { requests: { cpu: '0.25', memory: '1e8', 'example.com/device': 1 }, limits: { cpu: 2, memory: '1024Mi', 'ephemeral-storage': '1.5Gi', 'example.com/device': '1' } },
  securityProfile: 'ImageUser',
  securityContext: {
    allowPrivilegeEscalation: true,
    capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
    privileged: false,
    procMount: 'Default',
    readOnlyRootFilesystem: false,
    runAsGroup: 0,
    runAsNonRoot: true,
    runAsUser: 1001,
    seLinuxOptions: { level: 's0:c1,c2', role: 'object_r', type: 'svirt_t', user: 'system_u' },
    seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/a.json' },
    windowsOptions: { gmsaCredentialSpec: '{}', gmsaCredentialSpecName: 'spec', hostProcess: false, runAsUserName: 'user' },
  },
  podSecurityContext: {
    fsGroup: 2000,
    fsGroupChangePolicy: 'OnRootMismatch',
    runAsGroup: 2001,
    runAsNonRoot: false,
    runAsUser: 0,
    seLinuxOptions: {},
    seccompProfile: { type: 'Unconfined' },
    supplementalGroups: [1, 2],
    sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }],
    windowsOptions: { hostProcess: false },
  },
  serviceAccount: 'search-reader',
  automountServiceAccountToken: true,
  files: [
    { mountPath: '/etc/secrets', secret: { name: 'tokens', items: [{ key: 'api.token', path: 'api/token' }] } },
    { mountPath: '/etc/rules', configMap: { name: 'shared', items: [{ key: 'mode', path: '.mode' }] } },
    { mountPath: '/etc/all', secret: { name: 'tokens' } },
  ],
  storage: [
    { mountPath: '/cache', emptyDir: { sizeLimit: '1024Mi' } },
    { mountPath: '/data', persistentVolumeClaim: { claimName: 'search-data' } },
  ],
  probes: {
    startup: { exec: { command: ['/bin/check', ''] }, initialDelaySeconds: 0, successThreshold: 1, terminationGracePeriodSeconds: 5 },
    readiness: {
      httpGet: { path: '/ready', port: 'mcp', host: 'example.com', scheme: 'HTTPS', httpHeaders: [{ name: 'X-Probe', value: '1' }] },
      periodSeconds: 3, timeoutSeconds: 2, successThreshold: 2, failureThreshold: 4,
    },
    liveness: { tcpSocket: { port: 3001, host: '127.0.0.1' } },
  },
  disruption: { mode: 'Custom', minAvailable: '50%' },
  podMetadata: { labels: { team: 'search', 'example.com/tier': '' }, annotations: { 'prometheus.io/scrape': 'true' } },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }, { key: 'dedicated', operator: 'Equal', value: 'mcp', effect: 'NoSchedule' }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'cpu', operator: 'Gt', values: ['4'] }], matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] }],
      },
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: 'disk', operator: 'Exists' }] } }],
    },
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: 'cache' } }, namespaces: ['tools'], topologyKey: 'kubernetes.io/hostname' }],
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 50, podAffinityTerm: { labelSelector: { matchLabels: { app: 'db' } }, namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['search'] }] }, topologyKey: 'zone' } },
      ],
    },
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchExpressions: [{ key: 'noisy', operator: 'Exists' }] }, topologyKey: 'kubernetes.io/hostname' }],
    },
  },
  topologySpreadConstraints: [
    {
      maxSkew: 2,
      topologyKey: 'zone',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { team: 'search' } },
      matchLabelKeys: ['pod-template-hash'],
      minDomains: 2,
      nodeAffinityPolicy: 'Ignore',
      nodeTaintsPolicy: 'Honor',
    },
  ],
  priorityClassName: 'system-cluster-critical',
  runtimeClassName: 'gvisor',
  terminationGracePeriodSeconds: 120,
  drainSeconds: 15,
  verification: { mode: 'Observe', intervalSeconds: 60, timeoutSeconds: 5 },
};
