// What work an MCPServer costs that does not depend on a machine's speed: none of it may grow unseen. Times are for `npm run bench`.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { resolveSpec } from '../../charts/api/mcpserver.ts';
import { renderResolved } from '../../charts/render.ts';
import { contains } from '../../reconciler/compare/contains.ts';
import { APPLIED_HASH_ANNOTATION } from '../../reconciler/compare/our-fields.ts';
import { MCP_SERVERS } from '../../reconciler/kinds.ts';
import { auditEvents, eventually } from '../support/cluster.ts';
import { writesAtRest } from '../support/operator.ts';
import { useScene } from './scene.ts';

// The real functions, counted: the operator of this file runs in its process.
vi.mock(import('../../charts/render.ts'), async (original) => {
  const real = await original();
  return { ...real, renderResolved: vi.fn<typeof real.renderResolved>(real.renderResolved) };
});
vi.mock(import('../../charts/api/mcpserver.ts'), async (original) => {
  const real = await original();
  return { ...real, resolveSpec: vi.fn<typeof real.resolveSpec>(real.resolveSpec) };
});
vi.mock(import('../../reconciler/compare/contains.ts'), async (original) => {
  const real = await original();
  return { ...real, contains: vi.fn<typeof real.contains>(real.contains) };
});

const scene = useScene('counts');
const { parse } = JSON;
/** Kind and name of each planned object that was read back from its bytes. */
const parsed: string[] = [];

beforeAll(() => {
  JSON.parse = (text: string, ...rest): unknown => {
    const value: unknown = parse(text, ...rest);
    // What the API server sends has a version.
    const isPlanned = typeof text === 'string' && text.includes(APPLIED_HASH_ANNOTATION) && !text.includes('"resourceVersion"');
    if (isPlanned) parsed.push(nameOf(value as Named));
    return value;
  };
});

afterAll(() => {
  JSON.parse = parse;
});

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

function nameOf({ kind, metadata }: Named): string {
  return `${kind} ${metadata.name}`;
}

/** What was done in the meantime. */
interface Work {
  readonly resolved: number;
  readonly rendered: number;
  /** How often each of them was read back from the plan's bytes. */
  readonly parsed: Readonly<Record<string, number>>;
  /** How often each was compared field by field, however often its status moves. */
  readonly compared: Readonly<Record<string, number>>;
  /** Requests by verb and resource, watches, status and Events aside. */
  readonly requests: Readonly<Record<string, number>>;
}

function tally(names: readonly string[]): Record<string, number> {
  const groups = Object.groupBy(names, (name) => name);
  return Object.fromEntries(Object.entries(groups).map(([name, all = []]) => [name, all.length]));
}

async function requestsSoFar(): Promise<string[]> {
  const { userAgent } = scene.operator;
  const events = await auditEvents((event) => event.userAgent === userAgent && !['watch', 'list'].includes(event.verb));
  const counted = events.filter(({ objectRef }) => objectRef?.resource !== 'events' && objectRef?.subresource === undefined);
  return counted.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}`);
}

/** The work that an act leads to until all is told and nothing is written any more. */
async function workOf(act: () => Promise<unknown>, isDone: () => Promise<unknown>): Promise<Work> {
  await writesAtRest(scene.operator.userAgent);
  const before = await requestsSoFar();
  parsed.length = 0;
  for (const spied of [resolveSpec, renderResolved, contains]) vi.mocked(spied).mockClear();
  await act();
  await isDone();
  await writesAtRest(scene.operator.userAgent);
  const compared = vi.mocked(contains).mock.calls.map(([, desired]) => desired).filter(isWhole);
  return {
    resolved: vi.mocked(resolveSpec).mock.calls.length,
    rendered: vi.mocked(renderResolved).mock.calls.length,
    parsed: tally(parsed),
    compared: tally(compared.map(nameOf)),
    requests: tally((await requestsSoFar()).slice(before.length)),
  };
}

function isWhole(desired: unknown): desired is Named {
  return typeof desired === 'object' && desired !== null && 'kind' in desired && 'metadata' in desired;
}

test('a new MCPServer is resolved and rendered once, and each child read back, applied and compared once; nothing is asked for', async () => {
  const { fleet } = scene;
  const work = await workOf(() => fleet.create('new', { config: { A: '1' } }), () => fleet.ready('new'));
  const each = { 'ServiceAccount new': 1, 'ConfigMap new-config': 1, 'Service new': 1, 'Deployment new': 1 };
  expect(work).toEqual({
    resolved: 1,
    rendered: 1,
    parsed: each,
    compared: each,
    requests: { 'patch serviceaccounts': 1, 'patch configmaps': 1, 'patch services': 1, 'patch deployments': 1 },
  });
});

test('a changed field costs one more of each, and no request to a child that stays as it was', async () => {
  const { fleet } = scene;
  const isScaled = (): Promise<unknown> => eventually(async () => {
    const { metadata, status } = await fleet.ready('new');
    expect([status?.observedGeneration, status?.readyReplicas]).toEqual([metadata.generation, 2]);
  });
  const work = await workOf(() => fleet.edit('new', { replicas: 2 }), isScaled);
  const each = { 'ServiceAccount new': 1, 'ConfigMap new-config': 1, 'Service new': 1, 'Deployment new': 1, 'PodDisruptionBudget new': 1 };
  expect(work).toEqual({
    resolved: 1,
    rendered: 1,
    parsed: each,
    // Before and after.
    compared: { ...each, 'Deployment new': 2 },
    // Nothing is tried out: the budget stands unused until the Deployment changes.
    requests: { 'patch deployments': 1, 'patch poddisruptionbudgets': 1 },
  });
});

test('where two children that are in use change, the second is tried out before the first is applied', async () => {
  const { fleet } = scene;
  const isLive = (): Promise<unknown> => eventually(async () => {
    const { metadata, status } = await fleet.ready('new');
    expect(status?.observedGeneration).toBe(metadata.generation);
  });
  const { requests } = await workOf(() => fleet.edit('new', { config: { A: '2' } }), isLive);
  expect(requests).toEqual({ 'patch configmaps': 1, 'patch deployments': 2 });
});

test('labels and annotations of an MCPServer cost nothing', async () => {
  const { fleet } = scene;
  const { generation } = (await fleet.read('new')).metadata;
  const reconciled = await scene.operator.reconciles();
  const work = await workOf(
    () => fleet.client.patch(MCP_SERVERS, fleet.ref('new'), { metadata: { labels: { team: 'a' } } }),
    () => eventually(async () => expect(await scene.operator.reconciles()).toBeGreaterThan(reconciled)),
  );
  expect((await fleet.read('new')).metadata.generation).toBe(generation);
  expect(work).toEqual({ resolved: 0, rendered: 0, parsed: {}, compared: {}, requests: {} });
});
