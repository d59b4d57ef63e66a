// The alerts, judged by Prometheus's own promtool, and held against the metrics that the operator has.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ALERTS, ruleGroups, type Alert, type Rule } from '../../charts/operator/monitoring/alerts.ts';
import { toYaml } from '../../charts/yaml-text.ts';
import { promtool, promtoolIsMissing, type Verdict } from '../support/promtool.ts';
import { ALERT_CASES, type AlertCase } from './alert-cases.ts';
import { unknownIn } from './known-names.ts';
import { namesIn } from './promql.ts';

function alertOf(name: string): Alert {
  const found = ALERTS.find((alert) => alert.name === name);
  if (found === undefined) throw new Error(`there is no alert ${name}`);
  return found;
}

/** With promtool, on a file of rules, and another file beside it. */
function judged(args: readonly string[], files: Readonly<Record<string, unknown>>): Verdict {
  const cwd = mkdtempSync(join(tmpdir(), 'mcp-rules-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), toYaml([content]));
  return promtool(args, { cwd });
}

function expected({ alert, fires }: AlertCase): object[] {
  if (fires === undefined) return [];
  const { severity, summary, description } = alertOf(alert);
  const said = (text: string): string => text
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => fires.labels[label] ?? '')
    .replaceAll(/\{\{ \$value( \|.*?)? \}\}/g, fires.shown ?? '');
  const annotations = { summary: said(summary), description: said(description), runbook_url: `docs/runbooks/${alert}.md` };
  const told = { exp_labels: { severity, ...fires.labels }, exp_annotations: annotations };
  return [{ eval_time: `${fires.at}m`, alertname: alert, exp_alerts: [told] }];
}

function testFile(...cases: readonly AlertCase[]): object {
  const tests = cases.map((each) => {
    const quiet = each.silent.map((minute) => ({ eval_time: `${minute}m`, alertname: each.alert, exp_alerts: [] }));
    const input = Object.entries(each.scrapes).map(([series, values]) => ({ series, values }));
    return { interval: '1m', input_series: input, alert_rule_test: [...quiet, ...expected(each)] };
  });
  return { rule_files: ['rules.yaml'], evaluation_interval: '1m', tests };
}

function titleOf({ alert, fires, what }: AlertCase): string {
  return `${alert} ${fires === undefined ? 'stays silent for' : 'fires for, and is over after,'} ${what}`;
}

function ruleOf(name: string): Rule {
  const found = ruleGroups().groups.flatMap(({ rules }) => rules).find(({ alert }) => alert === name);
  if (found === undefined) throw new Error(`there is no rule ${name}`);
  return found;
}

/** The alert with each number that something is compared with, and its duration, half and one and a half times as large; 0 and 1 are far off. */
function mutantsOf({ expr, for: duration }: Alert): Pick<Rule, 'expr' | 'for'>[] {
  const minutes = Number.parseInt(duration, 10);
  const numbers = [...expr.matchAll(/(?<=(?:[<>]|==|\+) )\d+(?:\.\d+)?/g)];
  const changed = numbers.flatMap(({ 0: text, index }) => {
    const value = Number(text);
    const others = value === 0 || value === 1 ? [value + 100] : [value / 2, value * 1.5];
    return others.map((other) => ({ expr: `${expr.slice(0, index)}${other}${expr.slice(index + text.length)}`, for: duration }));
  });
  const lengths = minutes === 0 ? [30] : [Math.floor(minutes / 2), minutes * 2];
  return [...changed, ...lengths.map((length) => ({ expr, for: `${length}m` }))];
}

describe('the alerts', () => {
  it('use only metrics that the operator has, by labels that these have', () => {
    expect(ALERTS.flatMap(({ name, expr }) => unknownIn(expr).map((odd) => `${name}: ${odd}`))).toEqual([]);
    expect(ALERTS.every(({ expr }) => namesIn(expr).metrics.length > 0)).toBe(true);
  });

  it.each([
    ['max by (namespace) (mcp_operator_server_conditions{type="Ready"}) < 1', ['mcp_operator_server_conditions']],
    ['mcp_operator_server_condition{kind="Ready"} < 1', ['mcp_operator_server_condition{kind}']],
    ['sum by (namespace, server) (rate(mcp_operator_servers[5m])) > 0 and on (job) up == 1', ['up', 'server']],
    ['time() - min by (resource) (mcp_operator_watch_last_event_timestamp_seconds) > 300 or absent(workqueue_depth{name="x"})', []],
  ])('would be told of what is not there: %s', (expr, odd) => {
    expect(unknownIn(expr)).toEqual(odd);
  });

  it('name in their texts only labels that they have', () => {
    for (const { name, summary, description, expr } of ALERTS) {
      const told = [...`${summary} ${description}`.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);
      expect(told.filter((label) => !namesIn(expr).kept.includes(label)), name).toEqual([]);
    }
  });

  it('are few, have names of their own, a severity and one line that says what is so', () => {
    expect(new Set(ALERTS.map(({ name }) => name)).size).toBe(ALERTS.length);
    for (const { name, severity, summary } of ALERTS) {
      expect(name).toMatch(/^MCP(Server|Operator)[A-Z]\w+$/);
      expect(['critical', 'warning']).toContain(severity);
      expect(summary).toMatch(/^[^\n]{20,120}\.$/);
    }
  });

  it('are each played through: silent, firing, over', () => {
    const played = ALERT_CASES.filter(({ fires, silent }) =>
      fires !== undefined && silent.some((minute) => minute < fires.at) && silent.some((minute) => minute > fires.at));
    expect([...new Set(played.map(({ alert }) => alert))].toSorted()).toEqual(ALERTS.map(({ name }) => name).toSorted());
  });

  it.skipIf(promtoolIsMissing())('are rules that Prometheus takes', () => {
    const { passed, said } = judged(['check', 'rules', 'rules.yaml'], { 'rules.yaml': ruleGroups('https://git.example.com/mcp/') });
    expect(said).toContain(`SUCCESS: ${ALERTS.length} rules found`);
    expect(passed).toBe(true);
  });
});

describe.skipIf(promtoolIsMissing())('promtool test rules', () => {
  it.each(ALERT_CASES.map((each) => [titleOf(each), each] as const))('%s', (_, each) => {
    const { passed, said } = judged(['test', 'rules', 'test.yaml'], { 'rules.yaml': ruleGroups(), 'test.yaml': testFile(each) });
    expect(said).toContain('SUCCESS');
    expect(passed).toBe(true);
  });

  it.each(ALERTS.map((alert) => [alert.name, alert] as const))('notices every other threshold and duration of %s', (name, alert) => {
    const file = testFile(...ALERT_CASES.filter((each) => each.alert === name));
    const unnoticed = mutantsOf(alert).filter(({ expr, for: duration }) => {
      const groups = [{ name: 'mutant', rules: [{ ...ruleOf(name), expr, for: duration }] }];
      return judged(['test', 'rules', 'test.yaml'], { 'rules.yaml': { groups }, 'test.yaml': file }).passed;
    });
    expect(unnoticed).toEqual([]);
  });
});
