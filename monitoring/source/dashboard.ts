// What our dashboards have in common: their variables, rows and links to each other, and the file they are written to.
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { SOURCE } from './panels.ts';

/** A variable at the top: the values of a label, several at once, or all. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  /** Of which metric, with its matchers. */
  readonly of: string;
  /** The label. */
  readonly values: string;
}

/** A title and the panels under it. */
export type Row = readonly [title: string, ...panels: Builder<Panel>[]];

/** A dashboard. */
export interface Contents {
  readonly uid: string;
  readonly title: string;
  /** What it answers. */
  readonly what: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
  /** The other one. */
  readonly beside: { readonly uid: string; readonly title: string };
}

const TAG = 'mcp-operator';

/** The JSON of a dashboard, as Grafana imports it. */
export function dashboardFile({ uid, title, what, variables, rows, beside }: Contents): string {
  const builder = new DashboardBuilder(title).uid(uid).description(what).tags([TAG]).readonly().tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-6h', to: 'now' }).refresh('1m').timezone('browser')
    .variables([new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'), ...variables.map(variable)])
    .links([new DashboardLinkBuilder(beside.title).type(DashboardLinkType.Link).url(`/d/${beside.uid}`).keepTime(true).targetBlank(false)]);
  for (const [name, ...panels] of rows) {
    builder.withRow(new RowBuilder(name));
    for (const panel of panels) builder.withPanel(panel);
  }
  const built = builder.build();
  const numbered = built.panels?.map((panel, index) => ({ ...panel, id: index + 1 }));
  return `${JSON.stringify({ ...built, panels: numbered }, null, 2)}\n`;
}

function variable({ name, label, of, values }: Variable): QueryVariableBuilder {
  const query = `label_values(${of}, ${values})`;
  return new QueryVariableBuilder(name).label(label).datasource(SOURCE)
    .query({ query, refId: name }).definition(query).refresh(VariableRefresh.OnTimeRangeChanged)
    // oxlint-disable-next-line unicorn/no-array-sort -- an option of that name
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true).includeAll(true).allValue('.*').current({ selected: true, text: 'All', value: '$__all' });
}
