// What guards refuse, by the leaf of the pod template or the Service that shows it: asked for in an MCPServer, or sent by whoever
// has the operator's token.
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import type { GuardsProps } from '../../charts/operator/guards/guards.ts';
import type { Editable } from './guards.ts';

type Guard = 'deployments' | 'services';

/** A field that MCPServers have. */
export interface Asked {
  readonly what: string;
  /** As docs/security.md names it. */
  readonly leaf: string;
  readonly guard: Guard;
  readonly spec: Partial<MCPServerSpec>;
  /** Whether the MCPServer is refused already. */
  readonly early: boolean;
}

/** The guards that refuse all of these. */
export const STRICT: GuardsProps = { allowedSecrets: ['own-*'], allowedPodLabels: ['team'], allowedPodAnnotations: ['prometheus.io/*'] };
/** The guards that let them pass, name by name. */
export const NAMED: GuardsProps = {
  podSecurity: 'privileged', allowedServiceAccounts: ['reader'], allowedTokenMounts: ['deploy*'], allowedServiceTypes: ['NodePort', 'LoadBalancer'],
  allowedServiceAnnotations: ['external-dns.alpha.kubernetes.io/*', 'team'], allowedLoadBalancerClasses: ['example.com/internal'], allowedPriorityClasses: ['high'],
  allowedRuntimeClasses: ['gvisor'], allowedCsiDrivers: ['secrets-store.csi.k8s.io'], allowedSchedulers: ['volcano'],
  allowedServiceAccountAnnotations: ['eks.amazonaws.com/*', 'team'], allowedTolerations: ['*'],
  allowedSecrets: ['payroll-db'], allowedPodLabels: ['app'], allowedPodAnnotations: ['sidecar.istio.io/inject'],
};

const asked = (guard: Guard, leaf: string, spec: Partial<MCPServerSpec>): Asked =>
  ({ what: JSON.stringify(spec), guard, leaf, spec, early: true });
const onDeployment = (leaf: string, spec: Partial<MCPServerSpec>): Asked => asked('deployments', leaf, spec);
const late = (leaf: string, spec: Partial<MCPServerSpec>): Asked => ({ ...onDeployment(leaf, spec), early: false });
const onService = (leaf: string, spec: Partial<MCPServerSpec>): Asked => asked('services', leaf, spec);
const key = { name: 'payroll-db', key: 'password' };
const other = { name: 'other', image: 'other' };
const safe = { ...other, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } };
const inTemplate = (spec: object): Partial<MCPServerSpec> => ({ podTemplate: { spec } });

export const ASKED: readonly Asked[] = [
  onDeployment('spec.serviceAccountName', { serviceAccount: 'reader', automountServiceAccountToken: false }),
  onDeployment('spec.automountServiceAccountToken', { serviceAccount: 'deployer', automountServiceAccountToken: true }),
  onDeployment('spec.automountServiceAccountToken', { serviceAccount: 'deployer' }),
  onDeployment('spec.containers[].securityContext.allowPrivilegeEscalation', { securityProfile: 'None' }),
  onDeployment('spec.containers[].securityContext.privileged', { securityContext: { privileged: true } }),
  late('spec.containers[].securityContext.allowPrivilegeEscalation', { securityContext: { allowPrivilegeEscalation: true } }),
  late('spec.securityContext.runAsUser', { podSecurityContext: { runAsUser: 0, runAsNonRoot: false } }),
  late('spec.containers[].readinessProbe.httpGet.host', { probes: { readiness: { httpGet: { port: 'mcp', host: '169.254.169.254' } } } }),
  late('spec.containers[].livenessProbe.tcpSocket.host', { probes: { liveness: { tcpSocket: { port: 'mcp', host: '10.0.0.1' } } } }),
  onDeployment('spec.priorityClassName', { priorityClassName: 'high' }),
  onDeployment('spec.runtimeClassName', { runtimeClassName: 'gvisor' }),
  onDeployment('spec.tolerations[].key', { tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] }),
  onDeployment('spec.tolerations[].key', { tolerations: [{ operator: 'Exists' }] }),
  onDeployment('spec.containers[].env[].valueFrom.secretKeyRef.name', { env: [{ name: 'A', valueFrom: { secretKeyRef: key } }] }),
  onDeployment('spec.containers[].envFrom[].secretRef.name', { envFrom: [{ secretRef: { name: 'payroll-db' } }] }),
  onDeployment('spec.volumes[].secret.secretName', { files: [{ mountPath: '/s', secret: { name: 'payroll-db' } }] }),
  onDeployment('spec.volumes[].projected.sources[].secret.name', { files: [{ mountPath: '/s', projected: { sources: [{ secret: { name: 'payroll-db' } }] } }] }),
  onDeployment('spec.volumes[].csi.driver', { files: [{ mountPath: '/s', csi: { driver: 'secrets-store.csi.k8s.io' } }] }),
  onDeployment('spec.volumes[].csi.nodePublishSecretRef.name', {
    files: [{ mountPath: '/s', csi: { driver: 'secrets-store.csi.k8s.io', nodePublishSecretRef: { name: 'payroll-db' } } }],
  }),
  onDeployment('spec.volumes[].projected.sources[].serviceAccountToken.path', {
    serviceAccount: 'deployer', automountServiceAccountToken: false,
    files: [{ mountPath: '/s', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
  }),
  onDeployment('spec.schedulerName', { schedulerName: 'volcano' }),
  onDeployment('spec.schedulerName', inTemplate({ schedulerName: 'volcano' })),
  onDeployment('spec.volumes[].csi.driver', inTemplate({ volumes: [{ name: 'more', csi: { driver: 'secrets-store.csi.k8s.io' } }] })),
  onDeployment('spec.volumes[].projected.sources[].secret.name', inTemplate({ volumes: [{ name: 'more', projected: { sources: [{ secret: { name: 'payroll-db' } }] } }] })),
  onDeployment('spec.volumes[].projected.sources[].serviceAccountToken.path', {
    serviceAccount: 'deployer', automountServiceAccountToken: false,
    ...inTemplate({ volumes: [{ name: 'more', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }] }),
  }),
  late('spec.containers[].lifecycle.postStart.httpGet.host', { postStart: { httpGet: { port: 'mcp', host: '169.254.169.254' } } }),
  onDeployment('spec.imagePullSecrets[].name', { imagePullSecrets: [{ name: 'payroll-db' }] }),
  onDeployment('metadata.labels.app', { podMetadata: { labels: { app: 'payments' } } }),
  onDeployment('metadata.annotations.sidecar.istio.io/inject', { podMetadata: { annotations: { 'sidecar.istio.io/inject': 'true' } } }),
  onDeployment('spec.priorityClassName', inTemplate({ priorityClassName: 'high' })),
  onDeployment('spec.runtimeClassName', inTemplate({ runtimeClassName: 'gvisor' })),
  onDeployment('spec.tolerations[].key', inTemplate({ tolerations: [{ operator: 'Exists' }] })),
  onDeployment('spec.volumes[].secret.secretName', inTemplate({ volumes: [{ name: 'a', secret: { secretName: 'payroll-db' } }] })),
  onDeployment('spec.imagePullSecrets[].name', inTemplate({ imagePullSecrets: [{ name: 'payroll-db' }] })),
  onDeployment('metadata.labels.app', { podTemplate: { metadata: { labels: { app: 'payments' } } } }),
  onDeployment('metadata.annotations.sidecar.istio.io/inject', { podTemplate: { metadata: { annotations: { 'sidecar.istio.io/inject': 'true' } } } }),
  onDeployment('spec.initContainers[].env[].valueFrom.secretKeyRef.name', { initContainers: [{ ...other, env: [{ name: 'A', valueFrom: { secretKeyRef: key } }] }] }),
  onDeployment('spec.initContainers[].envFrom[].secretRef.name', { sidecars: [{ ...other, envFrom: [{ secretRef: { name: 'payroll-db' } }] }] }),
  onDeployment('spec.containers[].envFrom[].secretRef.name', inTemplate({ containers: [{ ...safe, envFrom: [{ secretRef: { name: 'payroll-db' } }] }] })),
  onDeployment('spec.initContainers[].securityContext.privileged', { sidecars: [{ ...other, securityContext: { privileged: true } }] }),
  late('spec.initContainers[].securityContext.runAsUser', { initContainers: [{ ...other, securityContext: { runAsUser: 0, runAsNonRoot: false } }] }),
  late('spec.initContainers[].readinessProbe.httpGet.host', { sidecars: [{ ...other, readinessProbe: { httpGet: { port: 1, host: '169.254.169.254' } } }] }),
  late('spec.containers[].securityContext.allowPrivilegeEscalation', inTemplate({ containers: [other] })),
  onService('service: type', { service: { type: 'NodePort' } }),
  onService('service: type', { service: { type: 'LoadBalancer' } }),
  onService('service: loadBalancerClass', { service: { type: 'LoadBalancer', loadBalancerClass: 'example.com/internal' } }),
  onService('service: annotations.team', { metadata: { service: { annotations: { team: 'a' } } } }),
  onService('service: annotations.external-dns.alpha.kubernetes.io/hostname', { service: { annotations: { 'external-dns.alpha.kubernetes.io/hostname': 'login.bank.example.com' } } }),
];

const NAME_FIELD = { path: 'a', fieldRef: { fieldPath: 'metadata.name' } };
const CLAIM = { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } };

/** What podTemplate and its like can say, and guards refuse whatever is allowed, to the author already. */
export const NEVER: readonly Partial<MCPServerSpec>[] = [
  inTemplate({ hostNetwork: true }), inTemplate({ hostPID: true }),
  inTemplate({ nodeName: 'node-1' }), inTemplate({ shareProcessNamespace: true }), { podTemplate: { metadata: { finalizers: ['example.com/keep'] } } },
  inTemplate({ volumes: [{ name: 'a', hostPath: { path: '/' } }] }),
  inTemplate({ containers: [{ name: 'mcp-server', stdin: true }] }),
  { initContainers: [{ ...other, stdin: true }] },
  { sidecars: [{ ...other, securityContext: {}, tty: true }] },
];

/** What the strict guards let pass: the ordinary, and the names they allow. */
export const ORDINARY: readonly Partial<MCPServerSpec>[] = [
  {},
  { transport: 'stdio', command: ['server'] },
  { config: { A: '1' }, replicas: 3, drainSeconds: 0, securityProfile: 'ImageUser', automountServiceAccountToken: false },
  { autoscaling: { maxReplicas: 3, targetCPUUtilizationPercentage: 80 }, networkPolicy: { ingressFrom: [], egressTo: [] } },
  { replicas: 2, disruption: { mode: 'Custom', minAvailable: 1 } },
  { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'own-key', key: 'a' } } }, { name: 'C', value: '' }] },
  { env: [{ name: 'B', valueFrom: { configMapKeyRef: { name: 'shared', key: 'b' } } }] },
  { envFrom: [{ secretRef: { name: 'own-key' } }, { configMapRef: { name: 'shared' } }], imagePullSecrets: [{ name: 'own-registry' }] },
  { files: [{ mountPath: '/s', secret: { name: 'own-key' } }] },
  { hostAliases: [{ ip: '192.0.2.1', hostnames: ['db'] }], dnsConfig: { nameservers: ['192.0.2.1'] }, workingDir: '/app', schedulerName: 'default-scheduler' },
  { postStart: { exec: { command: ['warm'] } }, metadata: { all: { labels: { team: 'a' } }, deployment: { annotations: { team: 'a' } } } },
  { files: [{ mountPath: '/s', subPath: 'a', projected: { sources: [{ secret: { name: 'own-key' } }, { downwardAPI: { items: [NAME_FIELD] } }] } }] },
  { storage: [{ mountPath: '/e', ephemeral: { volumeClaimTemplate: { spec: CLAIM } } }] },
  { storage: [{ mountPath: '/c', emptyDir: { sizeLimit: '1Gi' } }, { mountPath: '/d', persistentVolumeClaim: { claimName: 'data' } }] },
  { podMetadata: { labels: { team: 'a' }, annotations: { 'prometheus.io/scrape': 'true' } }, nodeSelector: { disk: 'ssd' } },
  { service: { port: 80, sessionAffinity: 'ClientIP', appProtocol: 'kgateway.dev/mcp' }, extraPorts: [{ name: 'metrics', port: 9090 }] },
  { initContainers: [{ ...other, env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'own-key', key: 'a' } } }] }] },
  { initContainers: [other], sidecars: [{ ...other, name: 'more', ports: [{ containerPort: 9100 }] }] },
  inTemplate({ containers: [{ name: 'mcp-server', args: ['a'] }, safe], volumes: [{ name: 'tmp', emptyDir: { medium: 'Memory' } }] }),
  { podTemplate: { metadata: { labels: { team: 'a' }, annotations: { 'prometheus.io/scrape': 'true' } }, spec: { terminationGracePeriodSeconds: 60 } } },
  { probes: { liveness: { exec: { command: ['check'] } } } },
  { probes: { startup: { tcpSocket: { port: 'mcp' } }, readiness: { httpGet: { port: 'mcp', path: '/' } } } },
  { podSecurityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] }, securityContext: { readOnlyRootFilesystem: false } },
];

/** A change that no MCPServer leads to, refused whatever is allowed. */
export type Sent = readonly [what: string, kind: 'Deployment' | 'Service', change: (object: Editable) => void];

const pod = (fields: object): Sent => [JSON.stringify(fields), 'Deployment', ({ spec }) => void Object.assign(spec.template.spec, fields)];
const container = (fields: object): Sent =>
  [JSON.stringify(fields), 'Deployment', ({ spec }) => void Object.assign(spec.template.spec.containers[0], fields)];
const volume = (fields: object): Sent =>
  [JSON.stringify(fields), 'Deployment', ({ spec }) => void spec.template.spec.volumes.push({ name: 'more', ...fields })];
const service = (fields: object): Sent => [JSON.stringify(fields), 'Service', ({ spec }) => void Object.assign(spec, fields)];

/** Fields that an API server before this minor version does not know, and drops. */
export const NEWER: readonly [field: string, minor: number][] = [['hostUsers', 33], ['"image":{', 33], ['trafficDistribution', 31]];

export const SENT: readonly Sent[] = [
  ...[
    { hostNetwork: true }, { hostPID: true }, { hostIPC: true }, { hostUsers: false }, { shareProcessNamespace: true }, { nodeName: 'node-1' },
    { securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }, { os: { name: 'linux' } }, { subdomain: 'a' }, { preemptionPolicy: 'Never' },
  ].map(pod),
  ...[
    { ports: [{ containerPort: 8080, hostPort: 8080 }] }, { lifecycle: { postStart: { sleep: { seconds: 1 } } } },
    { lifecycle: { preStop: { exec: { command: ['a'] } } } }, { stdin: true }, { terminationMessagePath: '/dev/a', tty: true },
    { volumeMounts: [{ name: 'tmp', mountPath: '/tmp', subPathExpr: '$(A)' }] }, { volumeMounts: [{ name: 'tmp', mountPath: '/tmp', mountPropagation: 'HostToContainer' }] },
  ].map(container),
  ...[
    { hostPath: { path: '/' } }, { nfs: { server: 'a', path: '/' } },
    { gitRepo: { repository: 'a' } }, { downwardAPI: {} }, { image: { reference: 'a' } }, { flexVolume: { driver: 'a/b' } },
  ].map(volume),
  ['a device', 'Deployment', ({ spec: { template: { spec } } }) => {
    spec.volumes.push({ name: 'more', persistentVolumeClaim: { claimName: 'a' } });
    Object.assign(spec.containers[0], { volumeDevices: [{ name: 'more', devicePath: '/dev/a' }] });
  }],
  ['a second container', 'Deployment', ({ spec }) => void (spec.template.spec.containers as object[]).push({ name: 'b', image: 'b', tty: true })],
  ...[
    { externalIPs: ['192.0.2.1'] }, { publishNotReadyAddresses: true }, { selector: { app: 'payments' } }, { trafficDistribution: 'PreferClose' },
    { type: 'LoadBalancer', loadBalancerIP: '192.0.2.1' },
    { type: 'ExternalName', externalName: 'bank.example.com' },
  ].map(service),
];
