// A cluster of one real node for end-to-end tests: control plane, kubelet and containerd, images loaded, nothing installed yet.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane, type ControlPlane } from '../../cluster/control-plane.ts';
import { startRealNode, type RealNode } from '../../cluster/real-node/real-node.ts';

const DIST = join(import.meta.dirname, '../../../dist');

/** A running cluster. Whoever started it calls `stop`. */
export class RealCluster {
  readonly plane: ControlPlane;
  readonly #dir: string;
  readonly #log: (line: string) => void;
  #node: RealNode | undefined;

  constructor(plane: ControlPlane, dir: string, log: (line: string) => void) {
    this.plane = plane;
    this.#dir = dir;
    this.#log = log;
  }

  get node(): RealNode {
    if (this.#node === undefined) throw new Error('the cluster has no node');
    return this.#node;
  }

  /** How its users reach it. */
  get access(): { kubeconfig: string; program: string } {
    return { kubeconfig: this.plane.kubeconfig, program: this.plane.binaries.kubectl };
  }

  async startNode(): Promise<void> {
    this.#node = await startRealNode({ controlPlane: this.plane, dir: join(this.#dir, 'node'), log: this.#log });
  }

  /** Ends everything on the node at once, as a power loss does, and starts it again with its disk. */
  async rebootNode(): Promise<void> {
    await this.node.stop();
    await this.startNode();
  }

  /** Ends everything and removes its folder. */
  async stop(): Promise<void> {
    await this.#node?.stop();
    await this.plane.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** Starts it with the image archives given. The caller stops it. */
export async function startRealCluster(images: readonly string[], log: (line: string) => void = () => undefined): Promise<RealCluster> {
  const dir = await mkdtemp(join(tmpdir(), 'mcp-e2e-'));
  const plane = await startControlPlane({ dir, log, egress: true, realKubelet: true });
  const cluster = new RealCluster(plane, dir, log);
  try {
    await cluster.startNode();
    log(`loading ${images.length} images`);
    await cluster.node.loadImages(images);
    return cluster;
  } catch (error) {
    await cluster.stop();
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
