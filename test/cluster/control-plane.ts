// Owns one running control plane: etcd, API server and controller manager in a folder. The API server alone listens on a port.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { obtainBinaries } from './binaries.ts';
import type { Binaries } from './binaries.ts';
import { apiServerArguments, controllerManagerArguments, etcdArguments, etcdSocket, schedulerArguments } from './components.ts';
import type { KubeletClient } from './components.ts';
import { prepareCredentials, prepareKubeletClient, writeKubeconfig } from './credentials.ts';
import type { Credentials, User } from './credentials.ts';
import { runKubectl } from './kubectl.ts';
import type { CommandResult, KubectlOptions } from './kubectl.ts';
import { Parts } from './parts.ts';
import { freePort } from './ports.ts';
import { socketFolder } from './sockets.ts';

export interface ControlPlaneOptions {
  /** Holds data, keys, logs and the kubeconfig. Data of an earlier start are used again. */
  readonly dir: string;
  /** The API server's port on 127.0.0.1; default: a free one. */
  readonly port?: number;
  readonly log?: (line: string) => void;
  /** Whether the API server reaches nodes and pods through an HTTP CONNECT proxy, which is to listen at `egressSocket`. Default false. */
  readonly egress?: boolean;
  /** Whether its node is a real kubelet, which lets in none but the API server; needs openssl. Default false. */
  readonly realKubelet?: boolean;
  /** Whether every request is written to `auditLogPath`, one JSON object per line; default true. */
  readonly auditLog?: boolean;
  /** An earlier release of up to three, such as `1.33`, whose features the API server has; default: its own. */
  readonly emulated?: string;
  /** Above so many MiB each of its programs collects garbage before anything else; default 1536. Some 8,000 MCPServers fill that. */
  readonly memoryMiB?: number;
  /** Where the programs come from (see `obtainBinaries`); default: the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ends a start that is not yet complete. */
  readonly signal?: AbortSignal;
}

/** Starts a control plane and resolves when it is ready to work with. Throws, with what the failing part logged, when it is not. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const log = options.log ?? (() => undefined);
  const { signal } = options;
  const binaries = await obtainBinaries({ env: options.env ?? process.env, log, ...(signal === undefined ? {} : { signal }) });
  const dir = resolve(options.dir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const credentials = await prepareCredentials(dir);
  const sockets = await socketFolder(dir);
  const plane = new ControlPlane({
    dir,
    binaries,
    credentials,
    sockets,
    port: options.port ?? (await freePort()),
    signal,
    egressSocket: options.egress === true ? join(sockets, 'egress.sock') : undefined,
    kubeletClient: options.realKubelet === true ? await prepareKubeletClient(dir) : undefined,
    emulated: options.emulated,
    auditLogPath: options.auditLog === false ? undefined : join(dir, 'audit.log'),
    memoryMiB: options.memoryMiB ?? MEMORY_MIB,
  });
  try {
    await plane.start(log);
    return plane;
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

/** Go programs that live some minutes: a fifth less computing for more memory, which is bounded. */
const LAVISH = { GOGC: '400' };
const MEMORY_MIB = 1536;

interface Settings {
  readonly dir: string;
  readonly binaries: Binaries;
  readonly credentials: Credentials;
  readonly port: number;
  readonly sockets: string;
  readonly egressSocket: string | undefined;
  readonly kubeletClient: KubeletClient | undefined;
  readonly emulated: string | undefined;
  readonly auditLogPath: string | undefined;
  readonly memoryMiB: number;
  readonly signal: AbortSignal | undefined;
}

/** A running control plane. Made by `startControlPlane`; whoever started it calls `stop`. */
export class ControlPlane {
  readonly dir: string;
  readonly binaries: Binaries;
  /** URL of the API server. */
  readonly server: string;
  /** Path of a kubeconfig that may do everything. */
  readonly kubeconfig: string;
  readonly adminToken: string;
  /** Unix socket of etcd, where objects can be put as another API server left them. */
  readonly etcd: string;
  /** Folder for unix sockets, which only its owner can enter; not always below `dir`. */
  readonly sockets: string;
  /** Undefined when it keeps no audit log. */
  readonly auditLogPath: string | undefined;
  /** Port of the API server on 127.0.0.1. */
  readonly port: number;
  /** Where the API server expects the proxy to nodes and pods. */
  readonly egressSocket: string | undefined;
  /** By which a real kubelet knows the API server. */
  readonly kubeletClient: KubeletClient | undefined;
  /** Resolves when a part ended that nobody asked to end; never rejects. */
  readonly failed: Promise<Error>;
  readonly #settings: Settings;
  readonly #parts: Parts;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.dir = settings.dir;
    this.port = settings.port;
    this.binaries = settings.binaries;
    this.server = `https://127.0.0.1:${settings.port}`;
    this.kubeconfig = join(settings.dir, 'kubeconfig');
    this.adminToken = settings.credentials.tokens.admin;
    this.sockets = settings.sockets;
    this.etcd = etcdSocket(settings.sockets);
    this.auditLogPath = settings.auditLogPath;
    this.egressSocket = settings.egressSocket;
    this.kubeletClient = settings.kubeletClient;
    const { dir, signal, memoryMiB } = settings;
    this.#parts = new Parts({ dir, signal, env: { PATH: '/usr/bin:/bin', HOME: dir, ...LAVISH, GOMEMLIMIT: `${memoryMiB}MiB` } });
    this.failed = this.#parts.failed;
  }

  /** Starts all parts; called once, by `startControlPlane`. */
  async start(log: (line: string) => void): Promise<void> {
    const { dir, binaries, credentials, sockets } = this.#settings;
    log('starting etcd and the API server');
    await this.#parts.start('etcd', binaries.etcd, etcdArguments(dir, sockets));
    await this.startApiServer();
    log('starting the controller manager');
    const kubeconfig = await this.kubeconfigFor('system:kube-controller-manager');
    const args = controllerManagerArguments({ kubeconfig, caFile: this.certificateFile, credentials });
    await this.#parts.start('kube-controller-manager', binaries.controllerManager, args);
    await this.#parts.until('the default ServiceAccount', async () => (await this.#status('/api/v1/namespaces/default/serviceaccounts/default')) === 200);
    log(`the control plane is ready at ${this.server}`);
  }

  /** The API server's serving certificate followed by the CA that signed it (PEM); its key lies beside it as `apiserver.key`. */
  get certificateFile(): string {
    return join(this.dir, 'certificates', 'apiserver.crt');
  }

  /** Starts the API server on its port, waits until it is ready and writes the kubeconfig. */
  async startApiServer(): Promise<void> {
    const { binaries, ...settings } = this.#settings;
    const args = await apiServerArguments({ ...settings, etcdSocket: this.etcd });
    await this.#parts.start('kube-apiserver', binaries.apiServer, args);
    await this.#parts.until('the API server', async () => (await this.#status('/readyz')) === 200);
    await this.kubeconfigFor('admin', this.kubeconfig);
  }

  /** Starts a scheduler, unless one runs; only nodes that do not bind pods themselves need one. */
  async startScheduler(program: string): Promise<void> {
    if (this.#parts.has('kube-scheduler')) return;
    await this.#parts.start('kube-scheduler', program, schedulerArguments(await this.kubeconfigFor('system:kube-scheduler')));
  }

  /** Ends the API server at once, as a crash does, and resolves when it is gone. */
  async killApiServer(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const apiServer = this.#parts.ending('kube-apiserver');
    apiServer?.signal(signal);
    await apiServer?.exited;
  }

  /** Ends the API server in good order and starts it again, same port, same data. */
  async restartApiServer(): Promise<void> {
    await this.#parts.stop('kube-apiserver');
    await this.startApiServer();
  }

  /** Writes a kubeconfig for one of the users known by token, by default to `<dir>/<user>.kubeconfig`. */
  async kubeconfigFor(user: User, file = join(this.dir, `${user.replaceAll(':', '-')}.kubeconfig`)): Promise<string> {
    const ca = await readFile(this.certificateFile);
    return writeKubeconfig(file, { server: this.server, ca, token: this.#settings.credentials.tokens[user] });
  }

  /** Runs the real kubectl as admin. Resolves whatever its exit code is. */
  kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<CommandResult> {
    return runKubectl(this.binaries.kubectl, args, { kubeconfig: this.kubeconfig, ...options });
  }

  /** Ends all parts and resolves when they are gone. The folder stays. */
  async stop(): Promise<void> {
    for (const name of ['kube-scheduler', 'kube-controller-manager', 'kube-apiserver', 'etcd']) await this.#parts.stop(name);
    await rm(this.sockets, { recursive: true, force: true });
  }

  /** HTTP status of a GET as admin, 0 when there is no answer. */
  async #status(path: string): Promise<number> {
    const authorization = (): Promise<string> => Promise.resolve(`Bearer ${this.adminToken}`);
    let client: KubernetesClient | undefined;
    try {
      const ca = await readFile(this.certificateFile);
      client = new KubernetesClient({ server: this.server, inCluster: false, tls: { ca }, authorization }, { requestTimeoutMs: 5000 });
      return (await client.request('GET', path)).status;
    } catch {
      return 0;
    } finally {
      client?.close();
    }
  }
}
