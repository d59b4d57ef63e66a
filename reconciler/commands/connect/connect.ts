// `mcp-operator connect`: from a port of this machine to the pods of an MCPServer, until it is asked to end.
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { resolveSpec } from '../../../charts/api/mcpserver.ts';
import { servesHttp } from '../../../charts/server.ts';
import { forwardPort } from '../../../kubernetes/port-forward.ts';
import { plain } from '../../../kubernetes/text.ts';
import { conditionOf } from '../../status/conditions.ts';
import type { MCPServerObject } from '../../kinds.ts';
import type { Cluster } from '../connect-flags.ts';
import { findServer } from '../look/find-server.ts';
import { UserError } from '../user-error.ts';
import { placeEntry } from './client-file.ts';
import { CLIENTS, usualConfiguration, type ClientName, type Place } from './clients.ts';
import { startForwarder } from './forwarder.ts';
import { connectionLines, type ConnectionReport } from './lines.ts';
import { PodChoice } from './pod-choice.ts';

export interface ConnectOptions {
  readonly name: string;
  readonly port?: number;
  readonly client?: ClientName;
  readonly clientFile?: string;
  /** Name of the entry; default: that of the MCPServer. */
  readonly entry?: string;
  readonly output: 'text' | 'json';
  readonly place: Place;
  /** Takes what standard output gets, once. */
  readonly tell: (text: string) => void;
  readonly note: (sentence: string) => void;
  readonly signal: AbortSignal;
}

/** Resolves when the signal aborted and all is as it was. Throws UserError where it cannot begin; other refusals of then stay ApiErrors. */
export async function connectTo(cluster: Cluster, options: ConnectOptions): Promise<void> {
  const { client, namespace } = cluster;
  const { name, port, signal, tell } = options;
  if (options.clientFile !== undefined && options.client === undefined) throw new UserError('--client-file needs --client, to know how that file is written');
  const note = (sentence: string): void => options.note(plain(sentence, 500));
  const server = await findServer(client, { namespace, name }, { signal });
  const spec = resolveSpec(name, server.spec, { stored: true });
  if (!servesHttp(spec)) throw new UserError(`MCPServer ${namespace}/${name} speaks stdio and names no command, so nothing outside its pod can reach it: set spec.command`);
  const choice = new PodChoice(client, { namespace, name, signal });
  const join = async (local: NodeJS.ReadWriteStream): Promise<void> => {
    const pod = await choice.pod();
    if (pod === undefined) throw new UserError(`no pod of MCPServer ${namespace}/${name} is ready: mcp-operator explain ${name} -n ${namespace} says why`);
    try {
      await forwardPort(client, { namespace, pod: pod.name, port: pod.port }, { local: local as PassThrough, signal });
    } catch (error) {
      choice.doubt();
      throw error;
    }
  };
  // Whether it may be done at all is told now, not at a client's first call.
  await join(new PassThrough().end());
  const isPlain = spec.tls === undefined;
  const forwarder = await startForwarder({ port, preferred: spec.port, join, isPlain, note });
  try {
    const url = `${isPlain ? 'http' : 'https'}://127.0.0.1:${forwarder.port}${spec.path}`;
    const report = reportOf(server, { url, options, isPlain });
    tell(options.output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : `${connectionLines(report)}\n`);
    await withEntry(options, { url, note }, async () => {
      if (!signal.aborted) await once(signal, 'abort');
    });
  } finally {
    await forwarder.close();
  }
}

function fileOf(client: ClientName, { clientFile, place }: ConnectOptions): string {
  return clientFile ?? CLIENTS[client].file(place);
}

interface Telling {
  readonly url: string;
  readonly note: (sentence: string) => void;
}

/** Whatever happens in `during`, the entry is taken out after it. */
async function withEntry(options: ConnectOptions, { url, note }: Telling, during: () => Promise<void>): Promise<void> {
  const { client, entry, name } = options;
  if (client === undefined) return during();
  const { label, section, entry: entryOf } = CLIENTS[client];
  const file = fileOf(client, options);
  const placed = await placeEntry({ file, label, section, name: entry ?? name, value: entryOf(url) });
  try {
    note(`The entry ${entry ?? name} is in ${file} until the end; ${label} may have to load it anew${placed.copy === undefined ? '' : `. What was there before is in ${placed.copy}`}`);
    await during();
  } finally {
    const told = placed.takeOut().then(
      (isOut) => (isOut ? `The entry is out of ${file} again` : `The entry ${entry ?? name} in ${file} was changed meanwhile, and stays`),
      (error: unknown) => {
        if (!(error instanceof UserError)) throw error;
        return `The entry ${entry ?? name} could not be taken out: ${error.message}`;
      },
    );
    note(await told);
  }
}

interface Begun {
  readonly url: string;
  readonly options: ConnectOptions;
  readonly isPlain: boolean;
}

function reportOf(server: MCPServerObject, { url, options, isPlain }: Begun): ConnectionReport {
  const { namespace, name } = server.metadata;
  const entry = options.entry ?? name;
  const verified = conditionOf(server.status, 'Verified');
  return {
    namespace,
    name,
    url,
    configuration: usualConfiguration(entry, url),
    entry,
    client: options.client === undefined ? null : { name: options.client, file: fileOf(options.client, options) },
    needsCredentials: verified?.reason === 'AuthRequired' || server.spec.verification?.credentialsSecretRef !== undefined,
    ownCertificate: !isPlain,
  };
}
