// An informer on a real server that lists and watches step by step as a test has written down.
import type { ServerResponse } from 'node:http';
import { onTestFinished, vi } from 'vitest';
import { Informer } from '../../kubernetes/informer.ts';
import type { InformerOptions } from '../../kubernetes/informer.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { CONFIG_MAPS } from '../../kubernetes/objects.ts';
import type { ReflectorTiming } from '../../kubernetes/reflector.ts';
import { clientOf, refusesToStream, sendJson, wireServer } from './wire-server.ts';
import type { Answer, ReceivedRequest, WireServer } from './wire-server.ts';

/** No pause between attempts, watches of a minute: what a test waits for comes at once or not at all. */
export const IMMEDIATE: Partial<ReflectorTiming> = { minWatchSeconds: 60, maxWatchSeconds: 60, baseDelayMs: 1, maxDelayMs: 1 };
/** A pause no test survives: what must not wait, does not. */
export const NEVER_WAIT: Partial<ReflectorTiming> = { ...IMMEDIATE, baseDelayMs: 600_000, maxDelayMs: 600_000, maxNetworkDelayMs: 600_000 };

export function object(name: string, resourceVersion: string, metadata: object = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'demo', uid: `uid-${name}`, resourceVersion, ...metadata } };
}

export function sendList(response: ServerResponse, resourceVersion: string, items: KubernetesObject[]): void {
  sendJson(response, 200, { metadata: { resourceVersion }, items });
}

export function sendEvent(response: ServerResponse, type: string, value: object): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' });
  response.write(`${JSON.stringify({ type, object: value })}\n`);
}

export interface Script {
  /** Lists as the beginning of their watches; absent: the server knows none. The last step repeats. */
  readonly streams?: ((response: ServerResponse, request: ReceivedRequest) => void)[];
  readonly lists: ((response: ServerResponse, request: ReceivedRequest) => void)[];
  readonly watches: ((response: ServerResponse, request: ReceivedRequest) => void)[];
}

/** Tells that all was told that was there when a streaming list began. */
export function sendListEnd(response: ServerResponse, resourceVersion: string): void {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  sendEvent(response, 'BOOKMARK', { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion, annotations } });
}

/** Plays one step per list and per watch; the last list step repeats, watches beyond the script stay silent. */
function play(script: Script): Answer {
  let streams = 0;
  let lists = 0;
  let watches = 0;
  return (request, response) => {
    if (script.streams === undefined && refusesToStream(request.url, response)) return;
    if (request.url.searchParams.has('sendInitialEvents')) {
      script.streams?.[Math.min(streams, script.streams.length - 1)]?.(response, request);
      streams += 1;
      return;
    }
    if (request.url.searchParams.get('watch') === 'true') {
      const step = script.watches[watches];
      watches += 1;
      if (step === undefined) response.writeHead(200).flushHeaders();
      else step(response, request);
      return;
    }
    script.lists[Math.min(lists, script.lists.length - 1)]?.(response, request);
    lists += 1;
  };
}

function ignore(): void {
  return undefined;
}

export interface Running {
  readonly server: WireServer;
  readonly informer: Informer<KubernetesObject>;
  readonly changes: string[];
  readonly restarts: string[];
  readonly errors: object[];
  readonly stop: () => void;
  readonly done: Promise<void>;
}

/** Runs an informer against a server that follows the script, until the running test is over. */
export async function start(script: Script, options: Partial<InformerOptions<KubernetesObject>> = {}): Promise<Running> {
  const server = await wireServer(play(script));
  const restarts: string[] = [];
  const errors: object[] = [];
  const informer = new Informer<KubernetesObject>({
    client: clientOf(server),
    type: CONFIG_MAPS,
    timing: IMMEDIATE,
    onRestart: (reason) => restarts.push(reason),
    log: { debug: ignore, info: ignore, warn: ignore, error: (fields) => errors.push(fields) },
    ...options,
  });
  const changes: string[] = [];
  informer.onChange(({ type, object: { metadata }, previous }) => {
    changes.push(`${type} ${metadata.name} ${previous?.metadata.resourceVersion ?? '-'}>${metadata.resourceVersion}`);
  });
  const controller = new AbortController();
  const done = informer.run(controller.signal);
  const stop = (): void => controller.abort();
  onTestFinished(async () => {
    stop();
    await done;
  });
  return { server, informer, changes, restarts, errors, stop, done };
}

/** Watches from where a list has ended. */
export function watchesOf(server: WireServer): ReceivedRequest[] {
  return server.requests.filter(({ url }) => url.searchParams.get('watch') === 'true' && !url.searchParams.has('sendInitialEvents'));
}

/** Watches that begin with a list. */
export function streamsOf(server: WireServer): ReceivedRequest[] {
  return server.requests.filter(({ url }) => url.searchParams.has('sendInitialEvents'));
}

export function versionsWatched(server: WireServer): (string | null)[] {
  return watchesOf(server).map(({ url }) => url.searchParams.get('resourceVersion'));
}

export function listsOf(server: WireServer): number {
  return server.requests.length - watchesOf(server).length - streamsOf(server).length;
}

export async function until(condition: () => void): Promise<void> {
  await vi.waitFor(condition, { timeout: 10_000, interval: 5 });
}
