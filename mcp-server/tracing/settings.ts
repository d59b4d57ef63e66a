// Whether traces are sent, and what the standard variables of OpenTelemetry say of them. What is left to the library that sends is checked
// here all the same: it would pass over in silence what it cannot use. https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
import { SettingsError, whyUnreadable } from '../settings.ts';

/** How traces are sampled; the ratio is of those that are root spans, or of all. */
export interface Sampling {
  readonly name: (typeof SAMPLERS)[number];
  /** From 0 to 1. */
  readonly ratio: number;
}

/** What is asked for. Where and how the library sends it reads from the environment by itself. */
export interface TracingSettings {
  /** Scheme, host and port of the collector: the rest of the URL may hold a credential. */
  readonly collector: string;
  readonly sampling: Sampling;
  /** What stands in OTEL_RESOURCE_ATTRIBUTES, for the library to read; undefined where nothing does. */
  readonly resourceAttributes: string | undefined;
  readonly queue: {
    /** Milliseconds for which spans are collected before they are sent. */
    readonly delayMs: number;
    readonly exportTimeoutMs: number;
    /** Spans that wait; further ones are dropped. */
    readonly most: number;
    /** Spans that are sent at a time. */
    readonly batch: number;
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

const SAMPLERS = ['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const;
/** Defaults of the specification, in milliseconds and spans. */
const DELAY_MS = 5_000;
const EXPORT_MS = 30_000;
const MOST_WAITING = 2_048;
const MOST_AT_ONCE = 512;
const PROTOCOL = 'http/protobuf';
/** Each of them with and without `TRACES_`. */
const FILES = ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY'] as const;

interface Given {
  readonly name: string;
  readonly text: string;
}

/** The first of the variables that says something, for blanks count as absent. */
function given(env: Environment, ...names: readonly string[]): Given | undefined {
  return names.map((name) => ({ name, text: env[name] ?? '' })).find(({ text }) => text.trim() !== '');
}

/** A variable of the exporter: what is said of traces is stronger than what is said of all signals. */
function ofExporter(env: Environment, name: string): Given | undefined {
  return given(env, `OTEL_EXPORTER_OTLP_TRACES_${name}`, `OTEL_EXPORTER_OTLP_${name}`);
}

/** Undefined where no endpoint is set, or traces are switched off. Throws SettingsError for what cannot be used; it quotes no URL and no header. */
export function readTracing(env: Environment): TracingSettings | undefined {
  const endpoint = ofExporter(env, 'ENDPOINT');
  const exporter = given(env, 'OTEL_TRACES_EXPORTER');
  if (endpoint === undefined || given(env, 'OTEL_SDK_DISABLED')?.text.trim().toLowerCase() === 'true' || exporter?.text === 'none') return undefined;
  expect(exporter, (text) => text === 'otlp', 'expected otlp or none');
  const hint = `traces are sent by ${PROTOCOL} alone: set ${PROTOCOL}, and an endpoint of the collector that takes it, by default at port 4318`;
  expect(ofExporter(env, 'PROTOCOL'), (text) => text === PROTOCOL, hint);
  expect(ofExporter(env, 'COMPRESSION'), (text) => text === 'gzip' || text === 'none', 'expected gzip or none');
  expect(ofExporter(env, 'TIMEOUT'), (text) => /^\d{1,7}$/.test(text) && Number(text) > 0, 'expected milliseconds as a whole number above 0');
  for (const file of FILES) checkFile(ofExporter(env, file));
  return {
    collector: collectorOf(endpoint),
    sampling: samplingOf(env),
    resourceAttributes: given(env, 'OTEL_RESOURCE_ATTRIBUTES')?.text,
    queue: {
      delayMs: numberOf(env, 'OTEL_BSP_SCHEDULE_DELAY', { least: 0, otherwise: DELAY_MS }),
      exportTimeoutMs: numberOf(env, 'OTEL_BSP_EXPORT_TIMEOUT', { least: 1, otherwise: EXPORT_MS }),
      most: numberOf(env, 'OTEL_BSP_MAX_QUEUE_SIZE', { least: 1, otherwise: MOST_WAITING }),
      batch: numberOf(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', { least: 1, otherwise: MOST_AT_ONCE }),
    },
  };
}

function expect(variable: Given | undefined, isUsable: (text: string) => boolean, hint: string): void {
  if (variable !== undefined && !isUsable(variable.text)) throw new SettingsError(`${variable.name} is "${variable.text}": ${hint}.`);
}

function collectorOf({ name, text }: Given): string {
  const url = URL.parse(text);
  // With a blank in it the library makes a URL of another server out of it.
  if (url !== null && ['http:', 'https:'].includes(url.protocol) && !/\s/.test(text)) return url.origin;
  throw new SettingsError(`${name}: expected an http or https URL, such as http://collector.observability:4318.`);
}

function checkFile(variable: Given | undefined): void {
  const code = variable === undefined ? undefined : whyUnreadable(variable.text);
  if (code !== undefined) throw new SettingsError(`${variable?.name}: ${variable?.text} cannot be read (${code}).`);
}

function samplingOf(env: Environment): Sampling {
  const sampler = given(env, 'OTEL_TRACES_SAMPLER');
  const ratio = given(env, 'OTEL_TRACES_SAMPLER_ARG');
  expect(sampler, (text) => (SAMPLERS as readonly string[]).includes(text), `expected one of ${SAMPLERS.join(', ')}`);
  expect(ratio, (text) => /^(?:0|1|0?\.\d{1,15}|1\.0+)$/.test(text), 'expected a number from 0 to 1');
  return { name: (sampler?.text as Sampling['name'] | undefined) ?? 'parentbased_always_on', ratio: Number(ratio?.text ?? 1) };
}

function numberOf(env: Environment, name: string, { least, otherwise }: { readonly least: number; readonly otherwise: number }): number {
  const variable = given(env, name);
  expect(variable, (text) => /^\d{1,7}$/.test(text) && Number(text) >= least, `expected a whole number of at least ${least}`);
  return Number(variable?.text ?? otherwise);
}
