// Everything `npm start` runs, started in order and stopped in reverse.
import { join } from 'node:path';
import { KubernetesClient } from '../../../kubernetes/client.ts';
import { connect } from '../../../kubernetes/connect.ts';
import { Informer } from '../../../kubernetes/informer.ts';
import { ENDPOINT_SLICES } from '../../../kubernetes/objects.ts';
import { MCP_SERVERS, type MCPServerObject } from '../../../reconciler/kinds.ts';
import { startControlPlane, type ControlPlane } from '../control-plane.ts';
import { connectThrough } from '../egress-proxy.ts';
import { startProcess } from '../managed-process.ts';
import { startDashboard } from './dashboard.ts';
import type { Applied } from './examples.ts';
import { Forwarders, type EndpointSlice } from './forwarders.ts';
import { holdsCredentials } from './holds-credentials.ts';
import type { Own } from './own/own.ts';
import { startDemoNode, type DemoNode, type NodeKind } from './node.ts';
import { portsOf } from './stable-ports.ts';
import { freePort } from '../ports.ts';

const ROOT = join(import.meta.dirname, '../../..');

export interface StackOptions {
  readonly node: NodeKind;
  /** Fresh folder for data, logs and the kubeconfig; by its path ports are chosen, which are the same where it is. */
  readonly dir: string;
  /** Fresh folder for the node: images, containers and pods. */
  readonly nodeDir: string;
  readonly applied: Applied;
  /** What is brought to run. */
  readonly own: Pick<Own, 'archives' | 'programs'>;
  /** What clients show to servers that hold credentials. */
  readonly token: string;
  readonly log: (line: string) => void;
  /** Ends a start that is not yet complete. */
  readonly signal: AbortSignal;
}

/** A running stack. Whoever started it calls `stop`. */
export interface Stack {
  readonly plane: ControlPlane;
  readonly servers: Informer<MCPServerObject>;
  /** The ways to them from this machine. */
  readonly forwarders: Forwarders;
  /** URL of the dashboard, with its token. */
  readonly dashboard: string;
  /** Rejects when a part ended that nobody asked to end; never resolves. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** Starts all parts and applies the installation and the examples. Throws, everything stopped, when a part cannot start. */
export async function startStack({ node: kind, dir, nodeDir, applied, own, token, log, signal }: StackOptions): Promise<Stack> {
  const cleanups: (() => Promise<unknown> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  };
  try {
    const port = await freePort('127.0.0.1', portsOf(`${dir} API server`));
    const plane = await startControlPlane({ dir, log, signal, port, egress: true, realKubelet: kind === 'real' });
    cleanups.push(() => plane.stop());
    log('starting the node');
    const node: DemoNode = await startDemoNode(kind, plane, { dir: nodeDir, own, log, signal });
    cleanups.push(() => node.stop());
    const operator = await (kind === 'real' ? installOperator(plane, log) : startOperator(plane, log));
    cleanups.push(() => operator.stop());
    log(`applying ${applied.said}`);
    await apply(plane, { args: ['-f', '-'], input: [...applied.manifests.values()].join('\n---\n') }, log);
    const { servers, forwarders, stopWatching } = await watchServers(plane, token);
    cleanups.push(stopWatching);
    const dashboard = await startDashboard(plane, signal);
    cleanups.push(() => dashboard.stop());
    const failed = Promise.race([plane.failed, operator.failed, dashboard.failed, ...(node.failed === undefined ? [] : [node.failed])]);
    return { plane, servers, forwarders, dashboard: dashboard.url, failed: failed.then((error) => Promise.reject(error)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The operator, wherever it runs. */
interface RunningOperator {
  /** Resolves when it ended and nobody asked it to. */
  readonly failed: Promise<Error>;
  stop(): Promise<unknown>;
}

const CRD = ['-f', join(ROOT, 'dist/crd.k8s.yaml')];

/** As a process of this machine, outside the cluster. */
async function startOperator(plane: ControlPlane, log: (line: string) => void): Promise<RunningOperator> {
  const { kubeconfig, dir } = plane;
  await apply(plane, { args: ['--server-side', ...CRD] }, log);
  // Before its names are accepted its conditions are null, at which kubectl fails instead of waiting.
  for (const what of ['jsonpath={.status.acceptedNames.kind}=MCPServer', 'condition=Established']) await mustSucceed(plane, ['wait', `--for=${what}`, 'crd/mcpservers.mcp.example.com', '--timeout=30s']);
  log('starting the operator');
  const args = ['run', '--kubeconfig', kubeconfig, '--metrics-bind-address', '0', '--health-probe-bind-address', '0'];
  const operator = await startProcess({
    name: 'operator',
    command: process.execPath,
    args: [join(ROOT, 'reconciler/main.ts'), ...args],
    env: { PATH: '/usr/bin:/bin', HOME: dir },
    logFile: join(dir, 'operator.log'),
  });
  return { failed: operator.exited.then(() => new Error(`the operator ended:\n${operator.logTail()}`)), stop: () => operator.stop() };
}

/** In the cluster, as its users install it. It goes with the cluster. */
async function installOperator(plane: ControlPlane, log: (line: string) => void): Promise<RunningOperator> {
  log('installing the operator');
  await apply(plane, { args: ['--server-side', ...CRD, '-f', join(ROOT, 'dist/operator.k8s.yaml')] }, log);
  await mustSucceed(plane, ['-n', 'mcp-operator-system', 'rollout', 'status', 'deployment/mcp-operator', '--timeout=50s']);
  return { failed: new Promise(() => undefined), stop: () => Promise.resolve() };
}

/** What kubectl is told, and what it reads. */
interface Kubectl {
  readonly args: readonly string[];
  readonly input?: string;
}

async function apply(plane: ControlPlane, { args, input }: Kubectl, log: (line: string) => void): Promise<void> {
  const lines = (await mustSucceed(plane, ['apply', ...args], input)).trim().split('\n');
  log(`  ${lines.length} objects applied`);
}

async function mustSucceed(plane: ControlPlane, args: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await plane.kubectl(args, { input });
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} failed:\n${stderr || stdout}`);
  return stdout;
}

/** Follows the MCPServers, and opens ways to them. */
async function watchServers(plane: ControlPlane, token: string): Promise<Pick<Stack, 'servers' | 'forwarders'> & { stopWatching: () => Promise<void> }> {
  const client = new KubernetesClient(await connect({ kubeconfig: plane.kubeconfig, env: {} }), { userAgent: 'npm-start' });
  const servers = new Informer<MCPServerObject>({ client, type: MCP_SERVERS });
  const slices = new Informer<EndpointSlice>({ client, type: ENDPOINT_SLICES });
  const forwarders = new Forwarders({
    slices,
    connect: (target) => connectThrough(plane.egressSocket ?? '', target),
    token,
    ports: (service) => portsOf(`${plane.dir} ${service}`),
    takesToken: (service) => {
      const [namespace = '', name = ''] = service.split('/');
      const server = servers.get({ namespace, name });
      return server === undefined || holdsCredentials(server.spec);
    },
  });
  const ending = new AbortController();
  const running = Promise.all([servers.run(ending.signal), slices.run(ending.signal)]);
  const stopWatching = async (): Promise<void> => {
    ending.abort();
    await running;
    for (const each of [forwarders, client]) each.close();
  };
  await servers.synced;
  return { servers, forwarders, stopWatching };
}
