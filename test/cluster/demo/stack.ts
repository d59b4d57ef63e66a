// Everything `npm start` runs, started in order and stopped in reverse.
import { join } from 'node:path';
import { KubernetesClient } from '../../../kubernetes/client.ts';
import { connect } from '../../../kubernetes/connect.ts';
import { Informer } from '../../../kubernetes/informer.ts';
import { MCP_SERVERS, type MCPServerObject } from '../../../reconciler/kinds.ts';
import { startControlPlane, type ControlPlane } from '../control-plane.ts';
import { startProcess } from '../managed-process.ts';
import { startProcessNode, type ProcessNode } from '../process-node/process-node.ts';

const ROOT = join(import.meta.dirname, '../../..');

export interface StackOptions {
  /** Fresh folder for data, logs and pods. */
  readonly dir: string;
  readonly log: (line: string) => void;
  /** Ends a start that is not yet complete. */
  readonly signal: AbortSignal;
}

/** A running stack. Whoever started it calls `stop`. */
export interface Stack {
  readonly plane: ControlPlane;
  readonly node: ProcessNode;
  readonly servers: Informer<MCPServerObject>;
  /** Process id of the operator. */
  readonly operatorPid: number;
  /** Rejects when a part ended that nobody asked to end; never resolves. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** Starts all parts and applies the CRD and the examples. Throws, everything stopped, when a part cannot start. */
export async function startStack({ dir, log, signal }: StackOptions): Promise<Stack> {
  const cleanups: (() => Promise<unknown> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  };
  try {
    const plane = await startControlPlane({ dir, log, signal, egressSocket: join(dir, 'egress.sock') });
    cleanups.push(() => plane.stop());
    await apply(plane, ['--server-side', '-f', join(ROOT, 'dist/crd.k8s.yaml')], log);
    // Before its names are accepted its conditions are null, at which kubectl fails instead of waiting.
    for (const what of ['jsonpath={.status.acceptedNames.kind}=MCPServer', 'condition=Established']) await mustSucceed(plane, ['wait', `--for=${what}`, 'crd/mcpservers.mcp.example.com', '--timeout=30s']);

    log('starting the process node');
    const node = await startProcessNode({ controlPlane: plane, dir: join(dir, 'pods') });
    cleanups.push(() => node.stop());

    log('starting the operator');
    const operator = await startOperator(plane);
    cleanups.push(() => operator.stop());

    log('applying examples/');
    await apply(plane, ['-f', join(ROOT, 'examples')], log);
    const { servers, stopWatching } = await watchServers(plane);
    cleanups.push(stopWatching);
    const failed = Promise.race([plane.failed, operator.exited.then(() => new Error(`the operator ended:\n${operator.logTail()}`))]);
    return { plane, node, servers, operatorPid: operator.pid, failed: failed.then((error) => Promise.reject(error)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startOperator({ kubeconfig, dir }: ControlPlane): ReturnType<typeof startProcess> {
  const args = ['run', '--kubeconfig', kubeconfig, '--metrics-bind-address', '0', '--health-probe-bind-address', '0'];
  return startProcess({
    name: 'operator',
    command: process.execPath,
    args: [join(ROOT, 'reconciler/main.ts'), ...args],
    env: { PATH: '/usr/bin:/bin', HOME: dir },
    logFile: join(dir, 'operator.log'),
  });
}

async function apply(plane: ControlPlane, args: readonly string[], log: (line: string) => void): Promise<void> {
  for (const line of (await mustSucceed(plane, ['apply', ...args])).trim().split('\n')) log(`  ${line}`);
}

async function mustSucceed(plane: ControlPlane, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await plane.kubectl(args);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} failed:\n${stderr || stdout}`);
  return stdout;
}

async function watchServers(plane: ControlPlane): Promise<{ servers: Informer<MCPServerObject>; stopWatching: () => Promise<void> }> {
  const client = new KubernetesClient(await connect({ kubeconfig: plane.kubeconfig, env: {} }), { userAgent: 'npm-start' });
  const servers = new Informer<MCPServerObject>({ client, type: MCP_SERVERS });
  const ending = new AbortController();
  const running = servers.run(ending.signal);
  const stopWatching = async (): Promise<void> => {
    ending.abort();
    await running;
    client.close();
  };
  await servers.synced;
  return { servers, stopWatching };
}
