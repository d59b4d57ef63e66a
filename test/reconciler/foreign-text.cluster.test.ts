// Whatever others say, servers, kubelets, the scheduler, a webhook, in characters of every kind: it is shown as plain text, keeps
// no status and no Event from being written, and costs no write once it is told.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { text as textOf } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SERVER_LABEL } from '../../charts/api/labels.ts';
import { EVENTS, type KubernetesObject } from '../../kubernetes/objects.ts';
import { webhook, type Refuser } from '../support/admission.ts';
import type { HttpExchange } from '../../reconciler/verification/exchange.ts';
import type { PodAddress } from '../../reconciler/verification/pod-access.ts';
import { eventually, type AuditEvent } from '../support/cluster.ts';
import { serveHttp, type RunningServer } from '../support/mcp-servers.ts';
import { conditionOf } from '../support/kstatus.ts';
import { ODD_CHARACTERS, oddText } from '../support/odd-text.ts';
import { onLoopback, writesBy } from '../support/operator.ts';
import type { Fate, Pod } from '../support/pods.ts';
import { useScene } from './scene.ts';

/** Stands before and behind what is odd, so that whichever end is shown is known. */
const MARK = 'said';
const marked = (text: string): string => `${MARK} ${text} ${MARK}`;
/** One with a character of every kind, one that is cut within a pair of surrogates wherever it is cut, and random ones. */
const TEXTS = [
  Object.values(ODD_CHARACTERS).join('a'),
  `x${'\u{1F680}'.repeat(2000)}`,
  `${'\u{1F680}'.repeat(2000)}x`,
  ...fc.sample(oddText, { numRuns: 2, seed: 20_261_129 }),
].map(marked);

/** What a server answers to a method, with the text somewhere. */
type Say = (text: string, method: string, response: ServerResponse) => void;

function json(response: ServerResponse, reply: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...reply }));
}

function introduce(response: ServerResponse, { name = 'x', version = '2025-06-18' }: { name?: string; version?: string }): void {
  json(response, { result: { protocolVersion: version, capabilities: { tools: {} }, serverInfo: { name, version: name } } });
}

/** Servers by what they say. */
const SERVERS: Readonly<Record<string, Say>> = {
  named: (name, method, response) => {
    if (method === 'initialize') introduce(response, { name });
    else if (method === 'tools/list') json(response, { result: { tools: [] } });
    else response.writeHead(method === 'notifications/initialized' ? 202 : 400).end();
  },
  versioned: (version, method, response) => (method === 'initialize' ? introduce(response, { version }) : response.writeHead(400).end()),
  refusing: (message, _method, response) => json(response, { error: { code: -32_603, message } }),
  listless: (message, method, response) => {
    if (method === 'initialize') introduce(response, {});
    else if (method === 'tools/list') json(response, { error: { code: -32_603, message } });
    else response.writeHead(method === 'notifications/initialized' ? 202 : 400).end();
  },
  talking: (text, _method, response) => response.writeHead(500).end(text),
  // Bytes that are no UTF-8.
  garbling: (text, _method, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from(text, 'latin1')),
  // In bytes that headers may have.
  challenging: (text, _method, response) => {
    const realm = Buffer.from(text, 'latin1').map((byte) => (byte < 0x20 || byte === 0x7F ? 0x2E : byte));
    response.socket?.end(Buffer.concat([Buffer.from('HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm="'), realm, Buffer.from('"\r\nContent-Length: 0\r\n\r\n')]));
  },
};

/** Those of the servers whose answers are no UTF-8. */
const IN_BYTES = ['garbling', 'challenging'];

const waiting = (reason: string) => (message: string): object => ({ state: { waiting: { reason, message } } });
/** Containers by what their status says. */
const CONTAINERS: Readonly<Record<string, (text: string) => object>> = {
  unpulled: waiting('ErrImagePull'),
  misconfigured: waiting('CreateContainerConfigError'),
  unstarted: waiting('CreateContainerError'),
  crashing: (message) => ({
    state: { waiting: { reason: 'CrashLoopBackOff', message } },
    lastState: { terminated: { exitCode: 3, reason: 'Error', message, startedAt: null, finishedAt: null } },
    restartCount: 3,
  }),
};
/** Servers are asked every ten seconds, not all at the same time. */
const REST_MS = 4000;
const UNPLACED = 'unplaced';
const REFUSED = 'refused';
const KINDS = [...Object.keys(SERVERS), ...Object.keys(CONTAINERS), UNPLACED];
const NAMES = KINDS.flatMap((kind) => TEXTS.map((_text, index) => `${kind}-${index}`));

function partsOf(name: string): { kind: string; text: string } {
  const [kind = '', index] = name.split('-');
  return { kind, text: TEXTS[Number(index)] ?? '' };
}

function fateOf({ metadata, spec }: Pod): Fate | undefined {
  const { kind, text } = partsOf(metadata.labels?.[SERVER_LABEL] ?? '');
  if (kind === UNPLACED) return { placed: false, status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: text }] } };
  const container = CONTAINERS[kind]?.(text);
  const [{ name, image } = { name: '', image: '' }] = spec.containers;
  const status = { name, image, imageID: '', ready: false, started: false, restartCount: 0, ...container };
  return container && { placed: true, status: { phase: 'Pending', containerStatuses: [status] } };
}

const scene = useScene('foreign', { fateOf, operator: { logLevel: 'trace' }, exchangeFor: onServer });
const parts: { server?: RunningServer; refuser?: Refuser } = {};

beforeAll(async () => {
  parts.server = await serveHttp((request, response) => void answer(request, response));
});
afterAll(async () => {
  await parts.refuser?.remove();
  await parts.server?.close();
});

/** The path of a request says which server is asked. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { kind, text } = partsOf(request.url?.slice(1) ?? '');
  const { method = '' } = JSON.parse((await textOf(request)) || '{}') as { method?: string };
  SERVERS[kind]?.(text, method, response);
}

function onServer(pod: PodAddress): HttpExchange {
  return onLoopback(parts.server?.port ?? 0)(pod);
}

/** Every text within a value. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** What plain text has none of: controls, invisible characters, half pairs, noncharacters, two blanks. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]| {2}/u;
const unfit = (texts: readonly string[]): string[] => texts.filter((text) => UNFIT.test(text));

test.concurrent.for(NAMES)('is told: %s', async (name, { expect }) => {
  const { fleet } = scene;
  await fleet.create(name, { path: `/${name}`, verification: { intervalSeconds: 10 } });
  const { status } = await eventually(async () => {
    const read = await fleet.read(name);
    expect(JSON.stringify(read.status)).toContain(MARK);
    return read;
  }, { message: `a status of ${name} that quotes` });
  expect(unfit(textsIn(status))).toEqual([]);
  // A pair that was cut would be told.
  const { kind, text } = partsOf(name);
  if (/^[ -~\u{1F680}]*$/u.test(text) && !IN_BYTES.includes(kind)) expect(JSON.stringify(status)).not.toContain('\uFFFD');
});

test('is told of a webhook', async () => {
  const { fleet, namespace } = scene;
  const target = { namespace, servers: [REFUSED], apiGroup: 'apps', resource: 'deployments', operations: ['CREATE'] } as const;
  parts.refuser = await webhook(fleet.client, target, () => ({ code: 403, message: TEXTS[0] ?? '' }));
  await fleet.create(REFUSED);
  const { status } = await fleet.until(REFUSED, 'Stalled', ['True', 'PolicyRefused']);
  expect(JSON.stringify(status)).toContain(MARK);
  expect(unfit(textsIn(status))).toEqual([]);
});

test('costs no write once it is told, though servers are asked again', async () => {
  const { fleet, operator } = scene;
  // A server has failed when it did so for a while.
  await Promise.all(NAMES.filter((name) => partsOf(name).kind in SERVERS).map((name) => eventually(async () => {
    expect(conditionOf(await fleet.read(name), 'Verified')?.status).toMatch(/^(True|False)$/);
  }, { message: `a verdict on ${name}`, timeoutMs: 75_000 })));
  /** What the webhook refuses is tried again; that alone. */
  const writes = async (): Promise<AuditEvent[]> =>
    (await writesBy(operator.userAgent)).filter(({ objectRef: { resource, name } = {} }) => resource !== 'deployments' || name !== REFUSED);
  let [seen, asked] = [await writes(), 0];
  await eventually(async () => {
    asked = parts.server?.requests.length ?? 0;
    await sleep(REST_MS);
    const before = seen.length;
    seen = await writes();
    expect(seen.slice(before)).toEqual([]);
  }, { message: `${REST_MS} ms without a write`, timeoutMs: 20_000 });
  expect((parts.server?.requests.length ?? 0) - asked).toBeGreaterThan(0);
});

test('stands in Events and in the log as plain text', async () => {
  const { fleet, namespace, operator } = scene;
  const { items } = await fleet.client.list<KubernetesObject & { readonly note: string }>(EVENTS, { namespace, fieldSelector: 'reportingController=mcp-operator' });
  const logged = operator.errors.flatMap((line) => textsIn(JSON.parse(line)));
  for (const texts of [items.map(({ note }) => note), logged]) {
    expect(texts.some((text) => text.includes(MARK))).toBe(true);
    expect(unfit(texts)).toEqual([]);
  }
});
