// One watch stream: opened, read line by line, ended by silence, and always closed.
import type { IncomingMessage } from 'node:http';
import type { KubernetesClient } from './client.ts';
import { ApiError } from './errors.ts';
import type { KubernetesObject } from './objects.ts';
import type { Query } from './requests.ts';
import { statusError } from './responses.ts';
import { plain } from './text.ts';

/** A line of a watch; a BOOKMARK's object carries nothing but a resourceVersion. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

/** Where to watch and for how long; `idleMs` is the silence after which the peer counts as dead. */
export interface WatchOptions {
  readonly path: string;
  readonly query: Query;
  /** Media type of the objects; default whole objects as JSON. */
  readonly accept?: string | undefined;
  readonly idleMs: number;
  /** Begins with all that is there, as ADDED, up to a BOOKMARK of which `endsList` is true; until then this silence counts. */
  readonly listIdleMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** What asks for a list as the beginning of its watch. https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists */
const STREAMING_LIST: Query = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' };
const LIST_END = 'k8s.io/initial-events-end';

/** Whether all that was there when the watch began has been told with this event. */
export function endsList({ type, object: { metadata } }: WatchEvent<KubernetesObject>): boolean {
  return type === 'BOOKMARK' && metadata.annotations?.[LIST_END] === 'true';
}

/**
 * Yields the events of one watch until the server ends it, which returns. Throws ApiError: what an ERROR event says, Timeout after silence,
 * Network when the stream broke or stopped in the middle of a line, Server for a line that is no event; after an abort, the signal's reason.
 */
export async function* watch<T extends KubernetesObject>(client: KubernetesClient, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
  const { path, query, accept, idleMs, listIdleMs, signal } = options;
  const subject = `WATCH ${path}`;
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    const watchQuery = { ...query, ...(listIdleMs !== undefined && STREAMING_LIST), watch: true, allowWatchBookmarks: true };
    const stream = await client.stream('GET', path, { query: watchQuery, accept, signal: controller.signal });
    let silentMs = listIdleMs ?? idleMs;
    stream.setTimeout(silentMs, () => controller.abort(new ApiError('Timeout', `${subject}: nothing received for ${silentMs / 1000} s`)));
    for await (const line of lines(stream)) {
      const event = parseEvent<T>(subject, line);
      if (silentMs !== idleMs && endsList(event)) {
        silentMs = idleMs;
        stream.setTimeout(silentMs);
      }
      yield event;
    }
    if (!stream.complete) throw new Error('the stream ended early');
  } catch (error) {
    if (controller.signal.aborted) throw controller.signal.reason;
    if (error instanceof ApiError) throw error;
    throw new ApiError('Network', `${subject}: ${plain(error instanceof Error ? error.message : String(error), 500)}`, { cause: error });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function* lines(stream: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream as AsyncIterable<string>) {
    // A long line is put together once, not looked through again with every piece of it.
    if (!chunk.includes('\n')) {
      rest += chunk;
      continue;
    }
    const pieces = (rest + chunk).split('\n');
    rest = pieces.pop() ?? '';
    for (const piece of pieces) if (piece !== '') yield piece;
  }
  if (rest !== '') throw new Error('the stream ended in the middle of an event');
}

function parseEvent<T extends KubernetesObject>(subject: string, line: string): WatchEvent<T> {
  const event = parseLine(line);
  if (event?.type === 'ERROR') throw statusError(subject, event.object ?? {});
  const object = event?.object as T | undefined;
  if (event?.type === undefined || object?.metadata?.resourceVersion === undefined) {
    throw new ApiError('Server', `${subject}: received a line that is no event: ${plain(line, 100)}`);
  }
  return { type: event.type as WatchEvent<T>['type'], object };
}

function parseLine(line: string): { type?: string; object?: object } | undefined {
  try {
    return JSON.parse(line) as { type?: string; object?: object };
  } catch {
    return undefined;
  }
}
