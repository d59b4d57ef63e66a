// Owns who may talk to the test control plane: random tokens, the service account key, kubeconfig files.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The users the API server knows by token. `admin` and `process-node` may do everything. */
const USERS = {
  admin: 'admin,admin,"system:masters"',
  'process-node': 'process-node,process-node,"system:masters"',
  'system:kube-controller-manager': 'system:kube-controller-manager,system:kube-controller-manager,""',
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
  if (!existsSync(tokenFile)) {
    const lines = Object.values(USERS).map((user) => `${randomBytes(24).toString('hex')},${user}`);
    await writeFile(tokenFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  }
  if (!existsSync(serviceAccountKeyFile)) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await writeFile(serviceAccountKeyFile, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  }
  const records = (await readFile(tokenFile, 'utf8')).trim().split('\n').map((line) => line.split(','));
  const tokens = Object.fromEntries(records.map(([token, user]) => [user, token])) as Record<User, string>;
  return { tokens, tokenFile, serviceAccountKeyFile };
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
