// Where MCP clients keep their servers, and how each writes one that is reached over HTTP. Pure.
import { join, posix, win32 } from 'node:path';

/** What a client is told of a server. */
export type Entry = Readonly<Record<string, unknown>>;

/** One client. */
export interface McpClient {
  /** As people know it. */
  readonly label: string;
  /** Key of the object in its file that holds the servers. */
  readonly section: string;
  readonly entry: (url: string) => Entry;
  readonly file: (place: Place) => string;
}

/** The machine and its user. */
export interface Place {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** The folder the command was started in. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const CLIENT_NAMES = ['claude-code', 'claude-desktop', 'cursor', 'gemini-cli', 'vscode', 'windsurf', 'zed'] as const;
export type ClientName = (typeof CLIENT_NAMES)[number];

/** The clients. docs/clients.md shows the same. */
export const CLIENTS: Readonly<Record<ClientName, McpClient>> = {
  'claude-code': {
    label: 'Claude Code',
    section: 'mcpServers',
    entry: (url) => ({ type: 'http', url }),
    file: ({ cwd }) => join(cwd, '.mcp.json'),
  },
  'claude-desktop': {
    label: 'Claude Desktop',
    section: 'mcpServers',
    // Its file knows servers that are started as a process alone.
    entry: (url) => ({ command: 'npx', args: ['-y', 'mcp-remote', url] }),
    file: (place) => inSettings(place, 'Claude', 'claude_desktop_config.json'),
  },
  cursor: { label: 'Cursor', section: 'mcpServers', entry: (url) => ({ url }), file: ({ home }) => join(home, '.cursor/mcp.json') },
  'gemini-cli': {
    label: 'Gemini CLI',
    section: 'mcpServers',
    // What it calls url is the older transport, HTTP+SSE.
    entry: (httpUrl) => ({ httpUrl }),
    file: ({ home }) => join(home, '.gemini/settings.json'),
  },
  vscode: {
    label: 'VS Code',
    section: 'servers',
    entry: (url) => ({ type: 'http', url }),
    file: (place) => inSettings(place, 'Code', 'User', 'mcp.json'),
  },
  windsurf: {
    label: 'Windsurf',
    section: 'mcpServers',
    entry: (serverUrl) => ({ serverUrl }),
    file: ({ home }) => join(home, '.codeium/windsurf/mcp_config.json'),
  },
  zed: {
    label: 'Zed',
    section: 'context_servers',
    entry: (url) => ({ url }),
    file: (place) => (place.platform === 'win32' ? inSettings(place, 'Zed', 'settings.json') : posix.join(configHome(place), 'zed', 'settings.json')),
  },
};

/** What most clients take, for those that are not named. */
export function usualConfiguration(name: string, url: string): object {
  return { mcpServers: { [name]: CLIENTS['claude-code'].entry(url) } };
}

/** A file where programs of a person keep their settings. */
function inSettings({ platform, env, home }: Omit<Place, 'cwd'>, ...names: readonly string[]): string {
  if (platform === 'win32') return win32.join(env['APPDATA'] ?? win32.join(home, 'AppData', 'Roaming'), ...names);
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', ...names);
  return posix.join(configHome({ env, home }), ...names);
}

function configHome({ env, home }: Pick<Place, 'env' | 'home'>): string {
  return env['XDG_CONFIG_HOME'] || posix.join(home, '.config');
}
