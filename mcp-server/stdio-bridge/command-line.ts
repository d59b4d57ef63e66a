// The bridge's command line: from its arguments to a bridge that serves until it is to stop, or to a copy of it.
import { startBridge } from './bridge.ts';
import { install, InstallError } from './install.ts';
import { createLog } from './log.ts';
import { HELP, readSettings, SettingsError } from './settings.ts';
import { VERSION } from './version.ts';

/** What the system was asked when it says that an address cannot be used. */
const LISTENING = new Set(['listen', 'getaddrinfo']);

/** What the process gives: what was started, its arguments, its environment, and a signal with the name of the one that ends it. */
export interface Surroundings {
  /** File that was started. */
  readonly main: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stop: AbortSignal;
}

/** Does what the arguments say. Resolves to the exit code; mistakes of users are told in one sentence, rejects for defects only. */
export async function runCommandLine(surroundings: Surroundings): Promise<number> {
  try {
    return await run(surroundings);
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    const isListening = syscall !== undefined && LISTENING.has(syscall);
    if (!(error instanceof SettingsError) && !(error instanceof InstallError) && !isListening) throw error;
    process.stderr.write(`error: ${isListening ? `cannot listen: ${message}` : message}\n`);
    return error instanceof SettingsError ? 2 : 1;
  }
}

async function run(surroundings: Surroundings): Promise<number> {
  const [first, ...others] = surroundings.argv;
  if (first === 'install') return copyTo(surroundings.main, others);
  if (first === '--version') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  return serve(surroundings);
}

async function copyTo(main: string, [folder = '', ...others]: readonly string[]): Promise<number> {
  if (folder === '' || folder.startsWith('-') || others.length > 0) throw new SettingsError('install takes one folder, in which the bridge is to lie');
  const copied = await install(main, folder);
  createLog('info', (line) => void process.stderr.write(line)).info('copied the bridge', { folder, ...copied, version: VERSION });
  return 0;
}

async function serve({ argv, env, stop }: Surroundings): Promise<number> {
  const settings = readSettings(argv, env);
  if (settings === undefined) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const log = createLog(settings.logLevel, (line) => void process.stderr.write(line));
  const bridge = await startBridge({ settings, env, log });
  const { sessions, path, host = 'all addresses' } = settings;
  log.info('serving MCP', { host, port: bridge.port, path, healthPort: bridge.healthPort, sessions, command: settings.command });
  if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
  log.info('stopping', { reason: String(stop.reason) });
  const complete = await bridge.stop();
  if (!complete) log.warn(`requests were cut off after ${settings.drainMs} ms`);
  log.info('stopped');
  return 0;
}
