// Real credential plugins for tests: shell scripts beside their kubeconfig.
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '../../kubernetes/connect.ts';
import type { Connection } from '../../kubernetes/connection.ts';
import type { PluginComplaint } from '../../kubernetes/kubeconfig.ts';
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
  /** What was told of its standard error. */
  readonly complaints: readonly PluginComplaint[];
  connect(env?: Record<string, string>): Promise<Connection>;
}

/** Its shell script, and further keys of the kubeconfig. */
export interface PluginParts {
  readonly script?: string;
  readonly exec?: object;
  readonly user?: object;
  readonly cluster?: object;
  readonly timeoutMs?: number;
}

/** A kubeconfig whose user has a plugin. */
export async function plugin({ script = PRINT, exec, user, cluster = {}, timeoutMs }: PluginParts = {}): Promise<Plugin> {
  const own = { apiVersion: V1, command: './plugin', interactiveMode: 'Never', ...exec };
  const config = kubeconfig({ cluster, user: { exec: own, ...user } });
  const directory = await folder({ config, plugin: `#!/bin/sh\n${script}\n`, runs: '' });
  await chmod(join(directory, 'plugin'), 0o755);
  const file = join(directory, 'config');
  const complaints: PluginComplaint[] = [];
  return {
    file,
    complaints,
    answer: (status, more) => writeFile(join(directory, 'answer'), JSON.stringify({ apiVersion: V1, kind: 'ExecCredential', status, ...more })),
    runs: async () => (await readFile(join(directory, 'runs'), 'utf8')).split('\n').length - 1,
    connect: (env = {}) => connect({
      kubeconfig: file,
      env: { PATH: process.env['PATH'], ...env },
      pluginTimeoutMs: timeoutMs,
      onComplaint: (complaint) => void complaints.push(complaint),
    }),
  };
}

/** A time that is over, and one that is not. */
export const PAST = '2020-01-01T00:00:00Z';
export const FUTURE = '2120-01-01T00:00:00Z';
