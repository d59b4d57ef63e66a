// Where the API server is and how to be somebody there: an explicit kubeconfig, KUBECONFIG, or the pod's service account.
import { inClusterConnection } from './in-cluster.ts';
import { kubeconfigConnection } from './kubeconfig.ts';

/** TLS settings of a connection, as node:tls takes them. */
export interface TlsSettings {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
}

/** One API server and one identity. */
export interface Connection {
  /** Base URL, `http:` or `https:`, possibly with a path, without a trailing slash. */
  readonly server: string;
  readonly inCluster: boolean;
  /** The namespace of the kubeconfig's context or of the pod. */
  readonly namespace?: string;
  readonly tls: TlsSettings;
  /** Sent with every request, such as `Impersonate-User`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** HTTP proxy between here and the API server. */
  readonly proxyUrl?: string;
  /** The Authorization header, asked for each request so that rotated tokens work; undefined when there is none. */
  authorization(): Promise<string | undefined>;
}

/** There is nothing to connect with; the message says the three ways to give credentials. */
export class NoCredentialsError extends Error {
  constructor() {
    super(
      'no Kubernetes credentials: give a kubeconfig file (--kubeconfig FILE), or set KUBECONFIG, ' +
        'or run in a pod that mounts its service account token',
    );
    this.name = 'NoCredentialsError';
  }
}

/** Where to look for credentials. `serviceAccountDir` is where a pod mounts them unless a test says otherwise. */
export interface ConnectOptions {
  readonly kubeconfig?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly serviceAccountDir?: string | undefined;
}

/**
 * Finds credentials: `kubeconfig`, else KUBECONFIG (files separated by `:`), else the pod's service account; never a default address or file.
 * Throws NoCredentialsError when none is given, KubeconfigError when what was given cannot be used. Sends nothing.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { env } = options;
  if (options.kubeconfig) return kubeconfigConnection([options.kubeconfig]);
  const files = (env['KUBECONFIG'] ?? '').split(':').filter((file) => file !== '');
  if (files.length > 0) return kubeconfigConnection(files);
  const connection = await inClusterConnection(env, options.serviceAccountDir);
  if (connection === undefined) throw new NoCredentialsError();
  return connection;
}
