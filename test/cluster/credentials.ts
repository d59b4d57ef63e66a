// Owns who may talk to the test control plane: random tokens, the service account key, kubeconfig files.
import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { KubeletClient } from './components.ts';

/** Name of the real node; its user below must carry it. */
export const REAL_NODE_NAME = 'node-1';

/** The users the API server knows by token. `admin` and `process-node` may do everything; the others what Kubernetes grants their names and groups. */
const USERS = {
  admin: 'admin,admin,"system:masters"',
  'process-node': 'process-node,process-node,"system:masters"',
  'system:kube-controller-manager': 'system:kube-controller-manager,system:kube-controller-manager,""',
  'system:kube-scheduler': 'system:kube-scheduler,system:kube-scheduler,""',
  'system:kube-proxy': 'system:kube-proxy,system:kube-proxy,""',
  'system:node:node-1': 'system:node:node-1,system:node:node-1,"system:nodes"',
} as const;

export type User = keyof typeof USERS;

export interface Credentials {
  readonly tokens: Readonly<Record<User, string>>;
  /** For --token-auth-file. */
  readonly tokenFile: string;
  /** RSA key (PEM) that signs service account tokens. */
  readonly serviceAccountKeyFile: string;
}

/** Makes the credentials of the folder, or reads those an earlier start left there, so that its data stay reachable. */
export async function prepareCredentials(dir: string): Promise<Credentials> {
  const tokenFile = join(dir, 'tokens.csv');
  const serviceAccountKeyFile = join(dir, 'service-account.key');
  const known = existsSync(tokenFile) ? (await readFile(tokenFile, 'utf8')).trim().split('\n') : [];
  // Users that an earlier version did not know yet get theirs now.
  const missing = Object.values(USERS).filter((user) => !known.some((line) => line.endsWith(`,${user}`)));
  const lines = [...known, ...missing.map((user) => `${randomBytes(24).toString('hex')},${user}`)];
  await writeFile(tokenFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  if (!existsSync(serviceAccountKeyFile)) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await writeFile(serviceAccountKeyFile, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  }
  const tokens = Object.fromEntries(lines.map((line) => line.split(',')).map(([token, user]) => [user, token])) as Record<User, string>;
  return { tokens, tokenFile, serviceAccountKeyFile };
}

/** Makes, once per folder, the certificate by which a kubelet that trusts nobody else knows the API server. Needs openssl. */
export async function prepareKubeletClient(dir: string): Promise<KubeletClient> {
  const paths = { certificateFile: join(dir, 'kubelet-client.crt'), keyFile: join(dir, 'kubelet-client.key') };
  if (existsSync(paths.certificateFile)) return paths;
  const subject = ['-subj', '/O=system:masters/CN=kube-apiserver-kubelet-client', '-addext', 'extendedKeyUsage=clientAuth', '-days', '3650'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-keyout', paths.keyFile];
  await promisify(execFile)('openssl', ['req', '-x509', ...key, ...subject, '-out', paths.certificateFile]);
  return paths;
}

export interface Login {
  readonly server: string;
  /** PEM of the only CA that is trusted. */
  readonly ca: string | Buffer;
  readonly token: string;
}

/** Writes a kubeconfig, readable by its owner only, and returns its path. */
export async function writeKubeconfig(file: string, { server, ca, token }: Login): Promise<string> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'local', user: { token } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'local' } }],
    'current-context': 'local',
  };
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  return file;
}
