// Where the API server is and how to be somebody there.

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
