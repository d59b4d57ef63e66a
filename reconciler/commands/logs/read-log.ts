// One log of one container, line by line.
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { PODS, resourcePath } from '../../../kubernetes/objects.ts';
import { linesOf } from './lines.ts';
import type { ContainerRun } from './containers.ts';

export interface LogQuery {
  readonly namespace: string;
  /** Lines from the end; undefined: all. */
  readonly tail: number | undefined;
  readonly previous?: boolean;
  /** Stays open while the container runs, and each line has its time before it. */
  readonly follow?: boolean;
  /** RFC 3339: only what was said since then, to the second. */
  readonly since?: string | undefined;
  readonly signal: AbortSignal;
}

/** Rejects with ApiError where there is none, or with the reason of the signal. */
export async function* readLog(client: Pick<KubernetesClient, 'stream'>, run: ContainerRun, query: LogQuery): AsyncGenerator<string> {
  const { pod, container } = run;
  const { namespace, tail, previous, follow, since, signal } = query;
  const path = resourcePath(PODS, { namespace, name: pod, subresource: 'log' });
  const asked = { container, previous, follow, timestamps: follow, tailLines: tail, sinceTime: since };
  const stream = await client.stream('GET', path, { query: asked, accept: '*/*', signal });
  // No node runs the pod yet.
  if (stream.statusCode === 204) stream.destroy();
  else yield* linesOf(stream as AsyncIterable<Buffer>);
}
