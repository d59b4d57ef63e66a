// The seam between the handshake and the network: one HTTP request to one pod, by whatever way pods are reached.
import type { IncomingHttpHeaders } from 'node:http';
import type { Enough } from '../../kubernetes/responses.ts';

/** A request to a pod. Header names are lower case. */
export interface ExchangeRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** For the whole exchange. */
  readonly timeoutMs: number;
  /** Longer bodies are cut here. */
  readonly maxBytes: number;
  /** Bodies in more pieces are cut there. */
  readonly maxPieces: number;
  /** So much of the body is kept. Default: all that is read. */
  readonly keepBytes?: number | undefined;
  /** Speak TLS; `true` without checking the certificate, only to learn whether the server does. */
  readonly tls?: boolean | TlsTrust | undefined;
  /** Ends the reading of an answer that may stay open. */
  readonly enough?: Enough | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Which certificates are trusted. */
export interface TlsTrust {
  /** Name the certificate must be for. */
  readonly servername: string;
  /** PEM; default: the certificate authorities of the program. */
  readonly ca?: string;
}

/** What the pod answered. */
export interface ExchangeResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As much of the body as was to be kept. */
  readonly body: string;
  /** Whether the body was longer than `maxBytes`, or came in more pieces than `maxPieces`. */
  readonly truncated: boolean;
}

/** Sends one request. Rejects with ExchangeError when the pod gave no HTTP answer, or with the reason of the signal. */
export type HttpExchange = (request: ExchangeRequest) => Promise<ExchangeResponse>;

/**
 * Why there was no answer: nothing listens (Refused), the pod cannot be reached or asked (Unreachable), it closed the
 * connection (Closed), it was reached and did not answer in time (Hang), it may hang or be out of reach (NoAnswer), it spoke TLS, it
 * did not (NotTLS), its certificate is not trusted (Certificate), it demands one of the client (ClientCertificate), the headers of its
 * answer are too large to be read (LargeHeaders), or it spoke something that is not HTTP (Malformed).
 */
export type ExchangeErrorKind =
  | 'Refused' | 'Unreachable' | 'Closed' | 'Hang' | 'NoAnswer' | 'TLS' | 'NotTLS' | 'Certificate' | 'ClientCertificate' | 'LargeHeaders' | 'Malformed';

export interface ExchangeErrorOptions extends ErrorOptions {
  /** The same without a word of others. */
  readonly plainly?: string;
}

/** An exchange without an answer of the pod. The message goes into status: it must not vary from one try to the next. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly kind: ExchangeErrorKind;
  /** What may be said of it where a server's words may not be shown. */
  readonly plainly: string | undefined;

  constructor(kind: ExchangeErrorKind, message: string, { plainly, ...options }: ExchangeErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
    this.plainly = plainly;
  }
}
