// `npm run cluster`: a control plane, and if asked for a node, in the foreground until Ctrl-C. Owns its command line and the order of stopping.
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import { runInForeground } from './foreground.ts';
import { startProcessNode } from './process-node/process-node.ts';
import { startRealNode } from './real-node/real-node.ts';
import { missingForRealNode } from './real-node/requirements.ts';

const NODES = ['real', 'process', 'none'] as const;

interface Flags {
  readonly dir: string;
  readonly port?: number;
  readonly node: (typeof NODES)[number];
  readonly image: readonly string[];
}

/** A node of either kind, as far as this command needs it. */
interface Node {
  readonly failed?: Promise<Error>;
  stop(): Promise<void>;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new InvalidArgumentError('a number from 1 to 65535 is expected');
  return port;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function run({ node: kind, port, image, ...flags }: Flags, signal: AbortSignal): Promise<void> {
  const dir = resolve(flags.dir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if (kind === 'real') await mustHostRealNode(dir);
  const plane = await startControlPlane({
    dir,
    log: print,
    signal,
    egress: true,
    realKubelet: kind === 'real',
    ...(port === undefined ? {} : { port }),
  });
  let node: Node | undefined;
  try {
    node = await startNode(kind, plane, { images: image, signal });
    print(`\nexport KUBECONFIG=${plane.kubeconfig}\nkubectl: ${plane.binaries.kubectl}\n\nCtrl-C stops it; ${dir} keeps its data and logs.`);
    const aborted = signal.aborted ? undefined : once(signal, 'abort').then(() => undefined);
    const failure = await Promise.race([aborted, plane.failed, ...(node?.failed === undefined ? [] : [node.failed])]);
    if (failure !== undefined) throw failure;
    print('stopping');
  } finally {
    await node?.stop();
    await plane.stop();
  }
}

async function mustHostRealNode(dir: string): Promise<void> {
  const missing = await missingForRealNode(dir);
  if (missing.length > 0) throw new Error(`a real node cannot run here: ${missing.join('; ')}. --node process runs pods as local processes instead.`);
}

async function startNode(
  kind: Flags['node'],
  controlPlane: ControlPlane,
  { images, signal }: { images: readonly string[]; signal: AbortSignal },
): Promise<Node | undefined> {
  if (kind === 'none') return undefined;
  if (kind === 'process') return startProcessNode({ controlPlane, dir: join(controlPlane.dir, 'pods'), log: print });
  const node = await startRealNode({ controlPlane, dir: join(controlPlane.dir, 'node'), log: print, signal });
  if (images.length > 0) print(`loading ${images.length} image archive(s)`);
  await node.loadImages(images.map((file) => resolve(file)));
  print(`\nImages are loaded with --image, or while it runs with:\n  ${node.loader().join(' ')} ARCHIVE\nA shell in the node's network, where pods and Services have their addresses:\n  ${node.enter(['sh']).join(' ')}`);
  return node;
}

const program = new Command('cluster')
  .description('Runs etcd, kube-apiserver and kube-controller-manager (Kubernetes 1.36) until Ctrl-C; only the API server listens, on a loopback port.')
  .requiredOption('--dir <dir>', 'folder for data, logs and the kubeconfig; data of an earlier start are used again')
  .option('--port <port>', "the API server's port on 127.0.0.1 (default: a free one)", parsePort)
  .addOption(new Option('--node <kind>', 'real: kubelet and containerd (root on Linux); process: pods as local processes; none').choices(NODES).default('none'))
  .option('--image <archive...>', 'OCI image archives for the real node, such as `npm run images` writes', [])
  .addHelpText('after', '\nEnvironment: KUBEBUILDER_ASSETS, XDG_CACHE_HOME, ENVTEST_BASE_URL, KUBERNETES_RELEASE_BASE_URL.');

const flags = program.parse().opts<Flags>();
await runInForeground((signal) => run(flags, signal));
