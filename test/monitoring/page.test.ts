// docs/monitoring.md says what is so: its app builds, its table has the alerts, its props exist.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ALERTS } from '../../charts/operator/monitoring/alerts.ts';
import type { Manifest } from '../../charts/render.ts';
import { synthesizedBy } from '../support/page-app.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/monitoring.md'), 'utf8');

test('its app type-checks, and renders a monitor of one server beside those of all', () => {
  const objects = [...synthesizedBy('monitoring.md').values()].flatMap((text) =>
    parseAllDocuments(text).map((document) => document.toJS() as Manifest));
  const monitors = objects.filter(({ apiVersion }) => apiVersion === 'monitoring.coreos.com/v1').map(({ kind, metadata: { name } }) => `${kind} ${name}`);
  expect(monitors).toEqual(['ServiceMonitor mcp-operator', 'PodMonitor mcp-servers', 'PrometheusRule mcp-operator', 'PodMonitor weather']);
});

test('its table has every alert, with its severity and page, and how long it waits', () => {
  const rows = [...PAGE.matchAll(/^\| \[`(\w+)`\]\(runbooks\/(\w+)\.md\) \| (\w+) \| (.*?) \|/gm)].map(([, ...cells]) => cells);
  expect(rows).toEqual(ALERTS.map((alert) => [alert.name, alert.name, alert.severity, alert.for === '0m' ? 'at once' : alert.for.replace('m', ' min')]));
});

test('its table of props has every field of `monitoring`, and no other', () => {
  const source = readFileSync(join(ROOT, 'charts/operator/monitoring/props.ts'), 'utf8');
  const body = /export interface MonitoringProps \{\n(.*?)\n\}/s.exec(source)?.[1] ?? '';
  const props = [...body.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name);
  expect(props.length).toBeGreaterThan(4);
  const [, section = ''] = /^## With the Prometheus operator$(.*?)^## /ms.exec(PAGE) ?? [];
  expect([...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)).toEqual(props);
});
