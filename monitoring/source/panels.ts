// The kinds of panels of our dashboards: what all have in common is set here, what one shows is handed in.
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableCellBackgroundDisplayMode,
  TableCellDisplayMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
  type DataSourceRef,
} from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DynamicConfigValue,
  type Panel,
  type ValueMap,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** The Prometheus that the reader chose at the top. */
export const SOURCE: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

/** A colour from a value on; the first has none, and counts from below. */
export type Step = readonly [color: 'green' | 'orange' | 'red' | 'blue', from?: number];

/** One expression and how its series are called. */
export interface Query {
  readonly expr: string;
  readonly legend: string;
}

/** What a panel shows. */
export interface Shown {
  readonly title: string;
  /** What it answers, in a sentence or two. */
  readonly what: string;
  /** As Grafana names units. */
  readonly unit: string;
  /** Of 24 columns. */
  readonly width: number;
  readonly steps: readonly Step[];
  readonly queries: readonly Query[];
  /** What stands there where no series is found; default: No data. */
  readonly empty?: string;
}

/** Words for values, each with its colour. */
export type Words = Readonly<Record<string, readonly [text: string, color: Step[0]]>>;

/** What a condition says that is good when it is True. */
export const GOOD_WHEN_TRUE: Words = { 1: ['True', 'green'], 0: ['False', 'red'], '-1': ['Unknown', 'orange'] };
/** One that is not. */
export const BAD_WHEN_TRUE: Words = { 1: ['True', 'red'], 0: ['False', 'green'], '-1': ['Unknown', 'orange'] };

const HEIGHTS = { stat: 4, lines: 8, timeline: 5 };

/** What all kinds of panels can be told. */
interface AnyBuilder {
  title(title: string): this;
  description(text: string): this;
  datasource(source: DataSourceRef): this;
  span(columns: number): this;
  height(rows: number): this;
  unit(unit: string): this;
  thresholds(steps: ThresholdsConfigBuilder): this;
  noValue(text: string): this;
}

/** The panel with what all panels have. */
function begun<B extends AnyBuilder>(builder: B, { title, what, width, unit, steps, empty = 'No data' }: Omit<Shown, 'queries'>, height: number): B {
  return builder.title(title).description(what).datasource(SOURCE).span(width).height(height)
    .unit(unit).thresholds(thresholds(steps)).noValue(empty);
}

/** How a number is shown: with words in its place, or its name. */
interface StatOptions {
  readonly words?: Words;
  readonly byName?: boolean;
}

/** One number of now. */
export function stat(shown: Shown, { words, byName = false }: StatOptions = {}): Builder<Panel> {
  return begun(new StatBuilder(), shown, HEIGHTS.stat)
    .decimals(shown.unit === 'none' ? 0 : 1).colorScheme(byThresholds())
    .mappings(words === undefined ? [] : [mapping(words)])
    .colorMode(BigValueColorMode.Value).graphMode(byName || words !== undefined ? BigValueGraphMode.None : BigValueGraphMode.Area)
    .textMode(byName ? BigValueTextMode.Name : BigValueTextMode.Auto)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false))
    .targets(targets(shown.queries));
}

/** How lines are drawn: over each other, or as bars. */
interface LinesOptions {
  readonly stacked?: boolean;
  readonly bars?: boolean;
}

/** Lines over time. Thresholds above the first are drawn. */
export function lines(shown: Shown, { stacked = false, bars = false }: LinesOptions = {}): Builder<Panel> {
  const drawn = shown.steps.length > 1 ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off;
  return begun(new LinesBuilder(), shown, HEIGHTS.lines)
    .min(0).colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(drawn))
    .drawStyle(bars ? GraphDrawStyle.Bars : GraphDrawStyle.Line).lineWidth(1).fillOpacity(stacked || bars ? 40 : 10)
    .showPoints(VisibilityMode.Never)
    .stacking(new StackingConfigBuilder().mode(stacked ? StackingMode.Normal : StackingMode.None).group('A'))
    .legend(legend(['lastNotNull', 'max'])).tooltip(tooltip())
    .targets(targets(shown.queries));
}

/** A bar for each series, coloured by what it says at the time. */
export function timeline(shown: Shown, words: Words): Builder<Panel> {
  return begun(new TimelineBuilder(), shown, HEIGHTS.timeline)
    .colorScheme(byThresholds()).mappings([mapping(words)])
    .showValue(VisibilityMode.Auto).rowHeight(0.8).mergeValues(true).lineWidth(0).fillOpacity(80)
    .legend(legend([])).tooltip(tooltip())
    .targets(targets(shown.queries));
}

/** A column of a table: what its values are called, and how they look. Its query keeps the labels of all others. */
export interface Column extends Query {
  readonly unit?: string;
  readonly words?: Words;
  readonly steps?: readonly Step[];
}

/** A link from the cells of a column. */
export interface CellLink {
  readonly column: string;
  readonly title: string;
  readonly url: string;
}

/** What a table shows. */
interface Table extends Omit<Shown, 'queries'> {
  readonly queries: readonly Column[];
  readonly height: number;
}

/** Labels and columns that are not shown, or by another name, and where cells lead to. */
interface TableOptions {
  readonly hidden?: readonly string[];
  readonly renamed?: Readonly<Record<string, string>>;
  readonly links: readonly CellLink[];
}

/** One row for each set of labels, which the queries have in common. */
export function table({ queries, height, ...shown }: Table, { hidden = [], renamed = {}, links }: TableOptions): Builder<Panel> {
  const names = Object.fromEntries(queries.map(({ legend: name }, index) => [`Value #${refId(index)}`, name]));
  const organized = {
    excludeByName: Object.fromEntries(['Time', ...hidden].map((name) => [name, true])),
    renameByName: { ...names, ...renamed },
  };
  const built = begun(new TableBuilder(), shown, height)
    .filterable(true)
    .transformations([{ id: 'merge', options: {} }, { id: 'organize', options: organized }])
    .targets(queries.map((query, index) => target(query, index).instant().format(PromQueryFormat.Table)));
  for (const column of queries) built.overrideByName(column.legend, looks(column));
  for (const { column, title, url } of links) built.overrideByName(column, [{ id: 'links', value: [{ title, url, targetBlank: false }] }]);
  return built;
}

function looks({ unit, words, steps }: Column): DynamicConfigValue[] {
  const coloured = { type: TableCellDisplayMode.ColorBackground, mode: TableCellBackgroundDisplayMode.Basic };
  return [
    ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
    ...(words === undefined ? [] : [{ id: 'mappings', value: [mapping(words)] }]),
    ...(steps === undefined ? [] : [{ id: 'thresholds', value: thresholds(steps).build() }]),
    ...(words === undefined && steps === undefined ? [] : [{ id: 'custom.cellOptions', value: coloured }, { id: 'color', value: { mode: 'thresholds' } }]),
  ];
}

function targets(queries: readonly Query[]): DataqueryBuilder[] {
  return queries.map((query, index) => target(query, index).range());
}

function target({ expr, legend: name }: Query, index: number): DataqueryBuilder {
  return new DataqueryBuilder().refId(refId(index)).datasource(SOURCE).expr(expr).legendFormat(name);
}

function refId(index: number): string {
  return String.fromCodePoint('A'.charCodeAt(0) + index);
}

function thresholds(steps: readonly Step[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps.map(([color, value = null]) => ({ color, value })));
}

function byThresholds(): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.Thresholds);
}

function mapping(words: Words): ValueMap {
  const options = Object.entries(words).map(([value, [text, color]], index) => [value, { text, color, index }]);
  return { type: MappingType.ValueToText, options: Object.fromEntries(options) as ValueMap['options'] };
}

function legend(calcs: string[]): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom).calcs(calcs);
}

function tooltip(): VizTooltipOptionsBuilder {
  // oxlint-disable-next-line unicorn/no-array-sort -- an option of that name
  return new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending);
}
