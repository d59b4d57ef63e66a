// What is rendered for the Prometheus operator, applied to its real CRDs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, type KubernetesObject, type ResourceType } from '../../kubernetes/objects.ts';
import { connect, eventually, useNamespace } from '../support/cluster.ts';
import { install, objectOf, type Installed } from '../support/operator-manifests.ts';
import { monitoringCrds } from './crds.ts';

const namespace = useNamespace('monitors');
const OPTIONS = { fieldManager: 'cluster-tests', force: true };
const TYPES = Object.fromEntries(['ServiceMonitor', 'PodMonitor', 'PrometheusRule'].map((kind): [string, ResourceType] =>
  [kind, { group: 'monitoring.coreos.com', version: 'v1', kind, plural: `${kind.toLowerCase()}s`, namespaced: true }]));
const RENDERED: Readonly<Record<string, Installed[]>> = {
  'all defaults': install({ namespace, monitoring: {} }),
  'every prop': install({
    namespace, watchNamespaces: [namespace], monitoring: { labels: { release: 'prometheus' }, interval: '1m30s', runbookBase: 'https://git.example.com/mcp/' },
  }),
};

let client: KubernetesClient;
let crds: KubernetesObject[] = [];

beforeAll(async () => {
  [client, crds] = await Promise.all([connect(), monitoringCrds((line) => process.stderr.write(`${line}\n`))]);
  for (const crd of crds) await client.apply(CUSTOM_RESOURCE_DEFINITIONS, crd, OPTIONS);
  await eventually(async () => { for (const type of Object.values(TYPES)) await client.list(type, { namespace }); });
}, 600_000);
afterAll(async () => {
  for (const { metadata } of crds) await client.delete(CUSTOM_RESOURCE_DEFINITIONS, metadata);
  client?.close();
});

/** The spec as it is kept after an apply, which refuses what the CRD does not know. */
async function kept(kind: string, object: unknown): Promise<unknown> {
  const type = TYPES[kind];
  if (type === undefined) throw new Error(`no type ${kind}`);
  return (await client.apply<KubernetesObject & { readonly spec?: unknown }>(type, object as KubernetesObject, OPTIONS)).spec;
}

describe.each(Object.entries(RENDERED))('with %s', (_, manifests) => {
  test.each(Object.keys(TYPES))('the %s is taken and kept as it is', async (kind) => {
    const object = objectOf(manifests, kind) as Installed & { readonly spec: object };
    expect(await kept(kind, object)).toEqual(object.spec);
  });

  test.each(Object.keys(TYPES))('a %s with a field that the CRD does not know is refused', async (kind) => {
    const object = objectOf(manifests, kind) as Installed & { readonly spec: object };
    await expect(kept(kind, { ...object, spec: { ...object.spec, scrapes: true } })).rejects.toThrow('.spec.scrapes');
  });
});

test('the ConfigMap of the dashboards is taken and kept as it is, and found by the label that a sidecar of Grafana watches', async () => {
  const object = objectOf(RENDERED['every prop'] ?? [], 'ConfigMap') as Installed & { readonly data: object };
  await client.apply(CONFIG_MAPS, object, OPTIONS);
  const selection = { namespace, labelSelector: 'grafana_dashboard=1' };
  const { items } = await client.list<KubernetesObject & { readonly data?: object }>(CONFIG_MAPS, selection);
  expect(items.map(({ data }) => data)).toEqual([object.data]);
});

test('the rules file is what a PrometheusRule takes', async () => {
  const spec: unknown = parse(readFileSync(join(import.meta.dirname, '../../monitoring/mcp-operator.rules.yaml'), 'utf8'));
  expect(await kept('PrometheusRule', { metadata: { name: 'file', namespace }, spec })).toEqual(spec);
});
