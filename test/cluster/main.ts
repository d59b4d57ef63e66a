// `npm run cluster`: a control plane in the foreground until Ctrl-C. Owns its command line and the order of stopping.
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { startControlPlane } from './control-plane.ts';
import { runInForeground } from './foreground.ts';
import { startProcessNode } from './process-node/process-node.ts';
import type { ProcessNode } from './process-node/process-node.ts';

interface Flags {
  readonly dir: string;
  readonly port?: number;
  readonly processNode: boolean;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new InvalidArgumentError('a number from 1 to 65535 is expected');
  return port;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function run(flags: Flags, signal: AbortSignal): Promise<void> {
  const dir = resolve(flags.dir);
  const plane = await startControlPlane({
    dir,
    log: print,
    signal,
    egressSocket: join(dir, 'egress.sock'),
    ...(flags.port === undefined ? {} : { port: flags.port }),
  });
  let node: ProcessNode | undefined;
  try {
    if (flags.processNode) node = await startProcessNode({ controlPlane: plane, dir: join(dir, 'pods'), log: print });
    print(`\nexport KUBECONFIG=${plane.kubeconfig}\nkubectl: ${plane.binaries.kubectl}\n\nCtrl-C stops it; ${dir} keeps its data and logs.`);
    const aborted = signal.aborted ? undefined : once(signal, 'abort').then(() => undefined);
    const failure = await Promise.race([aborted, plane.failed]);
    if (failure !== undefined) throw failure;
    print('stopping');
  } finally {
    await node?.stop();
    await plane.stop();
  }
}

const program = new Command('cluster')
  .description('Runs etcd, kube-apiserver and kube-controller-manager (Kubernetes 1.36) on loopback ports until Ctrl-C.')
  .requiredOption('--dir <dir>', 'folder for data, logs and the kubeconfig; data of an earlier start are used again')
  .option('--port <port>', "the API server's port on 127.0.0.1 (default: a free one)", parsePort)
  .option('--process-node', 'also register a node that runs pods as local processes', false)
  .addHelpText('after', '\nEnvironment: KUBEBUILDER_ASSETS, XDG_CACHE_HOME, ENVTEST_BASE_URL, KUBERNETES_RELEASE_BASE_URL.');

const flags = program.parse().opts<Flags>();
await runInForeground((signal) => run(flags, signal));
