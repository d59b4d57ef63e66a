// Which local program stands in for which container image.
import { join } from 'node:path';

/** Image name to program and first arguments; a container's `command` replaces them, its `args` follow. */
export type Images = Readonly<Record<string, readonly string[]>>;

/** An ordinary program that is no MCP server. */
export const SAMPLE_IMAGE = 'mcp-server-operator/sample:0.1.0';
const KUBERNETES_MCP_SERVER = [process.execPath, join(import.meta.dirname, '../../mcp-server/main.ts')];

/** The images the examples use; any other gives ErrImagePull. */
export const EXAMPLE_IMAGES: Images = {
  'mcp-k8s-server:latest': KUBERNETES_MCP_SERVER,
  'your-registry/mcp-k8s-server:v1.0.0': KUBERNETES_MCP_SERVER,
  'mcp-server-operator/kubernetes-mcp-server:0.1.0': KUBERNETES_MCP_SERVER,
  [SAMPLE_IMAGE]: [process.execPath, join(import.meta.dirname, 'sample-program.ts')],
};
