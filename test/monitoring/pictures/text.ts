// How values and series are written in pictures of dashboards. Pure.

const UNITS: Readonly<Record<string, (value: number) => string>> = {
  percentunit: (value) => `${rounded(value * 100)} %`,
  s: seconds,
  bytes: (value) => `${rounded(value / 2 ** 20)} MiB`,
  ops: (value) => `${rounded(value)} /s`,
  reqps: (value) => `${rounded(value)} /s`,
  wps: (value) => `${rounded(value)} /s`,
};

/** A value in a unit of Grafana. */
export function written(value: number, unit = 'none'): string {
  return (UNITS[unit] ?? ((each: number) => String(rounded(each))))(value);
}

/** The name of a series: labels stand for their names in double braces. */
export function nameOf(legend: string, labels: Readonly<Record<string, string>>): string {
  return legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '');
}

/** Text in SVG. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** As many characters as fit beside each other in so many pixels, at 12 pixels of height. */
export function cut(text: string, pixels: number): string {
  const most = Math.max(1, Math.floor(pixels / 6.4));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** Three digits that count, and no more than three decimals. */
export function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(Number(value.toPrecision(3)).toFixed(3));
}

function seconds(value: number): string {
  if (value >= 120) return `${rounded(value / 60)} min`;
  return value > 0 && value < 1 ? `${rounded(value * 1000)} ms` : `${rounded(value)} s`;
}
