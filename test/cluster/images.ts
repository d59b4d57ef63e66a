// What the images of ours and of the examples are called, and which local program stands in for which.
import { join } from 'node:path';
import { BRIDGE_PATH } from '../../charts/api/labels.ts';
import { bridgeProgram } from '../../charts/bridge-program.ts';
import { BRIDGE_VERSION } from '../../charts/bridge-version.ts';
import { EXAMPLE_REGISTRY } from '../../charts/registry.ts';
import { APP, NODE } from '../../images/paths.ts';
import { imageOf } from '../../images/programs.ts';
import packageJson from '../../package.json' with { type: 'json' };

/** Image name to program and first arguments; a container's `command` replaces them, its `args` follow. */
export type Images = Readonly<Record<string, readonly string[]>>;

/** An ordinary program that is no MCP server. */
export const SAMPLE_IMAGE = imageOf('sample');
/** What charts/main.ts and the examples call the operator, and the Kubernetes MCP server: the last two as the tutorial does. */
export const OPERATOR_IMAGES: readonly string[] = namesOf('operator');
export const KUBERNETES_MCP_SERVER_IMAGES: readonly string[] = [...namesOf('kubernetes-mcp-server'), 'mcp-k8s-server:latest', 'your-registry/mcp-k8s-server:v1.0.0'];

/** What the operator calls the bridge that it brings into the pods of stdio servers. */
export const STDIO_BRIDGE_IMAGES: readonly string[] = namesOf('stdio-bridge', BRIDGE_VERSION);

/** In the registry that dist/ names, and in that of the examples, which is the same until a user sets another. */
function namesOf(name: string, tag: string = packageJson.version): string[] {
  return [...new Set([imageOf(name, tag), `${EXAMPLE_REGISTRY}/${name}:${tag}`])];
}

/** The small servers of examples/demo/: the image, its program, and the source this is bundled from. */
export const DEMO_SERVERS = ['dice', 'notes'].map((name) => ({
  name,
  image: `${EXAMPLE_REGISTRY}/${name}:1.0.0`,
  program: `${APP}/${name}.mjs`,
  main: `examples/demo/${name}.ts`,
}));

const ROOT = join(import.meta.dirname, '../..');
const STDIO_BRIDGE = [process.execPath, join(ROOT, 'mcp-server/stdio-bridge/main.ts')];
const KUBERNETES_MCP_SERVER = [process.execPath, join(ROOT, 'mcp-server/main.ts')];

/** The images the examples use; any other gives ErrImagePull. */
export const EXAMPLE_IMAGES: Images = {
  ...Object.fromEntries(KUBERNETES_MCP_SERVER_IMAGES.map((image) => [image, KUBERNETES_MCP_SERVER])),
  ...Object.fromEntries(DEMO_SERVERS.map(({ image, main }) => [image, [process.execPath, join(ROOT, main)]])),
  [SAMPLE_IMAGE]: [process.execPath, join(import.meta.dirname, 'sample-program.ts')],
};

const BRIDGE_IN_POD = bridgeProgram(BRIDGE_PATH);

/** What the commands of stdio servers name, which are files of their images, and where it is on this machine. */
const FILES_HERE: Readonly<Record<string, string>> = {
  [NODE]: process.execPath,
  ...Object.fromEntries(DEMO_SERVERS.map(({ program, main }) => [program, join(ROOT, main)])),
};

/** What changes the words of a container's command that are about its pod. */
type Rewrite = (word: string) => string;

/** What a container's command becomes on this machine. */
export interface Here {
  readonly podIP: string;
  readonly rewrite: Rewrite;
  /** What stands in for the image's program, which is the first word of a command. */
  readonly standIn: readonly string[] | undefined;
}

/** A container's command, where it starts the stdio bridge by the program here. That is told the pod's address: it does not know that it is in a pod. */
export function commandHere(command: readonly string[] | undefined, { podIP, rewrite, standIn }: Here): readonly string[] | undefined {
  const isBridge = command !== undefined && BRIDGE_IN_POD.every((word, index) => command[index] === word);
  if (!isBridge) return command && withStandIn(command, standIn, rewrite);
  const words = command.slice(BRIDGE_IN_POD.length);
  const start = words.indexOf('--') + 1;
  return [...STDIO_BRIDGE, `--host=${podIP}`, ...words.slice(0, start).map(rewrite), ...withStandIn(words.slice(start), standIn, rewrite)];
}

function withStandIn([program = '', ...args]: readonly string[], standIn: readonly string[] | undefined, rewrite: Rewrite): string[] {
  // Files of this machine lie where they lie, also where the pod mounts a folder of that name.
  const here = (word: string): string => FILES_HERE[word] ?? rewrite(word);
  return [...(standIn ?? [here(program)]), ...args.map(here)];
}
