// Owns the command lines of etcd, the API server, the controller manager and the scheduler, and the files their flags name.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Credentials } from './credentials.ts';

/** Metadata of every request once it was answered; enough to count who wrote what. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

/** With the default limits on requests the start of a controller manager takes five seconds. */
const UNLIMITED = ['--kube-api-qps', '1000', '--kube-api-burst', '1000'];

function egressSelector(socket: string): object {
  const connection = { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: socket } } };
  return {
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [{ name: 'cluster', connection }],
  };
}

/** On unix sockets alone: whoever reaches an etcd without authentication is the cluster's administrator, whatever the API server says. */
export function etcdArguments(dir: string, sockets: string): string[] {
  return [
    '--data-dir', join(dir, 'etcd'),
    '--listen-client-urls', `unix://${etcdSocket(sockets)}`,
    '--listen-peer-urls', `unix://${join(sockets, 'peer.sock')}`,
    // Must name something, and nobody looks: it is the only member. Nothing listens there.
    '--advertise-client-urls', 'http://127.0.0.1:1',
    // JSON over plain HTTP, which a browser could speak.
    '--enable-grpc-gateway=false',
    '--log-level', 'warn',
    '--unsafe-no-fsync',
  ];
}

/** Where etcd listens for its clients. */
export function etcdSocket(sockets: string): string {
  return join(sockets, 'etcd.sock');
}

export interface ApiServerOptions {
  readonly dir: string;
  readonly port: number;
  /** Where etcd listens. */
  readonly etcdSocket: string;
  readonly credentials: Credentials;
  readonly auditLogPath: string | undefined;
  readonly egressSocket: string | undefined;
  /** Certificate and key by which a real kubelet knows the API server. */
  readonly kubeletClient: KubeletClient | undefined;
  /** The release whose features it has; undefined for its own. */
  readonly emulated: string | undefined;
}

/** Paths of a certificate and its key (PEM), for TLS client authentication. */
export interface KubeletClient {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Writes the files the flags name. The API server makes its own serving certificate in `<dir>/certificates`. */
export async function apiServerArguments(options: ApiServerOptions): Promise<string[]> {
  const { dir, credentials, auditLogPath, egressSocket, kubeletClient, emulated } = options;
  const args = [
    '--etcd-servers', `unix://${options.etcdSocket}`,
    '--bind-address', '127.0.0.1',
    '--secure-port', String(options.port),
    '--cert-dir', join(dir, 'certificates'),
    '--token-auth-file', credentials.tokenFile,
    // Not even its version is for everybody on this machine.
    '--anonymous-auth=false',
    // A kubelet may touch only what its own pods need, as in real clusters.
    '--authorization-mode', 'Node,RBAC',
    '--enable-admission-plugins', 'NodeRestriction',
    // As real clusters have it: whether a pod may be privileged is for admission to say.
    '--allow-privileged',
    '--service-account-issuer', 'https://kubernetes.default.svc',
    '--service-account-key-file', credentials.serviceAccountKeyFile,
    '--service-account-signing-key-file', credentials.serviceAccountKeyFile,
    '--service-cluster-ip-range', '10.96.0.0/16',
    '--kubelet-preferred-address-types', 'InternalIP',
    // Endpoints refuse a loopback address, which is the only one this API server has.
    '--endpoint-reconciler-type', 'none',
    '--profiling=false',
  ];
  if (emulated !== undefined) args.push('--emulated-version', emulated);
  if (kubeletClient !== undefined) {
    args.push('--kubelet-client-certificate', kubeletClient.certificateFile, '--kubelet-client-key', kubeletClient.keyFile);
  }
  if (auditLogPath !== undefined) {
    const policy = join(dir, 'audit-policy.json');
    await writeFile(policy, JSON.stringify(AUDIT_POLICY));
    args.push('--audit-policy-file', policy, '--audit-log-path', auditLogPath);
    // Never another file in its place: tests read on where they stopped.
    args.push('--audit-log-maxsize', '2000', '--audit-log-maxbackup', '1');
  }
  if (egressSocket !== undefined) {
    const selector = join(dir, 'egress-selector.json');
    await writeFile(selector, JSON.stringify(egressSelector(egressSocket)));
    args.push('--egress-selector-config-file', selector);
  }
  return args;
}

export function controllerManagerArguments(options: { kubeconfig: string; caFile: string; credentials: Credentials }): string[] {
  return [
    '--kubeconfig', options.kubeconfig,
    '--root-ca-file', options.caFile,
    '--service-account-private-key-file', options.credentials.serviceAccountKeyFile,
    '--use-service-account-credentials',
    '--leader-elect=false',
    '--secure-port', '0',
    // Soon after a node is ready it has to lose the taint it registered with.
    '--node-monitor-period', '500ms',
    ...UNLIMITED,
    '--profiling=false',
  ];
}

export function schedulerArguments(kubeconfig: string): string[] {
  return ['--kubeconfig', kubeconfig, '--leader-elect=false', '--secure-port', '0', ...UNLIMITED, '--profiling=false'];
}
