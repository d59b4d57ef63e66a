// A dashboard as one SVG, of what a real Prometheus answered to its queries. Pure.
import { createHash } from 'node:crypto';
import { colorOf, type Dashboard, type Looks, type Panel, type Target } from '../dashboard-files.ts';
import type { Series, Span } from '../prometheus.ts';
import { chartIn, LINE_COLORS, text, type Box } from './chart.ts';
import { cut, escaped, nameOf, written } from './text.ts';

/** What was answered, by panel and query. */
export type Answers = (panel: Panel, target: Target) => readonly Series[];

interface Named extends Series {
  readonly name: string;
  readonly target: Target;
}

const TEXT = '#1f2328';
const COLUMN = 48;
const ROW = 28;
const GAP = 8;
const COLORS: Readonly<Record<string, string>> = { green: '#116329', orange: '#9a6700', red: '#a40e26', blue: '#0550ae' };

/** What pictures are made from: another dashboard needs another picture. */
export function digestOf(file: string): string {
  return createHash('sha256').update(file).digest('hex').slice(0, 16);
}

/** The picture. `digest` says what it was made from. */
export function dashboardPicture(dashboard: Dashboard, answers: Answers, { span, digest }: { span: Span; digest: string }): string {
  const height = Math.max(...dashboard.panels.map(({ gridPos: { y, h } }) => y + h)) * ROW + GAP;
  const width = 24 * COLUMN + GAP;
  const drawn = dashboard.panels.flatMap((panel) => {
    const { x, y, w, h } = panel.gridPos;
    const box = { x: x * COLUMN + GAP, y: y * ROW + GAP, width: w * COLUMN - GAP, height: h * ROW - GAP };
    if (panel.type === 'row') return [text({ x: box.x, y: box.y + 14, size: 14, weight: 'bold' }, panel.title)];
    return panelIn(box, panel, { answers, span });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" data-made-from="${digest}">`,
    `<title>${escaped(dashboard.title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#f6f8fa"/>`,
    '<g font-family="system-ui, sans-serif">',
    ...drawn,
    '</g>', '</svg>', '',
  ].join('\n');
}

function panelIn(box: Box, panel: Panel, { answers, span }: { readonly answers: Answers; readonly span: Span }): string[] {
  const found = panel.targets.flatMap((target) =>
    answers(panel, target).map((series): Named => ({ ...series, target, name: nameOf(target.legendFormat, series.labels) })));
  const { x, y, width, height } = box;
  const frame = `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="3" fill="#ffffff" stroke="#d1d9e0"/>`;
  const inner = { x: x + 10, y: y + 26, width: width - 20, height: height - 34 };
  const nothing = [text({ x: inner.x, y: inner.y + 20 }, panel.fieldConfig.defaults.noValue ?? '')];
  const content = found.length === 0 ? nothing : DRAWN[panel.type](inner, panel, { found, span });
  return [frame, text({ x: x + 10, y: y + 18, weight: 'bold' }, cut(panel.title, width - 20)), ...content];
}

type Draw = (box: Box, panel: Panel, data: { readonly found: readonly Named[]; readonly span: Span }) => string[];

const stat: Draw = ({ x, y }, { fieldConfig: { defaults }, options }, { found: [first] }) => {
  const value = last(first);
  const shown = options.textMode === 'name' ? (first?.name ?? '') : said(value, defaults);
  return [text({ x, y: y + 40, size: 28, weight: 'bold', fill: shade(defaults, value) }, shown)];
};

const lines: Draw = (box, { fieldConfig: { defaults } }, { found, span }) => {
  const { unit = 'none', thresholds: { steps = [] } = {} } = defaults;
  const stacked = defaults.custom?.stacking?.mode === 'normal';
  const chart = chartIn({ ...box, height: box.height - 18 }, { series: found, span, unit, steps, stacked }, colored);
  return [...chart, ...legend(found, { ...box, y: box.y + box.height })];
};

/** Names of the series from left to right, as many as there is room for. */
function legend(found: readonly Named[], { x, y, width }: Box): string[] {
  let at = x;
  const drawn: string[] = [];
  for (const [index, { name }] of found.entries()) {
    const wide = name.length * 5.6 + 26;
    if (at + wide > x + width - 30 && index < found.length - 1) return [...drawn, text({ x: at, y, size: 10 }, `and ${found.length - index} more`)];
    const color = LINE_COLORS[index % LINE_COLORS.length];
    drawn.push(`<rect x="${at}" y="${y - 7}" width="10" height="4" fill="${color}"/>`, text({ x: at + 14, y, size: 10 }, name));
    at += wide;
  }
  return drawn;
}

const timeline: Draw = (box, { fieldConfig: { defaults } }, { found, span }) =>
  found.slice(0, 6).flatMap((series, row) => barIn({ ...box, y: box.y + 8 + row * 26, height: 18 }, series, { looks: defaults, span }));

/** A name, and beside it what the series said over the time. */
function barIn({ x, y, width, height }: Box, { name, points }: Named, { looks, span }: { looks: Looks; span: Span }): string[] {
  const from = x + 220;
  const scale = (width - 220) / (span.end - span.start);
  const at = (time: number): number => from + (time - span.start) * scale;
  const bars = points.map(([time, value], index) => {
    const wide = at(points[index + 1]?.[0] ?? span.end) - at(time) + 0.3;
    return `<rect x="${at(time).toFixed(1)}" y="${y}" width="${wide.toFixed(1)}" height="${height}" fill="${shade(looks, value)}"/>`;
  });
  const [begin, value] = points[0] ?? [span.start, 0];
  return [text({ x, y: y + 13 }, cut(name, 210)), ...bars, text({ x: at(begin) + 4, y: y + 13, size: 10, fill: '#ffffff' }, said(value, looks))];
}

const table: Draw = ({ x, y, width }, panel, { found }) => {
  const { excludeByName: hidden = {}, renameByName: renamed = {} } = panel.transformations?.find(({ id }) => id === 'organize')?.options ?? {};
  const rows = new Map<string, Map<string, readonly [text: string, color: string]>>();
  const columns = new Set<string>();
  for (const { labels, target, points } of found) {
    const key = `${labels['namespace']}/${labels['name']}`;
    const row = rows.get(key) ?? new Map<string, readonly [string, string]>();
    rows.set(key, row);
    for (const [label, value] of Object.entries(labels)) row.set(renamed[label] ?? label, [value, TEXT]);
    const field = `Value #${target.refId}`;
    const column = renamed[field] ?? field;
    const [looks, value] = [looksOf(panel, column), points.at(-1)?.[1] ?? 0];
    if (hidden[field] !== true) row.set(column, [said(value, looks), looks.thresholds || looks.mappings ? shade(looks, value) : TEXT]);
    for (const each of row.keys()) columns.add(each);
  }
  const head = new Map([...columns].map((column) => [column, [column, '#59636e'] as const]));
  const cells = [head, ...rows.values()];
  const lengths = [...columns].map((column) => Math.max(...cells.map((row) => row.get(column)?.[0].length ?? 0)) + 2);
  const all = lengths.reduce((sum, length) => sum + length, 0);
  return cells.flatMap((row, line) => [...columns].map((column, index) => {
    const [content = '', fill = TEXT] = row.get(column) ?? [];
    const before = lengths.slice(0, index).reduce((sum, length) => sum + length, 0);
    const at = { x: x + (before / all) * width, y: y + 16 + line * 20 };
    return text({ ...at, fill, weight: line === 0 ? 'bold' : 'normal', size: 11 }, cut(content, ((lengths[index] ?? 0) / all) * width));
  }));
};

const DRAWN: Readonly<Record<Panel['type'], Draw>> = { stat, timeseries: lines, 'state-timeline': timeline, table };

/** What one column of a table looks like. */
function looksOf({ fieldConfig: { overrides } }: Panel, column: string): Looks {
  const own = overrides.filter(({ matcher }) => matcher.options === column).flatMap(({ properties }) => properties);
  return Object.fromEntries(own.map(({ id, value }) => [id, value]));
}

function said(value: number, { unit, mappings = [] }: Looks): string {
  return mappings.map(({ options }) => options[value]?.text).find((each) => each !== undefined) ?? written(value, unit);
}

function shade({ mappings = [], thresholds }: Looks, value: number): string {
  const mapped = mappings.map(({ options }) => options[value]?.color).find((each) => each !== undefined);
  return colored(mapped ?? colorOf(thresholds?.steps ?? [], value) ?? 'blue');
}

function colored(name: string): string {
  return COLORS[name] ?? TEXT;
}

function last(series: Series | undefined): number {
  return series?.points.at(-1)?.[1] ?? 0;
}
