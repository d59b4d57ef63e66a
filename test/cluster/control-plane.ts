// Owns one running control plane: etcd, API server and controller manager in a folder, on loopback ports.
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { obtainBinaries } from './binaries.ts';
import type { Binaries } from './binaries.ts';
import { apiServerArguments, controllerManagerArguments, etcdArguments } from './components.ts';
import { prepareCredentials, writeKubeconfig } from './credentials.ts';
import type { Credentials, User } from './credentials.ts';
import { runKubectl } from './kubectl.ts';
import type { CommandResult, KubectlOptions } from './kubectl.ts';
import { startProcess } from './managed-process.ts';
import type { ManagedProcess } from './managed-process.ts';
import { freePorts } from './ports.ts';

export interface ControlPlaneOptions {
  /** Holds data, keys, logs and the kubeconfig. Data of an earlier start are used again. */
  readonly dir: string;
  /** The API server's port on 127.0.0.1; default: a free one. */
  readonly port?: number;
  readonly log?: (line: string) => void;
  /** Unix socket of an HTTP CONNECT proxy, through which the API server then reaches nodes and pods. */
  readonly egressSocket?: string;
  /** Whether every request is written to `auditLogPath`, one JSON object per line; default true. */
  readonly auditLog?: boolean;
  /** Where the programs come from (see `obtainBinaries`); default: the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ends a start that is not yet complete. */
  readonly signal?: AbortSignal;
}

const READY_LIMIT_MS = 90_000;

/** Starts a control plane and resolves when it is ready to work with. Throws, with what the failing part logged, when it is not. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const log = options.log ?? (() => undefined);
  const { signal } = options;
  const binaries = await obtainBinaries({ env: options.env ?? process.env, log, ...(signal === undefined ? {} : { signal }) });
  const dir = resolve(options.dir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const credentials = await prepareCredentials(dir);
  const free = await freePorts();
  const plane = new ControlPlane({
    dir,
    binaries,
    credentials,
    port: options.port ?? free.api,
    etcdPorts: free,
    signal,
    egressSocket: options.egressSocket,
    auditLogPath: options.auditLog === false ? undefined : join(dir, 'audit.log'),
  });
  try {
    await plane.start(log);
    return plane;
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

interface Settings {
  readonly dir: string;
  readonly binaries: Binaries;
  readonly credentials: Credentials;
  readonly port: number;
  readonly etcdPorts: { client: number; peer: number };
  readonly egressSocket: string | undefined;
  readonly auditLogPath: string | undefined;
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
  /** Undefined when it keeps no audit log. */
  readonly auditLogPath: string | undefined;
  /** Where the API server expects the proxy to nodes and pods. */
  readonly egressSocket: string | undefined;
  /** Resolves when a part ended that nobody asked to end; never rejects. */
  readonly failed: Promise<Error>;
  readonly #settings: Settings;
  readonly #fail: (error: Error) => void;
  readonly #processes = new Map<string, ManagedProcess>();
  readonly #asked = new WeakSet<ManagedProcess>();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.dir = settings.dir;
    this.binaries = settings.binaries;
    this.server = `https://127.0.0.1:${settings.port}`;
    this.kubeconfig = join(settings.dir, 'kubeconfig');
    this.adminToken = settings.credentials.tokens.admin;
    this.auditLogPath = settings.auditLogPath;
    this.egressSocket = settings.egressSocket;
    const { promise, resolve: fail } = Promise.withResolvers<Error>();
    this.failed = promise;
    this.#fail = fail;
  }

  /** Starts all parts; called once, by `startControlPlane`. */
  async start(log: (line: string) => void): Promise<void> {
    const { dir, binaries, credentials, etcdPorts } = this.#settings;
    log('starting etcd and the API server');
    await this.#run('etcd', binaries.etcd, etcdArguments(dir, etcdPorts));
    await this.startApiServer();
    log('starting the controller manager');
    const kubeconfig = await this.kubeconfigFor('system:kube-controller-manager');
    const args = controllerManagerArguments({ kubeconfig, caFile: this.certificateFile, credentials });
    await this.#run('kube-controller-manager', binaries.controllerManager, args);
    await this.#until('the default ServiceAccount', async () => (await this.#status('/api/v1/namespaces/default/serviceaccounts/default')) === 200);
    log(`the control plane is ready at ${this.server}`);
  }

  /** The API server's serving certificate followed by the CA that signed it (PEM); its key lies beside it as `apiserver.key`. */
  get certificateFile(): string {
    return join(this.dir, 'certificates', 'apiserver.crt');
  }

  /** Starts the API server on its port, waits until it is ready and writes the kubeconfig. */
  async startApiServer(): Promise<void> {
    const { dir, port, etcdPorts, credentials, auditLogPath, egressSocket, binaries } = this.#settings;
    const args = await apiServerArguments({ dir, port, etcdPort: etcdPorts.client, credentials, auditLogPath, egressSocket });
    await this.#run('kube-apiserver', binaries.apiServer, args);
    await this.#until('the API server', async () => (await this.#status('/readyz')) === 200);
    await this.kubeconfigFor('admin', this.kubeconfig);
  }

  /** Ends the API server at once, as a crash does, and resolves when it is gone. */
  async killApiServer(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const apiServer = this.#processes.get('kube-apiserver');
    if (apiServer === undefined) return;
    this.#asked.add(apiServer);
    apiServer.signal(signal);
    await apiServer.exited;
  }

  /** Ends the API server in good order and starts it again, same port, same data. */
  async restartApiServer(): Promise<void> {
    await this.#stop('kube-apiserver');
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
    for (const name of ['kube-controller-manager', 'kube-apiserver', 'etcd']) await this.#stop(name);
  }

  async #stop(name: string): Promise<void> {
    const part = this.#processes.get(name);
    if (part === undefined) return;
    this.#asked.add(part);
    await part.stop();
  }

  async #run(name: string, command: string, args: readonly string[]): Promise<void> {
    const env = { PATH: '/usr/bin:/bin', HOME: this.dir };
    const part = await startProcess({ name, command, args, env, logFile: join(this.dir, `${name}.log`), cwd: this.dir });
    this.#processes.set(name, part);
    void part.exited.then(({ code, signal }) => {
      if (this.#asked.has(part)) return;
      this.#fail(new Error(`${name} ended (${signal ?? `exit code ${code}`}); the end of its log:\n${part.logTail()}`));
    });
  }

  async #until(what: string, done: () => Promise<boolean>): Promise<void> {
    let failure: Error | undefined;
    void this.failed.then((error) => (failure = error));
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!(await done())) {
      this.#settings.signal?.throwIfAborted();
      if (failure !== undefined) throw failure;
      if (Date.now() > deadline) throw new Error(`${what} is not there after ${READY_LIMIT_MS / 1000} s; see the logs in ${this.dir}`);
      await sleep(50);
    }
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
