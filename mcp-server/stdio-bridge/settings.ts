// From the arguments of the command line, and two variables, to one checked configuration object.
import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { parseArgs } from 'node:util';
import { HOST_NAME } from '../host-name.ts';
import { canonical } from './addresses.ts';

/** Everything the bridge can be told. */
export interface Settings {
  /** The stdio server, started without a shell. */
  readonly command: string;
  readonly args: readonly string[];
  /** Address to listen on; undefined listens on all. */
  readonly host: string | undefined;
  /** 0 takes any free port. */
  readonly port: number;
  readonly path: string;
  /** Names whose addresses are the other replicas', or these addresses; with them sessions of any replica are served. */
  readonly peers: readonly string[];
  /** The own address, as the other replicas see it; there when `peers` are. */
  readonly address: string | undefined;
  /** 0 takes any free port. */
  readonly healthPort: number;
  readonly sessions: 'PerSession' | 'Shared';
  /** Sessions at a time, each with a process of its own. */
  readonly maxSessions: number;
  /** Processes that wait, started, for a session. */
  readonly warm: number;
  /** Whether processes wait while nobody asks; End starts one for whoever comes, who waits for it. */
  readonly idleChildren: 'Keep' | 'End';
  readonly idleTimeoutMs: number;
  readonly startupTimeoutMs: number;
  /** For so long a request may go without an answer and without progress. */
  readonly requestTimeoutMs: number;
  /** Folder for the package that npx or uvx would start; undefined starts them as they are written. */
  readonly packages: string | undefined;
  readonly drainMs: number;
  /** Longest message of the server, and longest body of a client. */
  readonly maxMessageBytes: number;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly logLevel: LogLevel;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Arguments that cannot be used; the message says which, and what is expected. */
export class SettingsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SettingsError';
  }
}

const MAX_SECONDS = 604_800;
const MIB = 1024 * 1024;

export const HELP = `usage: node mcp-server/stdio-bridge/main.ts [options] -- COMMAND [ARGUMENT…]
       node stdio-bridge.mjs install FOLDER

Serves an MCP server that speaks stdio over Streamable HTTP: COMMAND is started
as it is, without a shell, and what it says is passed through. Everything before
"--" belongs to the bridge, everything behind it to the server.

  --port NUMBER              port to serve MCP on, 0 for any free one (default: 8080)
  --path PATH                path to serve it on (default: /mcp)
  --host ADDRESS             address to listen on (default: 127.0.0.1; in a pod all addresses)
  --health-port NUMBER       port of /healthz, /readyz and /metrics, 0 for any free one (default: 8081)
  --peers NAMES              other replicas: a name that has all their addresses, or the
                             addresses, separated by commas; they have the same port and path
  --address ADDRESS          own address, as the other replicas see it; needed with --peers
  --sessions MODE            PerSession: a process for each session (default);
                             Shared: one for all, for servers that keep no state
  --max-sessions NUMBER      sessions at a time (default: 6); beyond, 503 with Retry-After
  --warm NUMBER              processes that wait, started, for the next session (default: 1)
  --idle-children MODE       Keep: processes wait while nobody asks (default);
                             End: none does, and none is warm; the first request starts one
  --idle-timeout SECONDS     a session that long without a request or an open stream ends (default: 600)
  --startup-timeout SECONDS  time to answer the first request of a new process (default: 120)
  --request-timeout SECONDS  time without an answer and without progress (default: 600)
  --drain SECONDS            time for running requests after SIGTERM (default: 10)
  --packages FOLDER          where a package is installed that "npx PACKAGE" or "uvx PACKAGE" names, so that its
                             program is started without them (default: none; the command is started as it is)
  --max-message-bytes NUMBER longest message of the server or of a client (default: ${4 * MIB})
  --allowed-hosts NAMES      further host names to answer to, separated by commas
                             (default: the variable MCP_ALLOWED_HOSTS)
  --allowed-origins ORIGINS  web origins that may call, separated by commas
                             (default: the variable MCP_ALLOWED_ORIGINS)
  --log-level LEVEL          ${LOG_LEVELS.join(', ')} (default: info)
  --version                  its version; first and alone
  --help                     this text

"install" copies the bridge of an image, with the Node and the libraries that it
needs, to a folder: from there it runs in any other image.

Logs go to standard error as JSON, one object a line: those of the bridge, and
what servers write to their standard error, each with a hash of its session.`;

const OPTIONS = {
  port: { type: 'string', default: '8080' },
  path: { type: 'string', default: '/mcp' },
  host: { type: 'string' },
  'health-port': { type: 'string', default: '8081' },
  peers: { type: 'string', default: '' },
  address: { type: 'string' },
  sessions: { type: 'string', default: 'PerSession' },
  'max-sessions': { type: 'string', default: '6' },
  warm: { type: 'string', default: '1' },
  'idle-children': { type: 'string', default: 'Keep' },
  'idle-timeout': { type: 'string', default: '600' },
  'startup-timeout': { type: 'string', default: '120' },
  'request-timeout': { type: 'string', default: '600' },
  drain: { type: 'string', default: '10' },
  packages: { type: 'string' },
  'max-message-bytes': { type: 'string', default: String(4 * MIB) },
  'allowed-hosts': { type: 'string' },
  'allowed-origins': { type: 'string' },
  'log-level': { type: 'string', default: 'info' },
  help: { type: 'boolean', default: false },
} as const;

/** Variables whose value counts where an option is not given, as the Kubernetes MCP server has them. */
const VARIABLES = { 'allowed-hosts': 'MCP_ALLOWED_HOSTS', 'allowed-origins': 'MCP_ALLOWED_ORIGINS' } as const;

/**
 * What the arguments and the environment say; undefined when they ask for help. Throws SettingsError. In a pod all addresses are listened
 * on by default.
 */
export function readSettings(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Settings | undefined {
  const inPod = (env['KUBERNETES_SERVICE_HOST'] ?? '') !== '';
  const end = argv.indexOf('--');
  const values = parse(end < 0 ? argv : argv.slice(0, end));
  if (values.help) return undefined;
  const [command = '', ...args] = end < 0 ? [] : argv.slice(end + 1);
  if (command === '') throw new SettingsError('the command of the server is missing: put it at the end, behind "--"');
  const number = (name: keyof typeof OPTIONS, least: number, most: number): number => {
    const text = String(values[name]);
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) throw new SettingsError(`--${name} is "${text}": expected a whole number from ${least} to ${most}`);
    return value;
  };
  const list = (name: keyof typeof VARIABLES, read: (item: string, source: string) => string): string[] => {
    const given = values[name];
    const source = given === undefined ? VARIABLES[name] : `--${name}`;
    return listOf(given ?? env[source] ?? '').map((item) => read(item, source));
  };
  return {
    command,
    args,
    host: values.host === undefined ? (inPod ? undefined : '127.0.0.1') : hostOf(values.host),
    port: number('port', 0, 65_535),
    path: pathOf(values.path),
    ...peersOf(values),
    healthPort: number('health-port', 0, 65_535),
    sessions: oneOf('sessions', values.sessions, ['PerSession', 'Shared'] as const),
    maxSessions: number('max-sessions', 1, 1000),
    warm: number('warm', 0, 100),
    idleChildren: oneOf('idle-children', values['idle-children'], ['Keep', 'End'] as const),
    idleTimeoutMs: number('idle-timeout', 1, MAX_SECONDS) * 1000,
    startupTimeoutMs: number('startup-timeout', 1, 3600) * 1000,
    requestTimeoutMs: number('request-timeout', 1, MAX_SECONDS) * 1000,
    packages: values.packages === undefined ? undefined : folderOf(values.packages),
    drainMs: number('drain', 0, 3600) * 1000,
    maxMessageBytes: number('max-message-bytes', 1024, 64 * MIB),
    allowedHosts: list('allowed-hosts', hostName),
    allowedOrigins: list('allowed-origins', originOf),
    logLevel: oneOf('log-level', values['log-level'], LOG_LEVELS),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const [sentence = 'not understood'] = (error as Error).message.split(/\. |\n/);
    throw new SettingsError(`${sentence}; --help lists the options, and the server's own arguments stand behind "--"`);
  }
}

function oneOf<Value extends string>(name: string, text: string, values: readonly Value[]): Value {
  const found = values.find((value) => value === text);
  if (found === undefined) throw new SettingsError(`--${name} is "${text}": expected ${values.join(' or ')}`);
  return found;
}

function hostOf(text: string): string {
  if (isIP(text) === 0 && !HOST_NAME.test(text.toLowerCase())) throw new SettingsError(`--host is "${text}": expected an IP address or a host name`);
  return text;
}

function peersOf({ peers: names, address }: { readonly peers: string; readonly address?: string | undefined }): Pick<Settings, 'peers' | 'address'> {
  const peers = listOf(names);
  const wrong = peers.find((peer) => isIP(peer) === 0 && !HOST_NAME.test(peer.replace(/\.$/, '').toLowerCase()));
  if (wrong !== undefined) throw new SettingsError(`--peers has "${wrong}": expected host names or IP addresses, without ports`);
  if (address !== undefined && isIP(address) === 0) throw new SettingsError(`--address is "${address}": expected an IP address`);
  if (peers.length > 0 && address === undefined) throw new SettingsError('--peers needs --address: the address by which the others know this one');
  return { peers, address: address === undefined ? undefined : canonical(address) };
}

function folderOf(text: string): string {
  if (!isAbsolute(text)) throw new SettingsError(`--packages is "${text}": expected an absolute path`);
  return text;
}

function pathOf(text: string): string {
  if (!/^\/[\w.~!$&'()*+,;=:@%/-]*$/.test(text)) throw new SettingsError(`--path is "${text}": expected a path such as /mcp`);
  return text;
}

function listOf(text: string): string[] {
  return text.split(',').map((item) => item.trim()).filter((item) => item !== '');
}

function hostName(text: string, source: string): string {
  const name = text.toLowerCase().replace(/\.$/, '');
  if (!HOST_NAME.test(name)) throw new SettingsError(`${source} has "${text}": expected host names without scheme, port and "*"`);
  return name;
}

function originOf(text: string, source: string): string {
  if (URL.parse(text)?.origin !== text) throw new SettingsError(`${source} has "${text}": expected origins such as https://app.example.com`);
  return text;
}
