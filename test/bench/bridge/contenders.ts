// The ways from a client to a stdio server that are compared: none at all, the bridge in its two modes, and the bridges of others.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BRIDGE_NODE_FLAGS } from '../../../charts/bridge-program.ts';
import { bundle } from '../../../images/bundle/bundle.ts';
import { cacheFolder } from '../../../images/cache-folder.ts';

/** Compared with; fetched when they are measured, and no dependency of ours. */
const OTHERS = { supergateway: '4.0.0', 'mcp-proxy': '6.7.19' } as const;

/** A program that serves `command` on a port at /mcp. */
export interface Contender {
  readonly name: string;
  /** Its own command line. */
  readonly commandLine: (port: number, command: readonly string[]) => string[];
}

/** All there are; of others those that the registry has. `progress` hears of those that it has not. */
export async function contenders(progress: (line: string) => void): Promise<readonly Contender[]> {
  const folder = join(cacheFolder(process.env), 'bench');
  const [perSession, shared] = [await inMode('PerSession'), await inMode('Shared')];
  return [perSession, ...others('supergateway', folder, progress), shared, ...others('mcp-proxy', folder, progress)];
}

function inMode(mode: string): Promise<Contender> {
  return ours(`stdio-bridge, ${mode}`, ['--sessions', mode]);
}

/** The bridge as in a pod, bundled anew, with these flags and room for 20 sessions. */
export async function ours(name: string, flags: readonly string[]): Promise<Contender> {
  const folder = join(cacheFolder(process.env), 'bench', 'bundle');
  await bundle({ name: 'stdio-bridge', main: 'mcp-server/stdio-bridge/main.ts' }, folder);
  const program = [...BRIDGE_NODE_FLAGS, join(folder, 'stdio-bridge.mjs')];
  const commandLine: Contender['commandLine'] = (port, command) => [
    ...program, '--port', String(port), '--health-port', '0', '--max-sessions', '20', ...flags, '--', ...command,
  ];
  return { name, commandLine };
}

function others(name: keyof typeof OTHERS, folder: string, progress: (line: string) => void): Contender[] {
  const version = OTHERS[name];
  const prefix = join(folder, `${name}-${version}`);
  const program = join(prefix, 'node_modules', '.bin', name);
  try {
    const options = ['--prefix', prefix, '--no-audit', '--no-fund', '--ignore-scripts'];
    if (!existsSync(program)) execFileSync('npm', ['install', ...options, `${name}@${version}`], { stdio: 'ignore' });
  } catch {
    progress(`${name} ${version} cannot be fetched: it is left out`);
    return [];
  }
  const commandLine: Contender['commandLine'] = (port, command) => [program, ...COMMAND_LINES[name](port, command)];
  return [{ name: `${name} ${version}`, commandLine }];
}

const COMMAND_LINES: Readonly<Record<keyof typeof OTHERS, (port: number, command: readonly string[]) => string[]>> = {
  supergateway: (port, command) => [
    '--stdio',
    command.join(' '),
    '--outputTransport',
    'streamableHttp',
    '--stateful',
    '--port',
    String(port),
    '--streamableHttpPath',
    '/mcp',
    '--logLevel',
    'none',
  ],
  'mcp-proxy': (port, command) => ['--port', String(port), '--host', '127.0.0.1', '--server', 'stream', '--', ...command],
};
