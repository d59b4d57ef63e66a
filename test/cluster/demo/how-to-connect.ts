// What a person needs to connect to what runs: configurations of MCP clients as files, the kubeconfig, kubectl, and words about them.
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import { missingPrograms } from '../program-cache.ts';
import { clientNames, httpConfiguration, stdioConfiguration, type ClientEntry } from './client-configuration.ts';
import type { Places } from './next-steps.ts';
import { isReady, nameOf } from './readiness.ts';
import type { Stack } from './stack.ts';

const MCP_SERVER = join(import.meta.dirname, '../../../mcp-server/main.ts');

/** URL of an MCPServer's endpoint that works from this machine; undefined while its Service has no forwarder. */
export function loopbackUrl(server: MCPServerObject, forwarders: Stack['forwarders']): string | undefined {
  const base = forwarders.url(nameOf(server));
  return base === undefined ? undefined : `${base}${server.spec.path ?? '/mcp'}`;
}

/** The servers that clients can use now. */
export function clientEntries({ servers, forwarders }: Pick<Stack, 'servers' | 'forwarders'>): ClientEntry[] {
  const all = servers.list().toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const names = clientNames(all);
  return all.flatMap((server, index) => {
    const url = loopbackUrl(server, forwarders);
    const token = forwarders.headers(nameOf(server)).Authorization;
    return url === undefined || !isReady(server) ? [] : [{ name: names[index] ?? '', server, url, token }];
  });
}

/** Where files for connecting lie, and what keeps them fresh. */
export interface Connections {
  readonly places: Places;
  /** Writes anew what has changed. */
  readonly update: (entries: readonly ClientEntry[]) => Promise<void>;
}

/** Writes the files a person needs below the folder of the stack, which is the user's alone. `path` is where programs are looked for. */
export async function writeConnections(stack: Stack, path: string): Promise<Connections> {
  const { dir, kubeconfig, binaries } = stack.plane;
  const kubectlFolder = await folderOfKubectl(dir, binaries.kubectl, path);
  const places = { dashboard: stack.dashboard, http: join(dir, 'mcp.json'), stdio: join(dir, 'mcp-stdio.json'), kubeconfig, kubectlFolder };
  await writeWhole(places.stdio, stdioConfiguration({ node: process.execPath, main: MCP_SERVER, kubeconfig }));
  let written = '';
  const update = async (entries: readonly ClientEntry[]): Promise<void> => {
    const text = httpConfiguration(entries);
    if (text === written) return;
    written = text;
    await writeWhole(places.http, text);
  };
  return { places, update };
}

/** The text shown once everything is up where there is no terminal. */
export function howToConnect(stack: Stack, { dashboard, http, stdio, kubeconfig, kubectlFolder }: Places): string {
  const entries = clientEntries(stack);
  const others = stack.servers.list().filter((server) => !isReady(server));
  return [
    '',
    'Endpoints (inside the cluster, and from this machine):',
    ...entries.map(({ server, url, token }) => `  ${server.status?.endpoint ?? ''}  ${url}${token === undefined ? '' : '  (with the token below)'}`),
    ...others.map((server) => `  ${nameOf(server)}  ${loopbackUrl(server, stack.forwarders)}  (not Ready)`),
    'Everybody on this machine can reach these ports. A server that holds credentials takes a token; the others can do nothing in the cluster.',
    'No network plugin enforces NetworkPolicies here: pods of this cluster reach every server, without a token.',
    '',
    `MCP client configuration, HTTP, also in ${http}:`,
    httpConfiguration(entries),
    `MCP client configuration, stdio, for clients that start programs: ${stdio}`,
    '',
    'The dashboard, for your browser; whoever has this URL sees it:',
    `  ${dashboard}`,
    '',
    'kubectl:',
    `  export KUBECONFIG=${kubeconfig}`,
    ...(kubectlFolder === undefined ? [] : [`  export PATH=${kubectlFolder}:$PATH`]),
    '  kubectl get mcps -A',
  ].join('\n');
}

/** A folder with the cluster's kubectl, unless there is one on the PATH. */
async function folderOfKubectl(dir: string, kubectl: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(':').filter((each) => each !== '')) {
    if ((await missingPrograms(folder, ['kubectl'])).length === 0) return undefined;
  }
  const link = join(dir, 'bin/kubectl');
  await mkdir(dirname(link), { recursive: true });
  await symlink(kubectl, link);
  return dirname(link);
}

/** Whoever reads it never finds half of it. */
async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
