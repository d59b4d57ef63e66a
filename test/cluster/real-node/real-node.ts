// A real node beside a control plane: kubelet, containerd, kube-proxy and DNS in namespaces of their own, with real containers.
// Nothing of the host is changed but a folder, and cgroups while it runs.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Node } from '@kubernetes/client-node';
import type { ControlPlane } from '../control-plane.ts';
import { REAL_NODE_NAME } from '../credentials.ts';
import type { ManagedProcess } from '../managed-process.ts';
import { Parts } from '../parts.ts';
import { joinTo } from '../streams.ts';
import { cgroupName, makeCgroup, removeAbandonedCgroups, removeCgroup } from './cgroups.ts';
import { NODE_ADDRESS, nodeFiles } from './configuration.ts';
import { makeNamespaces, type Namespaces } from './namespaces.ts';
import { packPause } from './images.ts';
import { obtainNodePrograms, type NodePrograms } from './programs.ts';
import { HOST_ENVIRONMENT } from './requirements.ts';

export interface RealNodeOptions {
  /** Must have been started with an egress socket and `realKubelet`. */
  readonly controlPlane: ControlPlane;
  /** Holds images, containers and logs; on an ordinary file system. */
  readonly dir: string;
  readonly log?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** All that is started inside. */
const PARTS = ['inside', 'containerd', 'kubelet', 'kube-proxy'];
/** Arguments of ctr. */
const IMPORT = ['-n', 'k8s.io', 'images', 'import', '--local'];
/** kube-proxy would tell every pod how it is. */
const CLOSED = ['--healthz-bind-address', '', '--metrics-bind-address', ''];
const STOP_GRACE_MS = 10_000;
const INSIDE = join(import.meta.dirname, 'inside/main.ts');
let nodes = 0;

/** Starts the node and resolves when pods can be scheduled on it. Slow (minutes) where its programs must be built first. Throws, everything stopped, when it does not come up. */
export async function startRealNode(options: RealNodeOptions): Promise<RealNode> {
  const { controlPlane: plane, log = () => undefined, signal } = options;
  if (plane.egressSocket === undefined || plane.kubeletClient === undefined) throw new Error('the control plane of a real node needs an egress socket and a client certificate for the kubelet');
  const programs = await obtainNodePrograms({ env: process.env, log, ...(signal === undefined ? {} : { signal }) });
  const cgroup = cgroupName(nodes++);
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  await removeAbandonedCgroups();
  await makeCgroup(cgroup);
  let namespaces: Namespaces | undefined;
  try {
    namespaces = await makeNamespaces(options.dir, REAL_NODE_NAME);
    const node = new RealNode({ plane, programs, cgroup, namespaces, dir: options.dir, signal });
    const files = nodeFiles({ dir: options.dir, cniBin: programs.cni, cgroup, kubeletClient: plane.kubeletClient });
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(options.dir, file)), { recursive: true });
      await writeFile(join(options.dir, file), text);
    }
    await node.start(log);
    return node;
  } catch (error) {
    await namespaces?.end();
    await removeCgroup(cgroup);
    throw error;
  }
}

interface Settings {
  readonly plane: ControlPlane;
  readonly programs: NodePrograms;
  readonly cgroup: string;
  readonly namespaces: Namespaces;
  readonly dir: string;
  readonly signal: AbortSignal | undefined;
}

/** Gives the Service `kubernetes` the address at which pods find the API server: its own, a loopback address, is refused in endpoints. */
async function publishApiServer(plane: ControlPlane): Promise<void> {
  const slice = {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    endpoints: [{ addresses: [NODE_ADDRESS], conditions: { ready: true } }],
    ports: [{ name: 'https', port: plane.port, protocol: 'TCP' }],
  };
  const { code, stderr } = await plane.kubectl(['apply', '--server-side', '-f', '-'], { input: JSON.stringify(slice) });
  if (code !== 0) throw new Error(`the address of the API server cannot be published: ${stderr}`);
}

/** A running node. Made by `startRealNode`; whoever started it calls `stop`, before stopping its control plane. */
export class RealNode {
  /** Resolves when a part ended that nobody asked to end; never rejects. */
  readonly failed: Promise<Error>;
  readonly #settings: Settings;
  readonly #parts: Parts;
  readonly #apiSocket = createServer((client) => joinTo({ host: '127.0.0.1', port: this.#settings.plane.port }, client));

  constructor(settings: Settings) {
    this.#settings = settings;
    const { dir, signal, programs } = settings;
    this.#parts = new Parts({ dir, signal, env: { PATH: `${programs.containerd}:${HOST_ENVIRONMENT.PATH}`, HOME: dir } });
    this.failed = this.#parts.failed;
  }

  /** Starts all parts; called once, by `startRealNode`. */
  async start(log: (line: string) => void): Promise<void> {
    const { plane, programs, dir } = this.#settings;
    log('starting containerd, kubelet, kube-proxy and cluster DNS');
    await this.#startWaysToApiServer();
    await plane.startScheduler(join(programs.kubernetes, 'kube-scheduler'));
    await this.#startContainerd();
    await this.loadImages([await packPause(programs.pause, dir)]);
    await this.#startKubelet();
    const proxyConfig = await plane.kubeconfigFor('system:kube-proxy');
    const conntrack = ['--conntrack-max-per-core', '0', '--conntrack-tcp-timeout-established', '0', '--conntrack-tcp-timeout-close-wait', '0'];
    await this.#startInside('kube-proxy', join(programs.kubernetes, 'kube-proxy'), ['--kubeconfig', proxyConfig, '--hostname-override', REAL_NODE_NAME, '--proxy-mode', 'nftables', ...conntrack, ...CLOSED]);
    log('the node is ready for pods');
  }

  /** Imports OCI image archives, under the names they carry. */
  async loadImages(archives: readonly string[]): Promise<void> {
    for (const archive of archives) await this.run([this.#ctr, ...IMPORT, archive]);
  }

  /** The command line that does the same from the host, while the node runs: the archive is to be added as its last part. */
  loader(): string[] {
    return this.enter([this.#ctr, ...IMPORT]);
  }

  /** Ends a container at once, as a crash does; its id as pods' status has it. */
  async killContainer(id: string): Promise<void> {
    await this.run([this.#ctr, '-n', 'k8s.io', 'tasks', 'kill', '-s', 'SIGKILL', id.replace('containerd://', '')]);
  }

  /** Runs a command in the node's network, where pods and Services have their addresses; throws with what it wrote when it fails. */
  run(command: readonly string[]): Promise<string> {
    return this.#settings.namespaces.run(command);
  }

  /** The command line that runs a command as `run` does. */
  enter(command: readonly string[]): string[] {
    return this.#settings.namespaces.enter(command);
  }

  /** Ends kubelet and containerd and starts them again, as an upgrade of the node does; containers run on. */
  async restart(): Promise<void> {
    await this.#stopInside('kubelet');
    await this.#stopInside('containerd');
    await this.#startContainerd();
    await this.#startKubelet();
  }

  /** Ends everything at once, containers too; folder and control plane stay. */
  async stop(): Promise<void> {
    const { namespaces, cgroup } = this.#settings;
    for (const name of PARTS) this.#parts.ending(name);
    await namespaces.end();
    for (const name of PARTS) await this.#parts.stop(name);
    this.#apiSocket.close();
    await removeCgroup(cgroup);
  }

  get #ctr(): string {
    return join(this.#settings.programs.containerd, 'ctr');
  }

  async #startWaysToApiServer(): Promise<void> {
    const { plane } = this.#settings;
    const socket = join(plane.sockets, 'api.sock');
    await rm(socket, { force: true });
    await new Promise<void>((resolve, reject) => this.#apiSocket.once('error', reject).listen(socket, resolve));
    const args = ['--port', String(plane.port), '--api-socket', socket, '--egress-socket', plane.egressSocket ?? '', '--kubeconfig', plane.kubeconfig];
    const inside = await this.#startInside('inside', process.execPath, [INSIDE, ...args]);
    await this.#parts.until('the way to the API server', () => Promise.resolve(inside.logTail().includes('ready')));
    await publishApiServer(plane);
  }

  async #startContainerd(): Promise<void> {
    const { programs, dir } = this.#settings;
    await this.#startInside('containerd', join(programs.containerd, 'containerd'), ['--config', join(dir, 'containerd.toml')]);
    await this.#parts.until('containerd', () => this.run([this.#ctr, 'version']).then(() => true, () => false));
  }

  /** Resolves when the kubelet has said that pods can be scheduled; by then it has read the kernel settings. */
  async #startKubelet(): Promise<void> {
    const { plane, programs, dir, namespaces } = this.#settings;
    const started = Math.floor(Date.now() / 1000) * 1000;
    await namespaces.coverKernelSettings();
    const kubeconfig = await plane.kubeconfigFor(`system:node:${REAL_NODE_NAME}`);
    const args = ['--config', join(dir, 'kubelet.yaml'), '--kubeconfig', kubeconfig, '--hostname-override', REAL_NODE_NAME, '--node-ip', NODE_ADDRESS, '--v', '2'];
    await this.#startInside('kubelet', join(programs.kubernetes, 'kubelet'), args);
    await this.#parts.until('a schedulable node', () => this.#schedulableSince(started));
    await namespaces.uncoverKernelSettings();
  }

  async #schedulableSince(time: number): Promise<boolean> {
    const { stdout, code } = await this.#settings.plane.kubectl(['get', 'node', REAL_NODE_NAME, '-o', 'json']);
    if (code !== 0) return false;
    const { spec, status } = JSON.parse(stdout) as V1Node;
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    // An earlier start has left a Ready behind.
    return ready?.status === 'True' && Date.parse(String(ready.lastHeartbeatTime)) >= time && (spec?.taints ?? []).length === 0;
  }

  /** Starts a program in the namespaces. */
  #startInside(name: string, program: string, args: readonly string[]): Promise<ManagedProcess> {
    const [command = '', ...rest] = this.#settings.namespaces.enter([program, ...args]);
    return this.#parts.start(name, command, rest);
  }

  /** Asks the program itself: nsenter, which waits for it, would end first. */
  async #stopInside(name: string): Promise<void> {
    const part = this.#parts.ending(name);
    if (part === undefined) return;
    const [child] = (await readFile(`/proc/${part.pid}/task/${part.pid}/children`, 'utf8').catch(() => '')).trim().split(' ');
    if (child) process.kill(Number(child), 'SIGTERM');
    await Promise.race([part.exited, sleep(STOP_GRACE_MS, undefined, { ref: false })]);
    await part.stop();
  }
}
