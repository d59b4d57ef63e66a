// What an audit log says that one program asked of the API server, by verb.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** A request as the audit log records it. */
interface Entry {
  readonly verb: string;
  readonly userAgent?: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string };
  readonly requestReceivedTimestamp: string;
}

/** Numbers of requests: by verb and resource, and together. Watches are neither, Events apart. */
export interface Requests {
  readonly writes: number;
  readonly reads: number;
  readonly by: Readonly<Record<string, number>>;
}

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

export interface Period {
  readonly from: Date;
  readonly to: Date;
}

/** The requests that were received in a period from programs whose user agent is meant. */
export async function requestsOf(auditLog: string, isMeant: (userAgent: string) => boolean, { from, to }: Period): Promise<Requests> {
  const by: Record<string, number> = {};
  let [writes, reads] = [0, 0];
  for await (const line of createInterface({ input: createReadStream(auditLog) })) {
    const entry = JSON.parse(line) as Entry;
    const at = Date.parse(entry.requestReceivedTimestamp);
    if (!isMeant(entry.userAgent ?? '') || entry.verb === 'watch' || at < from.getTime() || at > to.getTime()) continue;
    const { resource = '', subresource } = entry.objectRef ?? {};
    const what = `${entry.verb} ${subresource === undefined ? resource : `${resource}/${subresource}`}`;
    by[what] = (by[what] ?? 0) + 1;
    if (resource === 'events') continue;
    if (WRITES.has(entry.verb)) writes += 1;
    else reads += 1;
  }
  return { writes, reads, by };
}
