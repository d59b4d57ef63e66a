// deletionPolicy: Orphan, from its choice to the deletion of the MCPServer.
// The cases follow on each other: one MCPServer, kept, from its creation to its deletion.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CONFIG_MAPS, DEPLOYMENTS, PODS, SERVICES, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { MCP_SERVERS } from '../../../reconciler/kinds.ts';
import { auditEvents, eventually, kubectl } from '../../support/cluster.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { writesAtRest, writesBy } from '../../support/operator.ts';
import { useScene } from '../scene.ts';

const DOCS = join(import.meta.dirname, '../../../docs/mcpserver.md');
const scene = useScene('orphan');
const ALL = ['ServiceAccount kept', 'ConfigMap kept-config', 'Service kept', 'Deployment kept'];

async function owners(name: string): Promise<unknown[]> {
  return (await scene.fleet.children(name)).map(({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid));
}

async function podTemplates(name: string): Promise<string[]> {
  const { items } = await scene.fleet.client.list<KubernetesObject>(PODS, { namespace: scene.namespace, labelSelector: `mcp.example.com/server=${name}` });
  return [...new Set(items.map(({ metadata }) => metadata.labels?.['pod-template-hash'] ?? ''))];
}

test('switching to Orphan takes the owner reference from every child, rolls no pod, and says when it is done', async () => {
  const { fleet } = scene;
  const { metadata } = await fleet.create('kept', { config: { A: '1' } });
  await fleet.ready('kept');
  expect(await owners('kept')).toEqual(ALL.map(() => [metadata.uid]));
  const before = await podTemplates('kept');
  await fleet.edit('kept', { deletionPolicy: 'Orphan' });
  await fleet.until('kept', 'Orphaned', ['True']);
  await fleet.ready('kept');
  expect(await owners('kept')).toEqual(ALL.map(() => undefined));
  expect(await podTemplates('kept')).toEqual(before);
});

test('an owner reference somebody puts back is taken away again, even one that others co-own', async () => {
  const { fleet } = scene;
  const { uid } = (await fleet.read('kept')).metadata;
  const reference = { apiVersion: 'mcp.example.com/v1alpha1', kind: 'MCPServer', name: 'kept', uid, controller: true };
  await fleet.client.patch(SERVICES, fleet.ref('kept'), { metadata: { ownerReferences: [reference] } }, { fieldManager: 'restore' });
  await eventually(async () => expect(await owners('kept')).toEqual(ALL.map(() => undefined)));
  await fleet.until('kept', 'Orphaned', ['True']);
});

test('under Orphan children are still repaired and pruned, and cost no write at rest', async () => {
  const { fleet, operator } = scene;
  await fleet.client.delete(SERVICES, fleet.ref('kept'));
  await eventually(async () => expect(await fleet.childNames('kept')).toEqual(ALL));
  await fleet.edit('kept', { config: null });
  await eventually(async () => expect(await fleet.childNames('kept')).toEqual(ALL.filter((name) => !name.startsWith('ConfigMap'))));
  await fleet.edit('kept', { config: { A: '1' } });
  await eventually(async () => expect(await fleet.childNames('kept')).toEqual(ALL));
  await fleet.ready('kept');
  const before = await writesAtRest(operator.userAgent);
  for (const round of ['1', '2', '3']) await fleet.client.patch(MCP_SERVERS, fleet.ref('kept'), { metadata: { annotations: { round } } });
  await fleet.create('marker');
  await fleet.ready('marker');
  expect((await writesBy(operator.userAgent)).slice(before.length).filter(({ objectRef }) => objectRef?.name?.startsWith('kept'))).toEqual([]);
});

test('switching back to Delete puts the owner references back, guarded by uid and resourceVersion', async () => {
  const { fleet, operator } = scene;
  const { uid } = (await fleet.edit('kept', { deletionPolicy: 'Delete' })).metadata;
  await eventually(async () => expect(await owners('kept')).toEqual(ALL.map(() => [uid])));
  expect(conditionOf(await fleet.ready('kept'), 'Orphaned')).toBeUndefined();
  expect(operator.errors).toEqual([]);
});

test('deleting an orphaning MCPServer leaves everything at work', async () => {
  const { fleet, namespace } = scene;
  await fleet.edit('kept', { deletionPolicy: 'Orphan' });
  await fleet.until('kept', 'Orphaned', ['True']);
  const before = await fleet.children('kept');
  expect(await kubectl(['delete', 'mcps/kept', '-n', namespace, '--timeout=30s'])).toMatchObject({ code: 0 });
  await fleet.create('collected');
  await fleet.ready('collected');
  // Garbage collection works through what is deleted in order: having finished a later one, it had its chance.
  await fleet.remove('collected');
  await eventually(async () => expect(await fleet.childNames('collected')).toEqual([]), { timeoutMs: 75_000 });
  expect((await fleet.children('kept')).map(({ kind, metadata }) => [kind, metadata.uid])).toEqual(
    before.map(({ kind, metadata }) => [kind, metadata.uid]),
  );
  expect((await fleet.client.list(PODS, { namespace, labelSelector: 'mcp.example.com/server=kept' })).items).toHaveLength(1);
});

test('a new MCPServer of the name touches none of what is left, and takes it over where told, without rolling a pod', async () => {
  const { fleet, namespace } = scene;
  const before = await fleet.children('kept');
  const templates = await podTemplates('kept');
  // What it would not render is left alone just as well.
  const { metadata } = await fleet.create('kept');
  const conflict = await fleet.until('kept', 'Stalled', ['True', 'NameConflict']);
  expect(conditionOf(conflict, 'Ready')?.message).toContain('Deployment kept (left by an MCPServer that is gone)');
  expect(conditionOf(conflict, 'Ready')?.message).toContain('mcp.example.com/adopt-by=kept');
  expect(await fleet.children('kept')).toEqual(before);
  const writes = await auditEvents(
    ({ userAgent, verb, objectRef }) =>
      userAgent === scene.operator.userAgent && verb === 'delete' && objectRef?.name?.startsWith('kept') === true,
  );
  const [, kinds = '', label = '', consent = ''] = /`kubectl annotate (\S+) -l (\S+) (\S+)`/.exec(await readFile(DOCS, 'utf8')) ?? [];
  await fleet.edit('kept', { config: { A: '1' } });
  expect(await kubectl(['annotate', kinds, '-n', namespace, '-l', label.replace('NAME', 'kept'), consent.replace('NAME', 'kept')])).toMatchObject({ code: 0 });
  await fleet.ready('kept');
  expect(await owners('kept')).toEqual(ALL.map(() => [metadata.uid]));
  expect((await fleet.find(DEPLOYMENTS, 'kept'))?.metadata.uid).toBe(before.find(({ kind }) => kind === 'Deployment')?.metadata.uid);
  expect(await podTemplates('kept')).toEqual(templates);
  expect(await fleet.find(CONFIG_MAPS, 'kept-config')).toBeDefined();
  expect(
    await auditEvents(
      ({ userAgent, verb, objectRef }) =>
        userAgent === scene.operator.userAgent && verb === 'delete' && objectRef?.name?.startsWith('kept') === true,
    ),
  ).toEqual(writes);
});
