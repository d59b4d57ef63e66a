// The programs that are shipped as images: where their code starts, and what their image says beside its files.
import { bridgeProgram } from '../charts/bridge-program.ts';
import { BRIDGE_VERSION } from '../charts/bridge-version.ts';
import packageJson from '../package.json' with { type: 'json' };
import { APP, NODE } from './paths.ts';
import type { ImageConfig } from './oci-archive.ts';

/** A program and its image. */
export interface Program {
  /** Name of the bundle and last part of the image's name. */
  readonly name: 'operator' | 'kubernetes-mcp-server' | 'stdio-bridge';
  /** Source file it starts in, from the project's root. */
  readonly main: string;
  /** The tag of its image. That of the bridge moves with its bytes alone: where it moves, pods are replaced. */
  readonly version: string;
  /** Whether the image can be copied to, or mounted at, any folder of any other image, and runs there (portable/links.ts). */
  readonly portable: boolean;
  /** Everything the image says; kept equal to the Dockerfile's target of this name by a test. */
  readonly config: ImageConfig;
}

/** The user without rights that images run as: `nonroot` of the base. */
export const NONROOT = '65532:65532';

/**
 * A young generation of 1 MiB instead of 16, and heap limits that grow slowly, cost a little time and save some 10 MiB each. The
 * Kubernetes MCP server mostly waits for others: without its optimizing compilers it answers as fast and needs 15 MiB less.
 */
const LEAN = ['--max-semi-space-size=1', '--optimize-for-size'];

/**
 * The operator computes, and keeps much of what it reads. A young generation of 1 MiB would call half of what is soon gone old, and make
 * V8 go through a whole fleet again and again: 2 MiB, and a heap limit a tenth above what is used, save a fifth of its time for 2 MiB
 * more. It goes without the quicker optimizing compiler, whose code takes more memory than it saves time.
 */
export const OPERATOR_NODE_FLAGS: readonly string[] = ['--max-semi-space-size=2', '--heap-growing-percent=10', '--no-maglev'];

/** Says what all images of ours say. */
function config(title: string, version: string | undefined, rest: Pick<ImageConfig, 'Entrypoint' | 'Cmd' | 'ExposedPorts'>): ImageConfig {
  return {
    User: NONROOT,
    // One heap of the C library for all threads: each of its own would keep what it once took.
    Env: ['NODE_ENV=production', 'MALLOC_ARENA_MAX=1'],
    WorkingDir: APP,
    StopSignal: 'SIGTERM',
    Labels: {
      'org.opencontainers.image.title': title,
      ...(version === undefined ? {} : { 'org.opencontainers.image.version': version }),
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
    version: packageJson.version,
    portable: false,
    config: config('mcp-server-operator', packageJson.version, {
      Entrypoint: [NODE, ...OPERATOR_NODE_FLAGS, `${APP}/operator.mjs`],
      Cmd: ['run'],
      ExposedPorts: { '8080/tcp': {}, '8081/tcp': {} },
    }),
  },
  {
    name: 'kubernetes-mcp-server',
    main: 'mcp-server/main.ts',
    version: packageJson.version,
    portable: false,
    config: config('Kubernetes MCP server', packageJson.version, {
      Entrypoint: [NODE, ...LEAN, '--no-opt', '--no-maglev', `${APP}/kubernetes-mcp-server.mjs`],
      Cmd: [],
      ExposedPorts: { '3001/tcp': {} },
    }),
  },
  {
    name: 'stdio-bridge',
    main: 'mcp-server/stdio-bridge/main.ts',
    version: BRIDGE_VERSION,
    portable: true,
    // Its version follows all that the image is made of, what is said here too: only its tag and its program tell it.
    config: config('MCP stdio bridge', undefined, {
      Entrypoint: bridgeProgram(''),
      Cmd: ['--help'],
      ExposedPorts: { '8080/tcp': {}, '8081/tcp': {} },
    }),
  },
];
