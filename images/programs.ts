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

function config(name: Program['name'], title: string, rest: Pick<ImageConfig, 'Cmd' | 'ExposedPorts'>): ImageConfig {
  return {
    User: NONROOT,
    Env: ['NODE_ENV=production'],
    // A young generation of 1 MiB instead of 16 costs a little time and saves some 10 MiB.
    Entrypoint: [NODE, '--max-semi-space-size=1', `${APP}/${name}.mjs`],
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
