// What a scrape answers: the registry, and the metrics of many things, which are written from what is known at that moment, a slice at a time.
import { setImmediate } from 'node:timers/promises';
import type { Registry } from 'prom-client';

/** A gauge with a series for each of many things. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** A value and, in the order of the family's labels, its label values. */
export type Sample = readonly [value: number, ...labels: string[]];

/** Metrics of many things, of which nothing is kept between scrapes. */
export interface Source {
  readonly families: readonly Family[];
  /** Each family at most once, with its samples; between two of them others may have their turn. */
  read(): Iterable<readonly [Family, Iterable<Sample>]>;
}

/** What can be scraped. */
export interface Exposition {
  readonly contentType: string;
  /** The text, piece by piece; others have their turn between two pieces. Rejects when a collector fails. */
  readonly pieces: () => AsyncIterable<string>;
}

/** Everything in the registry, then every source, in the text format of Prometheus, version 0.0.4. */
export function exposition(registry: Registry, sources: readonly Source[]): Exposition {
  return { contentType: registry.contentType, pieces: () => written(registry, sources) };
}

/** So long a piece is written at most, but for the line that is begun; a few of them are what a reconcile takes. */
const PIECE_MS = 4;
/** And so many characters. */
const PIECE_LENGTH = 64 * 1024;

async function* written(registry: Registry, sources: readonly Source[]): AsyncGenerator<string> {
  let text = '';
  let start = performance.now();
  for (const part of parts(registry, sources)) {
    text += typeof part === 'string' ? part : await part;
    if (text.length < PIECE_LENGTH && performance.now() - start < PIECE_MS) continue;
    yield text;
    await setImmediate();
    text = '';
    start = performance.now();
  }
  yield text;
}

/** Whole lines each. Not awaited but where the registry is asked: a turn for each line would take longer than the line. */
function* parts(registry: Registry, sources: readonly Source[]): Generator<string | Promise<string>> {
  for (const { name } of registry.getMetricsAsArray()) yield registry.getSingleMetricAsString(name).then((text) => `${text}\n`);
  for (const source of sources) {
    for (const [family, samples] of source.read()) {
      yield `# HELP ${family.name} ${escapedHelp(family.help)}\n# TYPE ${family.name} gauge\n`;
      const frame = frameOf(family);
      for (const sample of samples) yield lineOf(frame, sample);
    }
  }
}

/** What is the same in all lines of a family. */
interface Frame {
  /** What comes before each label value. */
  readonly before: readonly string[];
  readonly beforeValue: string;
}

function frameOf({ name, labels }: Family): Frame {
  const before = labels.map((label, index) => `${index === 0 ? `${name}{` : '",'}${label}="`);
  return { before, beforeValue: labels.length === 0 ? `${name} ` : '"} ' };
}

/** No lists on the way: of a hundred thousand lines they would be most of what a scrape takes. */
function lineOf({ before, beforeValue }: Frame, sample: Sample): string {
  let line = '';
  for (let index = 0; index < before.length; index += 1) line += before[index] + escaped(sample[index + 1] as string | undefined ?? '');
  return `${line}${beforeValue}${sample[0]}\n`;
}

const SPECIAL = /[\\"\n]/;

/** Backslash, quote and line feed are all that the format escapes. */
function escaped(value: string): string {
  return SPECIAL.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value;
}

function escapedHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
