// The dashboards as people import them: read from their files, not from what makes these.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A colour from a value on; the first counts from below. */
export interface Step {
  readonly color: string;
  readonly value: number | null;
}

/** One expression of a panel. */
export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly datasource: { readonly uid: string };
  /** Of now only. */
  readonly instant?: boolean;
}

/** What values look like. */
export interface Looks {
  readonly unit?: string;
  readonly thresholds?: { readonly steps: readonly Step[] };
  readonly mappings?: readonly { readonly options: Readonly<Record<string, { readonly text: string; readonly color: string }>> }[];
  readonly noValue?: string;
}

/** What is else with one column of a table. */
export interface Override {
  readonly matcher: { readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

/** What is done to the results of the queries before they are shown. */
export interface Transformation {
  readonly id: string;
  readonly options: {
    readonly excludeByName?: Readonly<Record<string, boolean>>;
    readonly renameByName?: Readonly<Record<string, string>>;
  };
}

/** A panel that shows something. */
export interface Panel {
  readonly id: number;
  readonly type: 'stat' | 'timeseries' | 'table' | 'state-timeline';
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly Target[];
  readonly fieldConfig: {
    readonly defaults: Looks & { readonly custom?: { readonly stacking?: { readonly mode: string } } };
    readonly overrides: readonly Override[];
  };
  readonly options: { readonly textMode?: string; readonly legend?: { readonly showLegend: boolean } };
  readonly transformations?: readonly Transformation[];
}

/** A title over panels. */
export interface Row {
  readonly type: 'row';
  readonly id: number;
  readonly title: string;
  readonly gridPos: Panel['gridPos'];
}

/** A variable at the top. */
export interface Variable {
  readonly name: string;
  readonly type: 'datasource' | 'query';
  readonly definition?: string;
}

/** A file. */
export interface Dashboard {
  readonly uid: 'mcp-servers' | 'mcp-operator';
  readonly title: string;
  readonly templating: { readonly list: readonly Variable[] };
  readonly panels: readonly (Panel | Row)[];
}

const FOLDER = join(import.meta.dirname, '../../monitoring');

/** Text of the file of a dashboard. */
export function textOf(name: Dashboard['uid']): string {
  return readFileSync(join(FOLDER, `${name}.dashboard.json`), 'utf8');
}

/** Both of them. */
export const DASHBOARDS = (['mcp-servers', 'mcp-operator'] as const).map((name) => JSON.parse(textOf(name)) as Dashboard);

/** The panels that show something. */
export function panelsOf({ panels }: Dashboard): Panel[] {
  return panels.filter((panel): panel is Panel => panel.type !== 'row');
}

/** What is asked for, by dashboard and title. */
export interface Asked {
  readonly where: string;
  readonly panel: Panel;
  readonly target: Target;
}

/** Every query. */
export const ASKED: readonly Asked[] = DASHBOARDS.flatMap((dashboard) => panelsOf(dashboard).flatMap((panel) =>
  panel.targets.map((target) => ({ where: `${dashboard.title}: ${panel.title} (${target.refId})`, panel, target }))));

/** An expression as Grafana sends it, by default where all is chosen. */
export function sent(expr: string, { namespace = '.*', server = '.*', pod = '.*', rateInterval = '1m' } = {}): string {
  const values: Record<string, string> = { namespace, server, pod, __rate_interval: rateInterval };
  return expr.replaceAll(/\$(\w+)/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for $${name}`);
    return value;
  });
}

/** The colour of a value. */
export function colorOf(steps: readonly Step[], value: number): string | undefined {
  return steps.findLast(({ value: from }) => from === null || value >= from)?.color;
}
