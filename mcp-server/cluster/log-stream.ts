// Reads a log of any length as a stream and holds its last bytes only.
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { ApiError, isApiError } from '../../kubernetes/errors.ts';
import type { Query } from '../../kubernetes/requests.ts';
import { LINE_END, lineEnds, type Reading, type Step } from './log-tail.ts';

/** What to read, and when to stop. */
export interface EndOptions extends Omit<Step, 'pieces'> {
  readonly path: string;
  readonly query: Query;
  /** In milliseconds since 1970. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/** Reads one answer. Rejects with ApiError (Timeout: it did not end before the deadline), or with the signal's reason. */
export async function readEnd(client: KubernetesClient, options: EndOptions): Promise<Reading> {
  const { path, query, limitBytes, deadline, signal } = options;
  const timeout = AbortSignal.timeout(Math.max(0, deadline - Date.now()));
  const end = new StreamEnd(options.keepBytes);
  try {
    const stream = await client.stream('GET', path, { query, accept: '*/*', signal: AbortSignal.any([signal, timeout]) });
    // The API server's answer for a pod that no node has (LogREST.Get without a location).
    if (stream.statusCode === 204) {
      stream.destroy();
      throw new ApiError('BadRequest', `GET ${path}: no node runs the pod yet`, { status: 204 });
    }
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      end.push(chunk);
      // Leaving the loop closes the connection, also to a kubelet that knows no limit.
      if (end.bytes > limitBytes) return end.reading(false);
    }
    if (!stream.complete) throw new Error('the log ended early');
    return end.reading(true);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (timeout.aborted) throw new ApiError('Timeout', `GET ${path}: the log did not end in time`, { cause: error });
    if (isApiError(error)) throw error;
    throw new ApiError('Network', `GET ${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Takes in any number of bytes and holds the last ones, in twice their room. */
export class StreamEnd {
  readonly #keep: number;
  readonly #buffer: Buffer;
  #used = 0;
  #lineEnds = 0;
  #bytes = 0;

  constructor(keepBytes: number) {
    this.#keep = keepBytes;
    this.#buffer = Buffer.allocUnsafe(2 * keepBytes);
  }

  /** How many bytes were taken in. */
  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#lineEnds += lineEnds(chunk);
    const last = chunk.subarray(-this.#keep);
    if (this.#used + last.length > this.#buffer.length) {
      this.#buffer.copyWithin(0, this.#used - this.#keep, this.#used);
      this.#used = this.#keep;
    }
    this.#used += last.copy(this.#buffer, this.#used);
  }

  reading(complete: boolean): Reading {
    const end = this.#buffer.subarray(Math.max(0, this.#used - this.#keep), this.#used);
    const unfinished = end.length > 0 && end.at(-1) !== LINE_END;
    return { end, bytes: this.#bytes, lines: this.#lineEnds + (unfinished ? 1 : 0), complete };
  }
}
