// From the arguments of the command line to one checked configuration object.
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { HOST_NAME } from '../host-name.ts';

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
  /** 0 takes any free port. */
  readonly healthPort: number;
  readonly sessions: 'PerSession' | 'Shared';
  /** Sessions at a time, each with a process of its own. */
  readonly maxSessions: number;
  /** Processes that wait, started, for a session. */
  readonly warm: number;
  readonly idleTimeoutMs: number;
  readonly startupTimeoutMs: number;
  /** For so long a request may go without an answer and without progress. */
  readonly requestTimeoutMs: number;
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

Serves an MCP server that speaks stdio over Streamable HTTP: COMMAND is started
as it is, without a shell, and what it says is passed through. Everything before
"--" belongs to the bridge, everything behind it to the server.

  --port NUMBER              port to serve MCP on, 0 for any free one (default: 8080)
  --path PATH                path to serve it on (default: /mcp)
  --host ADDRESS             address to listen on (default: 127.0.0.1; in a pod all addresses)
  --health-port NUMBER       port of /healthz, /readyz and /metrics, 0 for any free one (default: 8081)
  --sessions MODE            PerSession: a process for each session (default);
                             Shared: one for all, for servers that keep no state
  --max-sessions NUMBER      sessions at a time (default: 6); beyond, 503 with Retry-After
  --warm NUMBER              processes that wait, started, for the next session (default: 1)
  --idle-timeout SECONDS     a session that long without a request or an open stream ends (default: 600)
  --startup-timeout SECONDS  time to answer the first request of a new process (default: 120)
  --request-timeout SECONDS  time without an answer and without progress (default: 600)
  --drain SECONDS            time for running requests after SIGTERM (default: 10)
  --max-message-bytes NUMBER longest message of the server or of a client (default: ${4 * MIB})
  --allowed-hosts NAMES      further host names to answer to, separated by commas
  --allowed-origins ORIGINS  web origins that may call, separated by commas
  --log-level LEVEL          ${LOG_LEVELS.join(', ')} (default: info)
  --help                     this text

Logs go to standard error as JSON, one object a line: those of the bridge, and
what servers write to their standard error, each with a hash of its session.`;

const OPTIONS = {
  port: { type: 'string', default: '8080' },
  path: { type: 'string', default: '/mcp' },
  host: { type: 'string' },
  'health-port': { type: 'string', default: '8081' },
  sessions: { type: 'string', default: 'PerSession' },
  'max-sessions': { type: 'string', default: '6' },
  warm: { type: 'string', default: '1' },
  'idle-timeout': { type: 'string', default: '600' },
  'startup-timeout': { type: 'string', default: '120' },
  'request-timeout': { type: 'string', default: '600' },
  drain: { type: 'string', default: '10' },
  'max-message-bytes': { type: 'string', default: String(4 * MIB) },
  'allowed-hosts': { type: 'string', default: '' },
  'allowed-origins': { type: 'string', default: '' },
  'log-level': { type: 'string', default: 'info' },
  help: { type: 'boolean', default: false },
} as const;

/** What the arguments say; undefined when they ask for help. Throws SettingsError. `inPod` says which addresses are listened on by default. */
export function readSettings(argv: readonly string[], inPod: boolean): Settings | undefined {
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
  return {
    command,
    args,
    host: values.host === undefined ? (inPod ? undefined : '127.0.0.1') : hostOf(values.host),
    port: number('port', 0, 65_535),
    path: pathOf(values.path),
    healthPort: number('health-port', 0, 65_535),
    sessions: oneOf('sessions', values.sessions, ['PerSession', 'Shared'] as const),
    maxSessions: number('max-sessions', 1, 1000),
    warm: number('warm', 0, 100),
    idleTimeoutMs: number('idle-timeout', 1, MAX_SECONDS) * 1000,
    startupTimeoutMs: number('startup-timeout', 1, 3600) * 1000,
    requestTimeoutMs: number('request-timeout', 1, MAX_SECONDS) * 1000,
    drainMs: number('drain', 0, 3600) * 1000,
    maxMessageBytes: number('max-message-bytes', 1024, 64 * MIB),
    allowedHosts: listOf(values['allowed-hosts']).map(hostName),
    allowedOrigins: listOf(values['allowed-origins']).map(originOf),
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

function pathOf(text: string): string {
  if (!/^\/[\w.~!$&'()*+,;=:@%/-]*$/.test(text)) throw new SettingsError(`--path is "${text}": expected a path such as /mcp`);
  return text;
}

function listOf(text: string): string[] {
  return text.split(',').map((item) => item.trim()).filter((item) => item !== '');
}

function hostName(text: string): string {
  const name = text.toLowerCase().replace(/\.$/, '');
  if (!HOST_NAME.test(name)) throw new SettingsError(`--allowed-hosts has "${text}": expected host names without scheme, port and "*"`);
  return name;
}

function originOf(text: string): string {
  if (URL.parse(text)?.origin !== text) throw new SettingsError(`--allowed-origins has "${text}": expected origins such as https://app.example.com`);
  return text;
}
