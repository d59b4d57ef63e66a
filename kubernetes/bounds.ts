// The time a request has, the signal that may end it before, and the error each means.
import { ApiError, isApiError } from './errors.ts';
import { plain } from './text.ts';

interface BoundedRequest {
  /** Names the request in error messages. */
  readonly label: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** One abort signal made of the caller's and a deadline, and the error each means. */
export class Bounds {
  readonly #controller = new AbortController();
  readonly #request: BoundedRequest;
  readonly #timer: NodeJS.Timeout;
  #missing = 'no answer';

  constructor(request: BoundedRequest) {
    const { label, timeoutMs, signal } = request;
    this.#request = request;
    const timeout = (): ApiError => new ApiError('Timeout', `${label}: ${this.#missing} within ${timeoutMs / 1000} s`);
    this.#timer = setTimeout(() => this.#controller.abort(timeout()), timeoutMs);
    if (signal?.aborted) this.#forward();
    signal?.addEventListener('abort', this.#forward, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What is missing when the time is over. */
  awaits(missing: string): void {
    this.#missing = missing;
  }

  stopClock(): void {
    clearTimeout(this.#timer);
  }

  release(): void {
    this.stopClock();
    this.#request.signal?.removeEventListener('abort', this.#forward);
  }

  explain(error: unknown): unknown {
    if (this.signal.aborted) return this.signal.reason;
    if (isApiError(error)) return error;
    return new ApiError('Network', `${this.#request.label}: ${networkMessage(error)}`, { cause: error });
  }

  readonly #forward = (): void => this.#controller.abort(this.#request.signal?.reason);
}

/** The promise, or the reason of the signal if that comes first. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** What went wrong, in one line: a failed connection to several addresses has its text in the parts only. */
export function networkMessage(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return plain(error.errors.map(networkMessage).join('; '), 500);
  return plain(error instanceof Error ? error.message : String(error), 500);
}
