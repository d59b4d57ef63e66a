// Every alert has a page that says what to do, and every page an alert; what the pages name exists.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALERTS, runbookOf } from '../../charts/operator/monitoring/alerts.ts';
import { describedMetrics } from '../../reconciler/metrics/reference.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'docs/runbooks');
const PAGES = readdirSync(FOLDER);
const COMMANDS = [...readFileSync(join(ROOT, 'docs/command-line.md'), 'utf8').matchAll(/^## ([a-z]+)$/gm)].map(([, name = '']) => name);
const METRICS = new Set(describedMetrics().flatMap(({ name, type }) => (type === 'histogram' ? [name, `${name}_count`, `${name}_sum`, `${name}_bucket`] : [name])));

const textOf = (page: string): string => readFileSync(join(FOLDER, page), 'utf8');

describe('the runbooks', () => {
  it('are one for each alert, where its link leads, and no other', () => {
    expect(PAGES.map((page) => `docs/runbooks/${page}`).toSorted()).toEqual(ALERTS.map(({ name }) => runbookOf(name)).toSorted());
  });

  it.each(ALERTS.map((alert) => [alert.name, alert] as const))('say of %s what it means, how to see it and what to do, and how severe it is', (name, { severity }) => {
    const text = textOf(`${name}.md`);
    expect([...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title)).toEqual([name, 'What it means', 'How to see it', 'What to do']);
    expect(text).toContain(`Severity: ${severity}.`);
    expect(text).toMatch(/^```sh\n(kubectl|mcp-operator) /m);
  });

  it.each(PAGES)('name in %s only commands, metrics and alerts that exist', (page) => {
    const text = textOf(page);
    const commands = [...text.matchAll(/\bmcp-operator ([a-z]+)\b/g)].map(([, command = '']) => command);
    expect(commands.filter((command) => !COMMANDS.includes(command))).toEqual([]);
    const named = text.match(/\b(mcp_operator|controller_runtime|workqueue|rest_client|leader_election|nodejs|process)_[a-z0-9_]+/g) ?? [];
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((metric) => !METRICS.has(metric))).toEqual([]);
    const alerts = text.match(/\bMCP(Server|Operator)[A-Z]\w+/g) ?? [];
    expect(alerts.filter((alert) => !ALERTS.some(({ name }) => name === alert))).toEqual([]);
  });
});
