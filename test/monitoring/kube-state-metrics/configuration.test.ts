// What kube-state-metrics is told: every path is a field of an MCPServer, every list of values is that of the field, and the page tells of all.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { customResourceDefinition } from '../../../charts/api/crd.ts';
import { GROUP, KIND, VERSION } from '../../../charts/api/group.ts';
import { crd, type SchemaNode } from '../../support/spec-schema.ts';
import { CONFIGURATION } from './program.ts';

type Path = readonly string[];
type Labels = Readonly<Record<string, Path>>;
interface Each { readonly path?: Path; readonly valueFrom?: Path; readonly labelsFromPath?: Labels; readonly list?: readonly string[] }
interface Metric { readonly name: string; readonly help: string; readonly each: { readonly type: string } & Readonly<Record<string, Each>> }
interface Resource {
  readonly groupVersionKind: object;
  readonly metricNamePrefix: string;
  readonly labelsFromPath: Labels;
  readonly metrics: readonly Metric[];
}

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/monitoring.md'), 'utf8');
const { spec: { resources } } = parse(readFileSync(CONFIGURATION, 'utf8')) as { spec: { resources: Resource[] } };
const [resource] = resources as [Resource];
/** What every object has, besides what the schema says. */
const METADATA: SchemaNode = {
  properties: {
    name: { type: 'string' }, namespace: { type: 'string' }, generation: { type: 'integer' }, creationTimestamp: { type: 'string', format: 'date-time' },
  },
};
const ROOT: SchemaNode = { properties: { ...crd().spec.versions[0].schema.openAPIV3Schema.properties, metadata: METADATA } };

/** The field at a path; of a list, of its items. Undefined where there is none. */
function fieldAt(root: SchemaNode | undefined, path: Path = []): SchemaNode | undefined {
  return path.reduce<SchemaNode | undefined>((node, name) => (node?.items ?? node)?.properties?.[name], root);
}

/** What of a metric is not as the schema has it. */
function oddIn({ name, each: { type, ...kinds } }: Metric): string[] {
  const { path, valueFrom, labelsFromPath = {}, list } = Object.values(kinds)[0] as Each;
  const base = fieldAt(ROOT, path);
  const value = fieldAt(base, valueFrom);
  const isNumber = ['integer', 'number'].includes(value?.type ?? '') || value?.['format'] === 'date-time';
  const missing = Object.entries({ ...labelsFromPath, value: valueFrom ?? [] }).filter(([, each]) => fieldAt(base, each) === undefined);
  return [
    ...missing.map(([label]) => `${name}: ${label}`),
    ...(type !== 'Gauge' || isNumber ? [] : [`${name}: no number`]),
    ...(type !== 'StateSet' || JSON.stringify(list) === JSON.stringify(value?.enum) ? [] : [`${name}: other values`]),
  ];
}

it('asks for MCPServers as they are served, by paths and values that the CRD has', () => {
  expect(resource.groupVersionKind).toEqual({ group: GROUP, version: VERSION, kind: KIND });
  expect(customResourceDefinition().spec).toMatchObject({ group: GROUP, names: { kind: KIND }, versions: [{ name: VERSION }] });
  expect(resource.metrics.flatMap(oddIn)).toEqual([]);
  expect(Object.values(resource.labelsFromPath).filter((path) => fieldAt(ROOT, path) === undefined)).toEqual([]);
});

it.each<[string, Metric, string[]]>([
  ['a field that is not there', { name: 'a', help: '', each: { type: 'Gauge', gauge: { path: ['status', 'replica'] } } as never }, ['a: value', 'a: no number']],
  ['a label from one', { name: 'a', help: '', each: { type: 'Info', info: { labelsFromPath: { x: ['spec', 'picture'] } } } as never }, ['a: x']],
  ['text as a number', { name: 'a', help: '', each: { type: 'Gauge', gauge: { path: ['status', 'phase'] } } as never }, ['a: no number']],
  ['other phases', { name: 'a', help: '', each: { type: 'StateSet', stateSet: { path: ['status', 'phase'], list: ['Ready'] } } as never }, ['a: other values']],
])('would be told of %s', (_, metric, odd) => {
  expect(oddIn(metric)).toEqual(odd);
});

it('has the metrics that docs/monitoring.md lists', () => {
  const [, section = ''] = /^## With kube-state-metrics$(.*?)^## /ms.exec(PAGE) ?? [];
  const listed = [...section.matchAll(/^\| (`kube_.*?`) \|/gm)].flatMap(([, names = '']) => names.match(/\w+/g) ?? []);
  expect(listed).toEqual(resource.metrics.map(({ name }) => `${resource.metricNamePrefix}_${name}`));
});
