// What a scrape of Prometheus's text format says, read by the format's own rules and not by those of the code that wrote it.

/** One sample. */
export interface Scraped {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One family by its header. */
export interface Header {
  readonly help: string;
  readonly type: string;
}

const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?/y;

/** The samples. Throws at a line that is none, and no comment. */
export function samplesOf(text: string): Scraped[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map(sampleOf);
}

/** The families by name, in their order. Throws at one that comes twice. */
export function familiesOf(text: string): Map<string, Header> {
  const families = new Map<string, Header>();
  for (const [, name = '', help = '', type = ''] of text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\w+)$/gm)) {
    if (families.has(name)) throw new Error(`${name} comes twice`);
    families.set(name, { help, type });
  }
  return families;
}

function sampleOf(line: string): Scraped {
  const [, name = '', body = '', value = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/s.exec(line) ?? [];
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < body.length) {
    const [, label = '', quoted = ''] = LABEL.exec(body) ?? [];
    if (label === '' || label in labels) throw new Error(`no sample: ${line}`);
    labels[label] = quoted.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  if (name === '' || Number.isNaN(parsed(value))) throw new Error(`no sample: ${line}`);
  return { name, labels, value: parsed(value) };
}

function parsed(value: string): number {
  return value === '+Inf' ? Infinity : value === 'Nan' || value === 'NaN' ? 0 : Number(value);
}
