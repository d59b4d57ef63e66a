// examples/real/: each MCPServer is taken by the API server, becomes Ready where its pods run, and costs no write after that.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parseDocuments } from '../../charts/documents.ts';
import { isMCPServer, resolveSpec, type MCPServerManifest } from '../../charts/api/mcpserver.ts';
import { usesOf, type Use } from '../../charts/api/uses.ts';
import { CONFIG_MAPS, SECRETS } from '../../kubernetes/objects.ts';
import { eventually, kubectl } from '../support/cluster.ts';
import { onLoopback, writesAtRest, writesBy } from '../support/operator.ts';
import { useScene } from './scene.ts';

const FOLDER = join(import.meta.dirname, '../../examples/real');
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml')).toSorted();
/** Without it the API server takes no pod that names it. */
const RUNTIME_CLASS = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'nvidia' }, handler: 'nvidia' };

function serversIn(file: string): MCPServerManifest[] {
  return parseDocuments(readFileSync(join(FOLDER, file), 'utf8'), file).map(({ value }) => value).filter(isMCPServer);
}

/** A file of the node, and a hook before the end: guards let nobody have them. */
const BEYOND_GUARDS = inject('guarded') ? ['11', '14'] : [];
const SERVERS = FILES.filter((file) => !BEYOND_GUARDS.includes(file.slice(0, 2))).flatMap(serversIn);
const scene = useScene('real-manifests', {
  // The server behind every pod has one path, and the examples have theirs.
  exchangeFor: (pod) => (request) => onLoopback(scene.server.port)(pod)({ ...request, path: '/mcp' }),
});

/** What pods wait for, of which an example says that the reader has it. */
async function provide({ kind, name, keys }: Use): Promise<void> {
  const type = kind === 'Secret' ? SECRETS : CONFIG_MAPS;
  const data = Object.fromEntries((keys === 'all' ? [] : keys).map((key) => [key, '']));
  const object = { metadata: scene.fleet.ref(name), ...(kind === 'Secret' ? { stringData: data } : { data }) };
  if ((await scene.fleet.find(type, name)) === undefined) await scene.fleet.client.create(type, object);
}

beforeAll(async () => {
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify(RUNTIME_CLASS) });
  for (const { metadata, spec } of SERVERS) {
    for (const use of usesOf(resolveSpec(metadata.name, spec))) if (use.optional !== true) await provide(use);
  }
});
afterAll(async () => {
  await kubectl(['delete', '--ignore-not-found', '-f', '-'], { input: JSON.stringify(RUNTIME_CLASS) });
});

test('there are twenty-one, one in each file, each with a comment of its own and a name of its own', () => {
  expect(FILES.map((file) => [file.slice(0, 2), serversIn(file).length])).toEqual(
    Array.from({ length: 21 }, (_, index) => [String(index + 1).padStart(2, '0'), 1]),
  );
  for (const file of FILES) expect(readFileSync(join(FOLDER, file), 'utf8'), file).toMatch(/^(# .+\n){3,5}apiVersion: /);
  expect(new Set(SERVERS.map(({ metadata }) => metadata.name)).size).toBe(SERVERS.length);
});

test('all become Ready; those that speak TLS are rolled out, for no pod here speaks it', async () => {
  const { fleet } = scene;
  for (const { metadata, spec } of SERVERS) await fleet.create(metadata.name, spec);
  for (const { metadata, spec } of SERVERS) {
    await fleet.until(metadata.name, 'ConfigurationValid', ['True']);
    await fleet.until(metadata.name, spec.tls === undefined ? 'Ready' : 'DeploymentReady', ['True']);
  }
  expect(scene.operator.errors).toEqual([]);
}, 240_000);

test('after that nothing is written, also not by an operator that meets them for the first time', async () => {
  await writesAtRest(scene.operator.userAgent);
  await scene.restart();
  const { userAgent, reconciles } = scene.operator;
  await eventually(async () => expect(await reconciles()).toBeGreaterThanOrEqual(SERVERS.length), { timeoutMs: 60_000 });
  await sleep(3000);
  expect((await writesBy(userAgent)).map(({ verb, objectRef }) => [verb, objectRef?.resource, objectRef?.name])).toEqual([]);
}, 120_000);
