// The images of the end-to-end tests: those of the examples, a newer name to update to, and an MCP client to run in a pod.
import { imageOf } from '../../../images/programs.ts';
import { nodeBase, packBundled, packExampleImages } from '../../cluster/real-node/images.ts';

export { SAMPLE_IMAGE } from '../../cluster/images.ts';
export const SERVER_IMAGE = imageOf('kubernetes-mcp-server');
export const UPDATED_SERVER_IMAGE = imageOf('kubernetes-mcp-server', '0.1.1');
export const CLIENT_IMAGE = imageOf('e2e-client');
const CLIENT = { name: 'mcp-client', main: 'test/e2e/images/client.ts', image: CLIENT_IMAGE };

/** Writes all archives to `folder`; returns their paths. */
export async function packImages(folder: string, log: (line: string) => void): Promise<string[]> {
  const base = await nodeBase(log);
  const files = await packExampleImages(folder, base, [UPDATED_SERVER_IMAGE]);
  return [...files, await packBundled(CLIENT, base, folder)];
}
