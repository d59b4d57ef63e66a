// The dashboards as they are imported: every query is one that Prometheus can judge, of metrics that the operator has, and every panel says what
// it shows, in which unit, and from which value on it is worth a look.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ALERTS } from '../../charts/operator/monitoring/alerts.ts';
import { DASHBOARDS as RENDERED } from '../../charts/operator/monitoring/dashboards.ts';
import { toYaml } from '../../charts/yaml-text.ts';
import { promtool, promtoolIsMissing, type Verdict } from '../support/promtool.ts';
import { ASKED, colorOf, DASHBOARDS, panelsOf, sent, textOf, type Panel, type Step } from './dashboard-files.ts';
import { SCRAPED_NAMES, unknownIn } from './known-names.ts';
import { digestOf } from './pictures/picture.ts';
import { namesIn } from './promql.ts';
import { AS_ALERTS, THRESHOLD_CASES } from './threshold-cases.ts';

/** Of a histogram's three. */
function family(name: string): string {
  return name.replace(/_(bucket|count|sum)$/, '');
}

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/monitoring.md'), 'utf8');
const PANELS = DASHBOARDS.flatMap(panelsOf);

/** What promtool says to rules that record these. */
function judged(exprs: readonly string[]): Verdict {
  const cwd = mkdtempSync(join(tmpdir(), 'mcp-queries-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const rules = exprs.map((expr, index) => ({ record: `query_${index}`, expr }));
  writeFileSync(join(cwd, 'rules.yaml'), toYaml([{ groups: [{ name: 'queries', rules }] }]));
  return promtool(['check', 'rules', 'rules.yaml'], { cwd });
}

/** The thresholds of a panel, and of those columns of its table that have some. */
function stepsOf({ title, fieldConfig: { defaults, overrides } }: Panel): [string, readonly Step[]][] {
  const columns = overrides.flatMap(({ matcher, properties }) => properties.flatMap(({ id, value }): [string, readonly Step[]][] =>
    (id === 'thresholds' ? [[`${title}: ${matcher.options}`, (value as { steps: Step[] }).steps]] : [])));
  return [[title, defaults.thresholds?.steps ?? []], ...columns];
}

const STEPS = new Map(PANELS.flatMap(stepsOf));

/** The thresholds with each one half and one and a half times as large; one of 1 is of what is counted, and becomes 0 or 2. */
function mutantsOf(steps: readonly Step[]): Step[][] {
  return steps.flatMap(({ value }, index) => (value === null ? [] : value === 1 ? [0, 2] : [value / 2, value * 1.5]).map((other) =>
    steps.map((step, at) => (at === index ? { ...step, value: other } : step))));
}

function fits(steps: readonly Step[], title: string): boolean {
  return (THRESHOLD_CASES[title] ?? []).every(([value, color]) => colorOf(steps, value) === color);
}

describe('the queries of the dashboards', () => {
  it('use only metrics that the operator has, by labels that these have', () => {
    expect(ASKED.flatMap(({ where, target }) => unknownIn(sent(target.expr)).map((odd) => `${where}: ${odd}`))).toEqual([]);
    expect(ASKED.every(({ target }) => namesIn(sent(target.expr)).metrics.length > 0)).toBe(true);
    expect(ASKED.length).toBeGreaterThan(60);
  });

  it('use together every metric that is the operator\'s own', () => {
    const used = new Set(ASKED.flatMap(({ target }) => namesIn(sent(target.expr)).metrics.map(family)));
    const own = SCRAPED_NAMES.filter((name) => name.startsWith('mcp_operator_')).map(family);
    expect([...new Set(own)].filter((name) => !used.has(name))).toEqual([]);
  });

  it('name their series by labels that they keep, and each by a name of its own', () => {
    for (const { where, target: { expr, legendFormat } } of ASKED) {
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      expect(shown.filter((label) => !namesIn(sent(expr)).kept.includes(label)), where).toEqual([]);
      expect(legendFormat, where).not.toBe('');
    }
    for (const { title, targets } of PANELS) {
      expect(new Set(targets.map(({ legendFormat }) => legendFormat)).size, title).toBe(targets.length);
    }
  });

  it('ask the data source that is chosen at the top, by variables that are there', () => {
    expect(new Set(ASKED.map(({ target }) => target.datasource.uid))).toEqual(new Set(['${datasource}']));
    for (const dashboard of DASHBOARDS) {
      const names = dashboard.templating.list.map(({ name }) => name);
      const exprs = panelsOf(dashboard).flatMap(({ targets }) => targets.map(({ expr }) => expr));
      const used = exprs.flatMap((expr) => [...expr.matchAll(/\$(?!__)(\w+)/g)].map(([, name = '']) => name));
      expect([...new Set(['datasource', ...used])].toSorted(), dashboard.title).toEqual(names.toSorted());
    }
  });

  it('let a reader choose namespace and server, or pod, from what is scraped', () => {
    const chosen = DASHBOARDS.map(({ templating }) => templating.list.map(({ name }) => name));
    expect(chosen).toEqual([['datasource', 'namespace', 'server'], ['datasource', 'namespace', 'pod']]);
    const definitions = DASHBOARDS.flatMap(({ templating }) => templating.list.flatMap(({ definition }) => definition ?? []));
    const parts = definitions.map((definition) => /^label_values\((.*), (\w+)\)$/.exec(sent(definition))?.slice(1) ?? []);
    expect(parts.flatMap(([metric = '?', label = '?']) => unknownIn(`sum by (${label}) (${metric})`))).toEqual([]);
  });

  it.skipIf(promtoolIsMissing())('are each one that Prometheus can judge', () => {
    const { passed, said } = judged(ASKED.map(({ target }) => sent(target.expr)));
    expect(said).toContain(`SUCCESS: ${ASKED.length} rules found`);
    expect(passed).toBe(true);
  });

  it.skipIf(promtoolIsMissing()).each(['sum(rate(a))', 'sum by (a (b)', 'rate(sum(a)[5m])', 'max(a) and on (x) "y"'])('would be told of what is none: %s', (expr) => {
    expect(judged([expr]).passed).toBe(false);
  });
});

describe('the panels', () => {
  it.each(PANELS.map((panel) => [panel.title, panel] as const))('%s: says what it shows, in which unit, what no data means, and has a colour', (_, panel) => {
    const { unit, thresholds, noValue } = panel.fieldConfig.defaults;
    expect(panel.description).toMatch(/^[A-Z].{10,}[.A-Z]$/);
    expect(unit).toMatch(/^(none|percentunit|s|ops|reqps|wps|bytes)$/);
    expect(noValue).toMatch(/\S/);
    expect(thresholds?.steps[0]?.value).toBe(null);
    expect(panel.options.legend?.showLegend ?? true).toBe(true);
  });

  it('have titles and ids of their own, and stand beside each other, in rows of their own', () => {
    for (const { panels } of DASHBOARDS) {
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (__, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`));
      expect(new Set(cells).size).toBe(cells.length);
      expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
    }
    expect(new Set(PANELS.map(({ title }) => title)).size).toBe(PANELS.length);
  });

  it('have a unit that is that of the metrics they show', () => {
    const units = PANELS.filter(({ type }) => type !== 'table').flatMap(({ title, targets, fieldConfig }) =>
      targets.map(({ expr }) => [title, fieldConfig.defaults.unit, unitOf(expr)] as const));
    expect(units.filter(([, unit, wanted]) => unit !== wanted && !(wanted === 'ops' && /^(ops|reqps|wps)$/.test(unit ?? '')))).toEqual([]);
  });

  it('turn each colour at the value that the cases say, and every other threshold is noticed', () => {
    const several = [...STEPS].filter(([, steps]) => steps.length > 1);
    expect(several.map(([title]) => title).toSorted()).toEqual(Object.keys(THRESHOLD_CASES).toSorted());
    expect(several.filter(([title, steps]) => !fits(steps, title)).map(([title]) => title)).toEqual([]);
    expect(several.filter(([title, steps]) => mutantsOf(steps).some((mutant) => fits(mutant, title))).map(([title]) => title)).toEqual([]);
  });

  it.each(AS_ALERTS.map((each) => [each[0], each[1], each] as const))('%s: is of its last colour from where %s begins to count', (...args) => {
    const [title, name, compared, from] = args[2];
    expect(ALERTS.find((alert) => alert.name === name)?.expr).toMatch(new RegExp(`${compared.replace('.', '\\.')}(?![\\d.])`));
    expect(STEPS.get(title)?.at(-1)?.value).toBe(from);
  });

  it('that are tables lead from each row to its server and its namespace', () => {
    const tables = PANELS.filter(({ type }) => type === 'table');
    expect(tables).toHaveLength(2);
    for (const { title, fieldConfig } of tables) {
      const properties = fieldConfig.overrides.flatMap((override) => override.properties);
      const links = properties.flatMap(({ id, value }) => (id === 'links' ? (value as { url: string }[]) : []));
      expect(links.map(({ url }) => url), title).toEqual([
        expect.stringMatching(/^\/d\/mcp-servers\?.*var-server=\$\{__value\.raw\}/), expect.stringMatching(/^\/d\/mcp-servers\?.*var-namespace=\$\{__value\.raw\}/),
      ]);
    }
  });
});

/** Unit of what an expression gives: of a ratio of two the share, of `rate` so much a second, else that of its first metric. */
function unitOf(expr: string): string {
  const [metric = ''] = namesIn(sent(expr)).metrics;
  if (/\) \/ sum/.test(expr)) return 'percentunit';
  if (/^count|changes\(/.test(expr)) return 'none';
  if (/_seconds(_bucket)?$/.test(metric)) return 's';
  if (metric.endsWith('_bytes')) return 'bytes';
  return /rate\(/.test(expr) && metric !== 'process_cpu_seconds_total' ? 'ops' : 'none';
}

describe('the files', () => {
  it('are what the ConfigMap holds, which stays far below what kubectl apply remembers of an object', () => {
    const names = ['mcp-servers', 'mcp-operator'] as const;
    expect(RENDERED).toEqual(Object.fromEntries(names.map((name) => [`${name}.json`, JSON.stringify(JSON.parse(textOf(name)))])));
    expect(Buffer.byteLength(JSON.stringify(RENDERED))).toBeLessThan(200 * 1024);
  });

  it.each(DASHBOARDS)('$title has a picture of what it is now; where it has not: npm run pictures', ({ uid }) => {
    const picture = readFileSync(join(import.meta.dirname, `../../docs/pictures/${uid}-dashboard.svg`), 'utf8');
    expect(/data-made-from="(\w+)"/.exec(picture)?.[1]).toBe(digestOf(textOf(uid)));
    expect(PAGE).toContain(`](pictures/${uid}-dashboard.svg)`);
  });

  it('lead to each other', () => {
    const links = DASHBOARDS.map((dashboard) => (dashboard as unknown as { links: { url: string }[] }).links.map(({ url }) => url));
    expect(links).toEqual([['/d/mcp-operator'], ['/d/mcp-servers']]);
    expect(DASHBOARDS.map(({ uid }) => uid)).toEqual(['mcp-servers', 'mcp-operator']);
  });
});
