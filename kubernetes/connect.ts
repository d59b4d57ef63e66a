// Finds credentials: an explicit kubeconfig, KUBECONFIG, or the pod's service account.
import type { Connection } from './connection.ts';
import { inClusterConnection } from './in-cluster.ts';
import type { KubeconfigOptions } from './kubeconfig.ts';

const THREE_WAYS = 'no Kubernetes credentials: give a kubeconfig file (--kubeconfig FILE), or set KUBECONFIG, or run in a pod that mounts its service account token';

/** There is nothing to connect with; the message says why, and by default the three ways to give credentials. */
export class NoCredentialsError extends Error {
  /** The problem in words for anybody: they name no file and no address. Absent where there are none. */
  readonly told: string | undefined;

  constructor(problem: string = THREE_WAYS, told: string | undefined = problem === THREE_WAYS ? THREE_WAYS : undefined) {
    super(problem);
    this.name = 'NoCredentialsError';
    this.told = told;
  }
}

/** Where to look for credentials, and how to run plugins. `serviceAccountDir` is where a pod mounts its own unless a test says otherwise. */
export interface ConnectOptions extends KubeconfigOptions {
  readonly kubeconfig?: string | undefined;
  readonly serviceAccountDir?: string | undefined;
}

/**
 * Finds credentials: `kubeconfig`, else KUBECONFIG (files separated by `:`), else the pod's service account; never a default address or file.
 * Throws NoCredentialsError when none is given, KubeconfigError when what was given cannot be used. Sends nothing.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { env } = options;
  if (options.kubeconfig) return fromKubeconfig([options.kubeconfig], options);
  const files = (env['KUBECONFIG'] ?? '').split(':').filter((file) => file !== '');
  if (files.length > 0) return fromKubeconfig(files, options);
  const connection = await inClusterConnection(env, options.serviceAccountDir);
  if (connection === undefined) throw new NoCredentialsError();
  if (!URL.canParse(connection.server)) {
    throw new NoCredentialsError(`KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT give no address, but ${connection.server}`);
  }
  return connection;
}

/** Loaded on use: a pod with a service account needs none of it. */
async function fromKubeconfig(files: readonly string[], options: KubeconfigOptions): Promise<Connection> {
  const { kubeconfigConnection } = await import('./kubeconfig.ts');
  return kubeconfigConnection(files, options);
}
