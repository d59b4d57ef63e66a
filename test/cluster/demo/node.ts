// The node `npm start` runs pods on: real containers where this machine can, local processes elsewhere. Also owns the choice between them.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlPlane } from '../control-plane.ts';
import { startProcessNode } from '../process-node/process-node.ts';
import { nodeBase, packExampleImages } from '../real-node/images.ts';
import { startRealNode } from '../real-node/real-node.ts';
import { missingForExamples } from '../real-node/requirements.ts';

export const NODE_KINDS = ['real', 'process'] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

/** A node, ready for pods of the examples. */
export interface DemoNode {
  /** Resolves when a part of it ended that nobody asked to end. */
  readonly failed?: Promise<Error>;
  stop(): Promise<void>;
}

export interface NodeOptions {
  readonly dir: string;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The kind of node for data below `dir`, and a sentence that says why. Throws when a real one is asked for and cannot be had. */
export async function chooseNode(dir: string, wanted: NodeKind | undefined): Promise<{ kind: NodeKind; because: string }> {
  if (wanted === 'process') return { kind: 'process', because: 'pods run as local processes, as asked' };
  const missing = await missingForExamples(dir);
  if (missing.length === 0) return { kind: 'real', because: 'pods run in real containers (kubelet and containerd), and the operator runs as one of them' };
  if (wanted === 'real') throw new Error(`a real node cannot run here: ${missing.join('; ')}`);
  return { kind: 'process', because: `pods run as local processes, not in containers: ${missing.join('; ')}` };
}

export async function startDemoNode(kind: NodeKind, controlPlane: ControlPlane, options: NodeOptions): Promise<DemoNode> {
  return kind === 'process' ? startProcessNode({ controlPlane, dir: options.dir }) : startWithImages(controlPlane, options);
}

async function startWithImages(controlPlane: ControlPlane, { dir, log, signal }: NodeOptions): Promise<DemoNode> {
  const node = await startRealNode({ controlPlane, dir, log, signal });
  try {
    log('packing and loading the images');
    await mkdir(join(dir, 'images'), { recursive: true });
    await node.loadImages(await packExampleImages(join(dir, 'images'), await nodeBase(log)));
    return node;
  } catch (error) {
    await node.stop();
    throw error;
  }
}
