// Specs that set every field: what is chosen here, and of each other field its first accepted example.
import { resolveSpec } from '../../charts/api/mcpserver.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { FIELD_EXAMPLES } from './field-examples.ts';
import { FULL_OPEN } from './open-examples.ts';
import { withField } from './spec-schema.ts';

/** Fields of which one example cannot show all, or whose first one excludes other fields or pods refuse. Privileged fields have their weak values. */
const CHOSEN: MCPServerSpec = {
  image: 'registry.example.com/tools/search@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  imagePullSecrets: [{ name: 'registry' }, { name: 'mirror' }],
  args: ['--verbose', '$(MCP_PORT)'],
  port: 3001,
  extraPorts: [{ name: 'metrics', port: 9090 }, { name: 'health', port: 8081 }],
  service: {
    type: 'LoadBalancer', port: 80, appProtocol: 'kgateway.dev/mcp', annotations: { 'example.com/scheme': 'internal' }, loadBalancerClass: 'example.com/internal',
    externalTrafficPolicy: 'Local', sessionAffinity: 'ClientIP', sessionAffinityTimeoutSeconds: 600,
    nodePort: 30_020, loadBalancerSourceRanges: ['192.0.2.0/24', '2001:db8::/32'], internalTrafficPolicy: 'Local',
  },
  networkPolicy: {
    ingressFrom: [
      { podSelector: {} },
      { podSelector: { matchLabels: { app: 'gateway' } }, namespaceSelector: { matchLabels: {} } },
      { podSelector: { matchLabels: {} }, namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['edge', 'ingress'] }] } },
    ],
    egressTo: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '169.254.0.0/16'] } }, { ipBlock: { cidr: '2001:db8::/32' } }],
  },
  replicas: 3,
  configAs: { configMapName: 'search-settings', mountPath: '/etc/search' },
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
  files: [
    { mountPath: '/etc/secrets', secret: { name: 'tokens', items: [{ key: 'api.token', path: 'api/token' }] } },
    { mountPath: '/etc/rules', configMap: { name: 'shared', items: [{ key: 'mode', path: '.mode' }] } },
    { mountPath: '/etc/all', secret: { name: 'tokens', defaultMode: 0o400, optional: true } },
    {
      mountPath: '/etc/key', subPath: 'id', volume: 'key',
      configMap: { name: 'shared', items: [{ key: 'mode', path: 'id', mode: 0o444 }], optional: false, defaultMode: 0o440 },
    },
    {
      mountPath: '/var/run/together',
      projected: {
        defaultMode: 0o444,
        sources: [
          { secret: { name: 'tokens', items: [{ key: 'api.token', path: 'token' }], optional: true } },
          { configMap: { name: 'shared', items: [{ key: 'mode', path: 'mode', mode: 0o400 }] } },
          {
            downwardAPI: {
              items: [
                { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
                { path: 'memory', resourceFieldRef: { resource: 'limits.memory', divisor: '1024Ki' }, mode: 0o444 },
              ],
            },
          },
          { serviceAccountToken: { path: 'vault', audience: 'vault', expirationSeconds: 7200 } },
        ],
      },
    },
    {
      mountPath: '/mnt/secrets',
      csi: { driver: 'secrets-store.csi.k8s.io', fsType: 'ext4', volumeAttributes: { secretProviderClass: 'search' }, nodePublishSecretRef: { name: 'tokens' } },
    },
  ],
  storage: [
    { mountPath: '/cache', emptyDir: { sizeLimit: '1024Mi' } },
    { mountPath: '/dev/shm', volume: 'shm', emptyDir: { sizeLimit: '64Mi', medium: 'Memory' } },
    { mountPath: '/data', subPath: 'search/index', persistentVolumeClaim: { claimName: 'search-data', readOnly: true } },
    {
      mountPath: '/scratch',
      ephemeral: {
        volumeClaimTemplate: {
          metadata: { labels: { team: 'search' }, annotations: { a: 'b' } },
          spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage: '10240Mi' } } },
        },
      },
    },
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
  metadata: {
    all: { labels: { team: 'search', 'app.kubernetes.io/part-of': 'tools' }, annotations: { 'example.com/owner': 'search', 'example.com/scheme': 'all' } },
    deployment: { labels: { tier: 'backend' }, annotations: { 'reloader.stakater.com/auto': 'true' } },
    service: { labels: { release: 'prometheus' }, annotations: { 'example.com/scheme': 'service', 'example.com/owner': 'edge' } },
  },
  podMetadata: { labels: { team: 'search', 'example.com/tier': '' }, annotations: { 'prometheus.io/scrape': 'true' } },
  tolerations: [{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }, { key: 'dedicated', operator: 'Equal', value: 'mcp', effect: 'NoSchedule' }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          {
            matchExpressions: [{ key: 'cpu', operator: 'Gt', values: ['4'] }],
            matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }],
          },
        ],
      },
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: 'disk', operator: 'Exists' }] } }],
    },
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: 'cache' } }, namespaces: ['tools'], topologyKey: 'kubernetes.io/hostname' }],
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 50,
          podAffinityTerm: {
            labelSelector: { matchLabels: { app: 'db' } },
            namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['search'] }] },
            topologyKey: 'zone',
          },
        },
      ],
    },
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchExpressions: [{ key: 'noisy', operator: 'Exists' }] }, topologyKey: 'kubernetes.io/hostname' },
      ],
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
  hostAliases: [{ ip: '192.0.2.7', hostnames: ['db', 'db.example.com'] }, { ip: '2001:db8::7', hostnames: ['db6'] }],
  dnsPolicy: 'None',
  dnsConfig: { nameservers: ['192.0.2.53'], searches: ['example.com', '_tcp.example.com.'], options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }] },
  postStart: { httpGet: { path: '/warm', port: 'mcp', scheme: 'HTTPS', httpHeaders: [{ name: 'X-Warm', value: '1' }] } },
  terminationGracePeriodSeconds: 120,
  ...FULL_OPEN,
  lastWords: 'Hide',
  drainSeconds: 15,
  scaling: 'Managed',
  autoscaling: {
    minReplicas: 2,
    maxReplicas: 9,
    targetCPUUtilizationPercentage: 75,
    metrics: [
      { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1024Mi' } } },
      { type: 'ContainerResource', containerResource: { container: 'mcp-server', name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
      { type: 'Pods', pods: { metric: { name: 'calls', selector: { matchLabels: { tool: 'search' } } }, target: { type: 'AverageValue', averageValue: 7 } } },
      {
        type: 'Object',
        object: {
          describedObject: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'search' },
          metric: { name: 'requests' },
          target: { type: 'Value', value: '2k' },
        },
      },
      {
        type: 'External',
        external: {
          metric: { name: 'queue', selector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] } },
          target: { type: 'AverageValue', averageValue: '0.5' },
        },
      },
    ],
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Percent', value: 100, periodSeconds: 15 },
          { type: 'Pods', value: 2, periodSeconds: 15 },
        ],
      },
      scaleDown: { selectPolicy: 'Disabled' },
    },
  },
  strategy: { type: 'Recreate' },
  tls: { caBundleRef: { name: 'authorities', key: 'bundle.pem' } },
  verification: { mode: 'Observe', intervalSeconds: 60, timeoutSeconds: 5, credentialsSecretRef: { name: 'tokens', key: 'verify' }, header: 'X-Api-Key' },
};

function isValid(spec: object): boolean {
  try {
    resolveSpec('demo', spec);
    return true;
  } catch {
    return false;
  }
}

/** Every field but those of stdio servers. */
type FullSpec = Required<Omit<MCPServerSpec, 'stdio'>>;

/** Whether a path, none through a list, leads to a value. */
function isSet(spec: object, path: string): boolean {
  return path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], spec) !== undefined;
}

/** The first accepted example of every field that is not set, wherever the rules let it stand beside the rest. */
function completed(chosen: MCPServerSpec): FullSpec {
  return Object.entries(FIELD_EXAMPLES).reduce<object>((spec, [path, { accepted: [value] }]) => {
    if (path.includes('[') || isSet(spec, path)) return spec;
    const wider = withField(spec, path, { value });
    return isValid(wider) ? wider : spec;
  }, chosen) as FullSpec;
}

/** Valid on the API server, and so is the Deployment it becomes. */
export const FULL_SPEC: FullSpec = completed(CHOSEN);

const { tls: _tls, extraPorts: _extraPorts, ...served } = FULL_SPEC;
/** The same of a server that speaks stdio, whose bridge takes no certificate and the port `health`. */
export const FULL_STDIO_SPEC: Required<Omit<MCPServerSpec, 'tls'>> = {
  ...served,
  transport: 'stdio',
  command: ['npx', '-y', 'server@1.0.0'],
  service: { ...served.service, nodePort: 30_021 },
  extraPorts: [{ name: 'metrics', port: 18_081 }],
  stdio: {
    sessions: 'Shared', maxSessions: 9, idleTimeoutSeconds: 60, warm: 2, idleChildren: 'End', startupSeconds: 30,
    cache: { sizeLimit: '2048Mi' },
    bridge: { image: 'registry.example.com/mirror/stdio-bridge:1', by: 'InitContainer' },
  },
};
