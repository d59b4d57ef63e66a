// From flags, environment and config file to one checked configuration object.
// The strongest source of a value wins: flag, then environment, then config file, then default.
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import * as z from 'zod';
import { readConfig, type ConfigFile } from './config-file.ts';
import { HOST_NAME } from './host-name.ts';

/** Everything the program can be told. */
export interface Settings {
  readonly transport: 'stdio' | 'streamable-http';
  /** Address to listen on; undefined listens on all. */
  readonly host: string | undefined;
  /** 0 takes any free port. */
  readonly port: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Display name shown to clients; undefined shows none. */
  readonly title: string | undefined;
  readonly metrics: boolean;
  /** Requests per minute and client address; 0 sets no limit. */
  readonly rateLimit: number;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** Where in the config file stand keys that mean nothing here, such as `line 3, column 5`. */
  readonly unknownKeys: readonly string[];
}

/** The flags of the command line, as written. */
export interface Flags {
  readonly transport?: string;
  readonly host?: string;
  readonly port?: string;
  readonly kubeconfig?: string;
}

/** A value that cannot be used; the message says which, and what is expected. */
export class SettingsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SettingsError';
  }
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const CONFIG_KEYS = ['MCP_SERVER_NAME', 'LOG_LEVEL', 'ENABLE_METRICS', 'RATE_LIMIT_REQUESTS'] as const;

const hostName = z
  .string()
  .transform((text) => text.toLowerCase().replace(/\.$/, ''))
  .pipe(z.string().regex(HOST_NAME, 'expected host names without scheme, port and "*", separated by commas'));
const origin = z.string().refine((value) => URL.parse(value)?.origin === value, 'expected origins such as https://app.example.com, separated by commas');
const commaList = z.string().transform((text) => text.split(',').map((item) => item.trim()).filter((item) => item !== ''));

const SCHEMAS = {
  transport: z
    .enum(['stdio', 'http', 'streamable-http'], 'expected stdio or streamable-http (http means the same)')
    .transform((name): Settings['transport'] => (name === 'stdio' ? 'stdio' : 'streamable-http')),
  host: z.string().regex(/^[A-Za-z0-9:._-]+$/, 'expected an IP address or a host name'),
  port: z.string().regex(/^\d{1,5}$/, 'expected a number from 0 to 65535').transform(Number).refine((port) => port <= 65_535, 'expected a number from 0 to 65535'),
  logLevel: z.string().toLowerCase().pipe(z.enum(LOG_LEVELS, `expected one of ${LOG_LEVELS.join(', ')}`)),
  title: z.string().max(256, 'expected at most 256 characters'),
  metrics: z.string().toLowerCase().pipe(z.enum(['true', 'false', '1', '0'], 'expected true or false')).transform((text) => text === 'true' || text === '1'),
  rateLimit: z.string().regex(/^\d{1,7}$/, 'expected requests per minute as a whole number (0 sets no limit)').transform(Number),
  allowedHosts: commaList.pipe(z.array(hostName)),
  allowedOrigins: commaList.pipe(z.array(origin)),
};

interface Candidate {
  readonly source: string;
  readonly text: string | undefined;
  /** Where it stands in a file, whose text is never quoted. */
  readonly place?: string | undefined;
}

/** Checks the first source that says something; undefined when none does. */
function pick<Schema extends z.ZodType>(schema: Schema, candidates: readonly Candidate[]): z.output<Schema> | undefined {
  const chosen = candidates.find(({ text }) => text !== undefined && text !== '');
  if (chosen === undefined) return undefined;
  const parsed = schema.safeParse(chosen.text);
  if (parsed.success) return parsed.data;
  const { source, text, place } = chosen;
  throw new SettingsError(`${source} ${place === undefined ? `is "${text}"` : `(${place})`}: ${parsed.error.issues[0]?.message ?? 'not valid'}.`);
}

/**
 * The configuration that flags, environment and config file (MCP_CONFIG_FILE) add up to. Empty values count as absent.
 * Throws SettingsError for a value that cannot be used, wherever it stands, and for a config file or kubeconfig that cannot be read.
 */
export function readSettings(flags: Flags, env: Readonly<Record<string, string | undefined>>): Settings {
  const path = env['MCP_CONFIG_FILE'] ?? '';
  const file: ConfigFile = path === '' ? new Map() : readConfigFile(path);
  const flag = (name: keyof Flags): Candidate => ({ source: `--${name}`, text: flags[name] });
  const variable = (name: string): Candidate => ({ source: name, text: env[name] });
  const inFile = (name: string): Candidate => ({ source: `${name} in ${path}`, ...(file.get(name) ?? { text: undefined }) });
  const shared = (name: (typeof CONFIG_KEYS)[number]): Candidate[] => [variable(name), inFile(name)];
  checkKubeconfig(flags.kubeconfig ?? '', env['KUBECONFIG'] ?? '');
  const inPod = (env['KUBERNETES_SERVICE_HOST'] ?? '') !== '';
  return {
    transport: pick(SCHEMAS.transport, [flag('transport'), variable('MCP_TRANSPORT')]) ?? 'stdio',
    host: pick(SCHEMAS.host, [flag('host'), variable('MCP_HOST')]) ?? (inPod ? undefined : '127.0.0.1'),
    port: pick(SCHEMAS.port, [flag('port'), variable('MCP_PORT')]) ?? 3001,
    logLevel: pick(SCHEMAS.logLevel, shared('LOG_LEVEL')) ?? 'info',
    title: pick(SCHEMAS.title, shared('MCP_SERVER_NAME')),
    metrics: pick(SCHEMAS.metrics, shared('ENABLE_METRICS')) ?? false,
    rateLimit: pick(SCHEMAS.rateLimit, shared('RATE_LIMIT_REQUESTS')) ?? 0,
    allowedHosts: pick(SCHEMAS.allowedHosts, [variable('MCP_ALLOWED_HOSTS')]) ?? [],
    allowedOrigins: pick(SCHEMAS.allowedOrigins, [variable('MCP_ALLOWED_ORIGINS')]) ?? [],
    unknownKeys: [...file].filter(([key]) => !(CONFIG_KEYS as readonly string[]).includes(key)).map(([, { place }]) => place),
  };
}

/** Of several files in KUBECONFIG some may be missing, as with kubectl, but not all. Nothing is read: the file may be a pipe. */
function checkKubeconfig(flag: string, variable: string): void {
  const source = flag === '' ? 'KUBECONFIG' : '--kubeconfig';
  const files = flag === '' ? variable.split(':').filter((file) => file !== '') : [flag];
  const problems = files.map((file) => ({ file, code: whyUnreadable(file) })).filter(({ code }) => code !== undefined);
  const problem = problems.length === files.length ? problems[0] : problems.find(({ code }) => code !== 'ENOENT');
  if (problem !== undefined) throw new SettingsError(`${source}: ${problem.file} cannot be read (${problem.code}).`);
}

/** Why a file cannot be read, as the system says it; undefined when it can. */
export function whyUnreadable(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK);
    return statSync(file).isDirectory() ? 'EISDIR' : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown reason';
  }
}

/** A JSON object of strings, as the operator writes it; numbers and booleans of a hand-written file are taken too. Its text is never quoted. */
function readConfigFile(path: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SettingsError(`MCP_CONFIG_FILE: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}).`);
  }
  const { entries, wrong } = readConfig(text);
  if (wrong !== undefined) throw new SettingsError(`MCP_CONFIG_FILE: ${path} must hold one JSON object whose values are strings: it is wrong at ${wrong}.`);
  return entries;
}
