// What a person can do with the demonstration next, each in a line. Pure.
import type { ClientEntry } from './client-configuration.ts';
import { BROKEN_ON_PURPOSE } from './examples.ts';
import { patchOf, typed } from './mending.ts';
import { nameOf } from './readiness.ts';

/** One line below the table; those of a high number give way first where there is no room. */
export interface Step {
  readonly label: string;
  readonly text: string;
  /** Whether the text is to be typed. */
  readonly isCommand: boolean;
  readonly priority: number;
}

/** Where what is needed lies. */
export interface Places {
  /** URL of the dashboard. */
  readonly dashboard: string;
  /** Configurations for MCP clients, of servers at URLs and of programs. */
  readonly http: string;
  readonly stdio: string;
  readonly kubeconfig: string;
  /** A folder with kubectl, where that is not on the PATH. */
  readonly kubectlFolder: string | undefined;
}

/** The next steps; those of clients are about the first server that takes no token. */
export function nextSteps(entries: readonly ClientEntry[], { dashboard, http, stdio, kubeconfig, kubectlFolder }: Places): Step[] {
  const open = entries.filter(({ token }) => token === undefined);
  const first = open.find(({ server }) => nameOf(server) !== BROKEN_ON_PURPOSE) ?? open[0];
  const ofFirst = (make: (entry: ClientEntry) => Step[]): Step[] => (first === undefined ? [] : make(first));
  return [
    // Whole, for a part of it opens nothing.
    command('Dashboard', dashboard, 0),
    { label: 'Clients', text: http, priority: 0, isCommand: false },
    ...ofFirst(({ name, url }) => [
      command('Inspector', typed(['npx', '@modelcontextprotocol/inspector', '--transport', 'http', '--server-url', url]), 3),
      command('Claude Code', typed(['claude', 'mcp', 'add', '--transport', 'http', name, url]), 2),
      command('VS Code', typed(['code', '--add-mcp', JSON.stringify({ name, type: 'http', url })]), 4),
      command('Cursor', typed(['cp', http, '.cursor/mcp.json']), 5),
    ]),
    { label: 'Desktop', text: `${stdio} (clients that start programs)`, priority: 6, isCommand: false },
    command('kubectl', typed(['export', `KUBECONFIG=${kubeconfig}`]), 1),
    ...(kubectlFolder === undefined ? [] : [command('', `export PATH=${typed([kubectlFolder])}:$PATH`, 1)]),
    ...ofFirst(({ server }) => [command('Break one', `kubectl ${typed(patchOf(server, { path: '/nope' }))}`, 2)]),
    { label: 'Your own', text: 'npm start -- --image FILE --apply FILE (docs/first-server.md)', priority: 2, isCommand: false },
  ];
}

function command(label: string, text: string, priority: number): Step {
  return { label, text, priority, isCommand: true };
}
