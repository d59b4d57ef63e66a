// Credential files for tests: a pod's service account folder and kubeconfigs, removed after the running test.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';

/** A new folder with the given files. */
export async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'mcp-credentials-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  return directory;
}

/** A new kubeconfig file of this content. */
export async function fileWith(content: string): Promise<string> {
  return join(await folder({ config: content }), 'config');
}

/** What a pod finds mounted. */
export function serviceAccountDir(files: { token: string; 'ca.crt'?: string; namespace?: string }): Promise<string> {
  return folder(files);
}

/** The text of a kubeconfig with one context. */
export function kubeconfig(parts: { cluster?: object; user?: object; context?: object; name?: string } = {}): string {
  const { cluster, user, context, name = 'demo' } = parts;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server: 'https://10.0.0.1:6443', ...cluster } }],
    users: [{ name, user: user ?? { token: 'secret' } }],
    contexts: [{ name, context: { cluster: name, user: name, ...context } }],
  });
}
