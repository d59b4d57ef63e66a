// The connection of a program in a pod: address from the environment, identity from the mounted service account.
import { readFile, stat } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Connection } from './connection.ts';

const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The pod's own connection, or undefined outside a pod or without a mounted token. */
export async function inClusterConnection(
  env: Readonly<Record<string, string | undefined>>,
  directory: string = SERVICE_ACCOUNT_DIR,
): Promise<Connection | undefined> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) return undefined;
  const token = tokenFile(join(directory, 'token'));
  if ((await token().catch(() => undefined)) === undefined) return undefined;
  const [ca, namespace] = await Promise.all([optional(join(directory, 'ca.crt')), optional(join(directory, 'namespace'))]);
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    inCluster: true,
    tls: ca === undefined ? {} : { ca },
    authorization: async () => `Bearer ${await token()}`,
    ...(namespace === undefined ? {} : { namespace: namespace.trim() }),
  };
}

/**
 * A reader of a token file that the kubelet rotates: reads again when the file changed, keeps the last token while it cannot be read.
 * The reader rejects when the file was never readable or is empty.
 */
export function tokenFile(path: string): () => Promise<string> {
  let known: { version: string; token: string } | undefined;
  return async () => {
    try {
      const { mtimeMs, ino, size } = await stat(path);
      const version = `${mtimeMs}/${ino}/${size}`;
      if (known?.version !== version) known = { version, token: await readToken(path) };
    } catch (error) {
      if (known === undefined) throw error;
    }
    return known.token;
  };
}

async function readToken(path: string): Promise<string> {
  const token = (await readFile(path, 'utf8')).trim();
  if (token === '') throw new Error(`${path} is empty`);
  return token;
}

async function optional(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
