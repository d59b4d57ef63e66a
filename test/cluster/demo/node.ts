// The node `npm start` runs pods on: real containers where this machine can, local processes elsewhere. Also owns the choice between them.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UserError } from '../../../reconciler/commands/user-error.ts';
import type { ControlPlane } from '../control-plane.ts';
import { startProcessNode } from '../process-node/process-node.ts';
import { nodeBase, packExampleImages } from '../real-node/images.ts';
import { startRealNode, type RealNode } from '../real-node/real-node.ts';
import { missingForExamples, NOT_ROOT, ordinaryFolder } from '../real-node/requirements.ts';
import type { Own } from './own/own.ts';

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
  /** Image archives and programs that are brought, beside those of the examples. */
  readonly own: Pick<Own, 'archives' | 'programs'>;
}

/** A kind of node, a sentence that says why that, and where it keeps its data until `remove`. */
export interface ChosenNode {
  readonly kind: NodeKind;
  readonly because: string;
  readonly dir: string;
  remove(): Promise<void>;
}

/**
 * The kind of node, with its data below `dir`, or below a temporary folder where containers cannot lie there.
 * Throws when a real one is asked for and cannot be had.
 */
export async function chooseNode(dir: string, wanted: NodeKind | undefined, elsewhere = [tmpdir(), '/var/tmp']): Promise<ChosenNode> {
  const own = { dir: join(dir, 'node'), remove: () => Promise.resolve() };
  if (wanted === 'process') return { ...own, kind: 'process', because: 'pods run as local processes, as asked' };
  const folder = await ordinaryFolder([dir, ...elsewhere]) ?? dir;
  const missing = await missingForExamples(folder);
  if (missing.length > 0 && wanted === 'real') throw new Error(`a real node cannot run here: ${missing.join('; ')}`);
  if (missing.length > 0) return { ...own, kind: 'process', because: `pods run as local processes, not in containers: ${missing.join('; ')}${remedyOf(missing)}` };
  const because = 'pods run in real containers (kubelet and containerd), and the operator runs as one of them';
  if (folder === dir) return { ...own, kind: 'real', because };
  const made = await mkdtemp(join(folder, 'mcp-node-'));
  const remove = (): Promise<void> => rm(made, { recursive: true, force: true });
  return { kind: 'real', because: `${because}; their data are in ${made}, because ${dir} lies on an overlay file system`, dir: made, remove };
}

/** What helps where nothing else is missing. */
function remedyOf(missing: readonly string[]): string {
  return missing.join() === NOT_ROOT ? ' (sudo npm start runs them in containers)' : '';
}

export async function startDemoNode(kind: NodeKind, controlPlane: ControlPlane, options: NodeOptions): Promise<DemoNode> {
  if (kind === 'real') return startWithImages(controlPlane, options);
  return startProcessNode({ controlPlane, dir: options.dir, programs: options.own.programs });
}

async function startWithImages(controlPlane: ControlPlane, { dir, log, signal, own }: NodeOptions): Promise<DemoNode> {
  const node = await startRealNode({ controlPlane, dir, log, signal });
  try {
    log('packing and loading the images');
    await mkdir(join(dir, 'images'), { recursive: true });
    await node.loadImages(await packExampleImages(join(dir, 'images'), await nodeBase(log)));
    for (const archive of own.archives) await loadOwn(node, resolve(archive));
    return node;
  } catch (error) {
    await node.stop();
    throw error;
  }
}

/** What looked like an image may still be damaged within. */
async function loadOwn(node: RealNode, archive: string): Promise<void> {
  await node.loadImages([archive]).catch((error: unknown) => {
    const said = (error as Error).message.trim().split('\n').at(-1);
    throw new UserError(`${archive} cannot be loaded: ${said}`, { cause: error });
  });
}
