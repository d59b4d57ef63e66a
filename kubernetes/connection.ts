// Where the API server is and how to be somebody there.

/** TLS settings of a connection that never change, as node:tls takes them. */
export interface TlsSettings {
  readonly ca?: string | Buffer;
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
}

/** A certificate by which the API server knows a client, and its key, both PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** As whom a request is sent. */
export interface Identity {
  /** The Authorization header; undefined when there is none. */
  readonly authorization: string | undefined;
  readonly certificate: ClientCertificate | undefined;
}

/** One API server and one identity. */
export interface Connection {
  /** Base URL, `http:` or `https:`, possibly with a path, without a trailing slash. */
  readonly server: string;
  readonly inCluster: boolean;
  /** The namespace of the kubeconfig's context or of the pod. */
  readonly namespace?: string;
  readonly tls: TlsSettings;
  /** Sent with every request, such as `Impersonate-User`; a list is a header for each. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** HTTP proxy between here and the API server. */
  readonly proxyUrl?: string;
  /** The Authorization header, asked for each request so that rotated tokens work; undefined when there is none. */
  authorization(): Promise<string | undefined>;
  /** The client certificate, asked for each request so that a renewed one works; absent where there never is one. */
  certificate?(): Promise<ClientCertificate | undefined>;
  /** Told that the server answered 401 to an identity; true when a new one can be asked for now. Absent where there is but one. */
  refused?(identity: Identity): boolean;
}
