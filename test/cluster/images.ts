// What the images of ours and of the examples are called, and which local program stands in for which.
import { join } from 'node:path';
import { EXAMPLE_REGISTRY } from '../../charts/registry.ts';
import { imageOf } from '../../images/programs.ts';
import packageJson from '../../package.json' with { type: 'json' };

/** Image name to program and first arguments; a container's `command` replaces them, its `args` follow. */
export type Images = Readonly<Record<string, readonly string[]>>;

/** An ordinary program that is no MCP server. */
export const SAMPLE_IMAGE = imageOf('sample');
/** What charts/main.ts and the examples call the operator, and the Kubernetes MCP server: the last two as the tutorial does. */
export const OPERATOR_IMAGES: readonly string[] = namesOf('operator');
export const KUBERNETES_MCP_SERVER_IMAGES: readonly string[] = [...namesOf('kubernetes-mcp-server'), 'mcp-k8s-server:latest', 'your-registry/mcp-k8s-server:v1.0.0'];

/** In the registry that dist/ names, and in that of the examples, which is the same until a user sets another. */
function namesOf(name: string): string[] {
  return [...new Set([imageOf(name), `${EXAMPLE_REGISTRY}/${name}:${packageJson.version}`])];
}

const KUBERNETES_MCP_SERVER = [process.execPath, join(import.meta.dirname, '../../mcp-server/main.ts')];

/** The images the examples use; any other gives ErrImagePull. */
export const EXAMPLE_IMAGES: Images = {
  ...Object.fromEntries(KUBERNETES_MCP_SERVER_IMAGES.map((image) => [image, KUBERNETES_MCP_SERVER])),
  [SAMPLE_IMAGE]: [process.execPath, join(import.meta.dirname, 'sample-program.ts')],
};
