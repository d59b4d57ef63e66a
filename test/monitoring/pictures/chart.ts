// A chart over time as SVG: lines or stacked areas, with the thresholds that the panel has. Pure.
import type { Series, Span } from '../prometheus.ts';
import type { Step } from '../dashboard-files.ts';
import { escaped, rounded, written } from './text.ts';

/** Where something is drawn, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Colours of lines, told apart also by people who see fewer of them. */
export const LINE_COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#b58900', '#56b4e9', '#6c4a9e', '#7f7f7f'] as const;

/** What a chart is of. */
export interface Chart {
  readonly series: readonly Series[];
  readonly span: Span;
  readonly unit: string;
  readonly steps: readonly Step[];
  readonly stacked: boolean;
}

interface Line {
  readonly color: string;
  /** From the left. */
  readonly points: readonly (readonly [x: number, low: number, high: number])[];
}

const AXIS = 52;
const FOOT = 14;

/** The chart with its axes. */
export function chartIn(box: Box, chart: Chart, colorOf: (name: string) => string): string[] {
  const { span, unit, steps } = chart;
  const plot: Box = { x: box.x + AXIS, y: box.y + 6, width: box.width - AXIS, height: box.height - FOOT - 6 };
  const lines = linesOf(chart);
  const scale = unit === 'bytes' ? 2 ** 20 : 1;
  const top = scale * niceTop(Math.max(...lines.flatMap(({ points }) => points.map(([, , high]) => high)), 0) / scale);
  const x = (at: number): number => rounded1(plot.x + ((at - span.start) / (span.end - span.start)) * plot.width);
  const y = (value: number): number => rounded1(plot.y + plot.height * (1 - value / top));
  const grid = [0, 0.5, 1].flatMap((part) => [
    `<path d="M${plot.x} ${y(top * part)}h${plot.width}" stroke="#d1d9e0"/>`,
    text({ x: plot.x - 6, y: y(top * part) + 4, anchor: 'end', size: 10 }, written(top * part, unit)),
  ]);
  const times = [0, 0.5, 1].map((part) => {
    const anchor = part === 0 ? 'start' : part === 1 ? 'end' : 'middle';
    const at = { x: plot.x + plot.width * part, y: box.y + box.height };
    return text({ ...at, anchor, size: 10 }, `${Math.round((span.end - span.start) * part)} s`);
  });
  const limits = steps.filter(({ value }) => value !== null && value <= top).map(({ color, value }) =>
    `<path d="M${plot.x} ${y(value ?? 0)}h${plot.width}" stroke="${colorOf(color)}" stroke-dasharray="6 4"/>`);
  const drawn = lines.map(({ color, points }) => {
    const high = points.map(([at, , value]) => `${x(at)} ${y(value)}`).join('L');
    const low = points.toReversed().map(([at, value]) => `${x(at)} ${y(value)}`).join('L');
    const area = chart.stacked ? `<path d="M${high}L${low}Z" fill="${color}" fill-opacity="0.35"/>` : '';
    return `${area}<path d="M${high}" fill="none" stroke="${color}" stroke-width="1.5"/>`;
  });
  return [...grid, ...times, ...limits, ...drawn];
}

/** Where a text stands, and how it looks. */
interface TextLooks {
  readonly x: number;
  readonly y: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly fill?: string;
  readonly weight?: string;
}

/** A text. */
export function text({ x, y, anchor = 'start', size = 12, fill = '#1f2328', weight = 'normal' }: TextLooks, content: string): string {
  const looks = `text-anchor="${anchor}" font-size="${size}" font-weight="${weight}" fill="${fill}"`;
  return `<text x="${rounded1(x)}" y="${rounded1(y)}" ${looks}>${escaped(content)}</text>`;
}

/** With stacking each series stands on those before it. */
function linesOf({ series, stacked }: Chart): Line[] {
  const sums = new Map<number, number>();
  return series.map(({ points }, index) => ({
    color: LINE_COLORS[index % LINE_COLORS.length] ?? '',
    points: points.map(([at, value]) => {
      const low = stacked ? (sums.get(at) ?? 0) : 0;
      if (stacked) sums.set(at, low + value);
      return [at, low, low + value] as const;
    }),
  }));
}

/** The next of 1, 2, 5 and their tenfolds, so that axes have round numbers. */
function niceTop(most: number): number {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return rounded([1, 2, 5, 10].map((each) => each * power).find((each) => each >= most) ?? most) || most;
}

function rounded1(value: number): number {
  return Math.round(value * 10) / 10;
}
