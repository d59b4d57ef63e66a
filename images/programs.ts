// The programs that are shipped as images: where their code starts, and what their image says beside its files.
import packageJson from '../package.json' with { type: 'json' };
import { APP, NODE } from './paths.ts';
import type { ImageConfig } from './oci-archive.ts';

/** A program and its image. */
export interface Program {
  /** Name of the bundle and last part of the image's name. */
  readonly name: 'operator' | 'kubernetes-mcp-server';
  /** Source file it starts in, from the project's root. */
  readonly main: string;
  /** Everything the image says; kept equal to the Dockerfile's target of this name by a test. */
  readonly config: ImageConfig;
}

/** The user without rights that images run as: `nonroot` of the base. */
const NONROOT = '65532:65532';

/**
 * A young generation of 1 MiB instead of 16, and heap limits that grow slowly, cost a little time and save some 10 MiB each. The
 * Kubernetes MCP server mostly waits for others: without its optimizing compilers it answers as fast and needs 15 MiB less.
 */
const LEAN = ['--max-semi-space-size=1', '--optimize-for-size'];
const FLAGS: Readonly<Record<Program['name'], readonly string[]>> = { operator: LEAN, 'kubernetes-mcp-server': [...LEAN, '--no-opt', '--no-maglev'] };

function config(name: Program['name'], title: string, rest: Pick<ImageConfig, 'Cmd' | 'ExposedPorts'>): ImageConfig {
  return {
    User: NONROOT,
    // One heap of the C library for all threads: each of its own would keep what it once took.
    Env: ['NODE_ENV=production', 'MALLOC_ARENA_MAX=1'],
    Entrypoint: [NODE, ...FLAGS[name], `${APP}/${name}.mjs`],
    WorkingDir: APP,
    StopSignal: 'SIGTERM',
    Labels: {
      'org.opencontainers.image.title': title,
      'org.opencontainers.image.version': packageJson.version,
      'org.opencontainers.image.licenses': packageJson.license,
    },
    ...rest,
  };
}

/** The name of an image of ours: where the user's registry is, by `config.registry` of package.json. */
export function imageOf(name: string, tag: string = packageJson.version): string {
  return `${packageJson.config.registry}/${name}:${tag}`;
}

/** All programs. */
export const PROGRAMS: readonly Program[] = [
  {
    name: 'operator',
    main: 'reconciler/main.ts',
    config: config('operator', 'mcp-server-operator', { Cmd: ['run'], ExposedPorts: { '8080/tcp': {}, '8081/tcp': {} } }),
  },
  {
    name: 'kubernetes-mcp-server',
    main: 'mcp-server/main.ts',
    config: config('kubernetes-mcp-server', 'Kubernetes MCP server', { Cmd: [], ExposedPorts: { '3001/tcp': {} } }),
  },
];
