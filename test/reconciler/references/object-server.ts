// A server of Secrets, ConfigMaps and ServiceAccounts that lists and watches them, and counts what it is asked for.
import type { ServerResponse } from 'node:http';
import { clientOf, refusesToStream, sendJson, sendStatus, wireServer, type ReceivedRequest, type WireServer } from '../../kubernetes/wire-server.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { Watches } from '../../../reconciler/references/watches.ts';
import { onTestFinished } from 'vitest';

interface Selection {
  readonly namespace: string;
  readonly plural: string;
  /** Undefined: the whole namespace. */
  readonly name: string | undefined;
}

interface Stored extends Required<Selection> {
  readonly object: { readonly metadata: { readonly name: string; readonly resourceVersion: string } };
}

const ignore = (): void => undefined;
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** What a test and the watches under test share. */
export class ObjectServer {
  /** Decides who is refused; default: nobody. */
  refuses: (selection: Selection) => boolean = () => false;
  /** What was listed, as `secrets a/one`; `*` for a namespace. */
  readonly lists: string[] = [];
  /** Requests for bodies, not for metadata alone. */
  readonly bodies: string[] = [];
  readonly #stored = new Map<string, Stored>();
  readonly #open = new Map<ServerResponse, Selection>();
  #version = 100;

  /** Open watches, as in `lists`. */
  get watches(): string[] {
    return [...this.#open.values()].map(textOf).toSorted();
  }

  /** Stores an object at `namespace/name`, and tells the watches. */
  put(plural: string, place: string, more: object = {}): void {
    const [namespace = '', name = ''] = place.split('/');
    this.#version += 1;
    const key = `${plural} ${namespace}/${name}`;
    const resourceVersion = String(this.#version);
    const managedFields = [{ manager: 'm', operation: 'Update', time: resourceVersion, fieldsV1: { 'f:data': {} } }];
    const object = { metadata: { name, namespace, uid: key, resourceVersion, managedFields }, ...more };
    const type = this.#stored.has(key) ? 'MODIFIED' : 'ADDED';
    this.#stored.set(key, { plural, namespace, name, object });
    this.#tell({ plural, namespace, name }, { type, object });
  }

  answer({ url }: ReceivedRequest, response: ServerResponse, accept = ''): void {
    const [, , , , namespace = '', plural = ''] = url.pathname.split('/');
    const name = url.searchParams.get('fieldSelector')?.replace('metadata.name=', '');
    const selection = { namespace, plural, name };
    if (this.refuses(selection)) {
      sendStatus(response, 403, { reason: 'Forbidden', message: 'no' });
      return;
    }
    if (!accept.includes('PartialObjectMetadata')) this.bodies.push(textOf(selection));
    if (refusesToStream(url, response)) return;
    if (url.searchParams.get('watch') === 'true') {
      response.writeHead(200).flushHeaders();
      this.#open.set(response, selection);
      response.on('close', () => this.#open.delete(response));
      return;
    }
    this.lists.push(textOf(selection));
    const items = [...this.#stored.values()].filter((stored) => isSelected(stored, selection)).map(({ object }) => object);
    sendJson(response, 200, { metadata: { resourceVersion: String(this.#version) }, items });
  }

  #tell(stored: Required<Selection>, event: object): void {
    for (const [response, selection] of this.#open) if (isSelected(stored, selection)) response.write(`${JSON.stringify(event)}\n`);
  }
}

function isSelected(stored: Required<Selection>, { namespace, plural, name }: Selection): boolean {
  return stored.namespace === namespace && stored.plural === plural && (name === undefined || stored.name === name);
}

function textOf({ plural, namespace, name = '*' }: Selection): string {
  return `${plural} ${namespace}/${name}`;
}

export interface Setting {
  readonly objects: ObjectServer;
  readonly server: WireServer;
  readonly watches: Watches;
  readonly clock: FakeClock;
  readonly changes: string[];
}

/** Watches of a server of their own, ended with the running test. */
export async function setting(): Promise<Setting> {
  const objects = new ObjectServer();
  const server = await wireServer((request, response) => objects.answer(request, response, request.headers.accept));
  const clock = new FakeClock();
  const changes: string[] = [];
  const watches = new Watches({ client: clientOf(server), clock, log: SILENT, onChange: (key) => changes.push(key) });
  onTestFinished(() => watches.stop());
  return { objects, server, watches, clock, changes };
}
