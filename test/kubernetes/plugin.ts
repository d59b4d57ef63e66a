// Real credential plugins for tests: shell scripts beside their kubeconfig.
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '../../kubernetes/connect.ts';
import type { Connection } from '../../kubernetes/connection.ts';
import { folder, kubeconfig } from './credentials.ts';

export const V1 = 'client.authentication.k8s.io/v1';

/** Prints what stands in the file `answer`, and leaves a mark in the file `runs`. */
const PRINT = 'echo run >> "$(dirname "$0")/runs"; cat "$(dirname "$0")/answer"';

export interface Plugin {
  readonly file: string;
  /** What it prints from now on. */
  answer(status: object, more?: object): Promise<void>;
  /** How often it ran. */
  runs(): Promise<number>;
  connect(env?: Record<string, string>): Promise<Connection>;
}

/** A kubeconfig whose user has a plugin: `script` is its shell script, `exec` further keys. */
export async function plugin(options: { script?: string; exec?: object; user?: object; cluster?: object; timeoutMs?: number } = {}): Promise<Plugin> {
  const { script = PRINT, exec, user, cluster, timeoutMs } = options;
  const own = { apiVersion: V1, command: './plugin', interactiveMode: 'Never', ...exec };
  const directory = await folder({ config: kubeconfig({ ...(cluster && { cluster }), user: { exec: own, ...user } }), plugin: `#!/bin/sh\n${script}\n`, runs: '' });
  await chmod(join(directory, 'plugin'), 0o755);
  const file = join(directory, 'config');
  return {
    file,
    answer: (status, more) => writeFile(join(directory, 'answer'), JSON.stringify({ apiVersion: V1, kind: 'ExecCredential', status, ...more })),
    runs: async () => (await readFile(join(directory, 'runs'), 'utf8')).split('\n').length - 1,
    connect: (env = {}) => connect({ kubeconfig: file, env: { PATH: process.env['PATH'], ...env }, pluginTimeoutMs: timeoutMs }),
  };
}

/** A time that is over, and one that is not. */
export const PAST = '2020-01-01T00:00:00Z';
export const FUTURE = '2120-01-01T00:00:00Z';
