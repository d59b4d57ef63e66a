// A cluster of one real node for end-to-end tests: control plane, kubelet and containerd, images loaded, nothing installed yet.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane, type ControlPlane } from '../../cluster/control-plane.ts';
import { startRealNode, type RealNode } from '../../cluster/real-node/real-node.ts';

const DIST = join(import.meta.dirname, '../../../dist');

export interface RealCluster {
  readonly plane: ControlPlane;
  readonly node: RealNode;
  /** Ends everything and removes its folder. */
  stop(): Promise<void>;
}

/** Starts it with the image archives given. The caller stops it. */
export async function startRealCluster(images: readonly string[], log: (line: string) => void): Promise<RealCluster> {
  const dir = await mkdtemp(join(tmpdir(), 'mcp-e2e-'));
  const cleanups: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  };
  try {
    const plane = await startControlPlane({ dir, log, egressSocket: join(dir, 'egress.sock'), realKubelet: true });
    cleanups.push(() => plane.stop());
    const node = await startRealNode({ controlPlane: plane, dir: join(dir, 'node'), log });
    cleanups.push(() => node.stop());
    log(`loading ${images.length} images`);
    await node.loadImages(images);
    return { plane, node, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Installs the operator as its documentation says, and waits until its replicas are available. */
export async function install({ plane }: RealCluster, manifest: 'operator' | 'operator-namespaced' = 'operator'): Promise<void> {
  const files = ['crd', manifest].flatMap((name) => ['-f', join(DIST, `${name}.k8s.yaml`)]);
  const applied = await plane.kubectl(['apply', '--server-side', ...files]);
  if (applied.code !== 0) throw new Error(`the installation failed: ${applied.stderr}`);
  const namespace = manifest === 'operator' ? 'mcp-operator-system' : 'mcp-servers';
  const waited = await plane.kubectl(['-n', namespace, 'rollout', 'status', 'deployment/mcp-operator', '--timeout=60s'], { timeoutMs: 70_000 });
  if (waited.code !== 0) throw new Error(`the operator does not become available: ${waited.stderr}`);
}
