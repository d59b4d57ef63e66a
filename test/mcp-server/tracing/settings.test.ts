// Which of OpenTelemetry's variables act, and what is said of values that cannot be used.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SettingsError } from '../../../mcp-server/settings.ts';
import { readTracing } from '../../../mcp-server/tracing/settings.ts';
import { runServer } from '../server-process.ts';

const ON = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:hunter2@collector:4318/tenant/hunter2' };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-tracing-'));
  writeFileSync(join(folder, 'ca.crt'), 'x');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('traces are off', () => {
  it.each<[string, Record<string, string>]>([
    ['without an endpoint', {}],
    ['where it is blank', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '' }],
    ['where only other variables are set', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_TRACES_SAMPLER: 'mine' }],
    ['where the SDK is disabled', { ...ON, OTEL_SDK_DISABLED: 'True' }],
    ['where no exporter is wanted', { ...ON, OTEL_TRACES_EXPORTER: 'none' }],
    ['whatever else is wrong, once they are', { ...ON, OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
  ])('%s', (_, env) => {
    expect(readTracing(env)).toBeUndefined();
  });
});

describe('traces are on', () => {
  it('with an endpoint, of which nothing is told but where it is', () => {
    expect(readTracing(ON)).toEqual({
      collector: 'http://collector:4318',
      sampling: { name: 'parentbased_always_on', ratio: 1 },
      queue: { delayMs: 5_000, exportTimeoutMs: 30_000, most: 2_048, batch: 512 },
    });
  });

  it('with what is said of traces before what is said of all signals', () => {
    const traces = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces:443/v1', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' };
    expect(readTracing({ ...ON, ...traces, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })?.collector).toBe('https://traces');
  });

  it('with a sampler and a queue as they are asked for', () => {
    const env = {
      ...ON, OTEL_SDK_DISABLED: 'no', OTEL_TRACES_EXPORTER: 'otlp', OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_BSP_SCHEDULE_DELAY: '0', OTEL_BSP_EXPORT_TIMEOUT: '1', OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5',
    };
    expect(readTracing(env)?.sampling).toEqual({ name: 'traceidratio', ratio: 0.25 });
    expect(readTracing(env)?.queue).toEqual({ delayMs: 0, exportTimeoutMs: 1, most: 10, batch: 5 });
  });

  it('with a certificate that is there', () => {
    expect(readTracing({ ...ON, OTEL_EXPORTER_OTLP_CERTIFICATE: join(folder, 'ca.crt') })).toBeDefined();
  });
});

describe('a value that cannot be used ends the start', () => {
  const protocol = 'traces are sent by http/protobuf alone: set http/protobuf, and an endpoint of the collector that takes it, by default at port 4318.';
  it.each<[Record<string, string>, string]>([
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, `OTEL_EXPORTER_OTLP_PROTOCOL is "grpc": ${protocol}`],
    [{ OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' }, `OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is "http/json": ${protocol}`],
    [{ OTEL_TRACES_EXPORTER: 'otlp,console' }, 'OTEL_TRACES_EXPORTER is "otlp,console": expected otlp or none.'],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' }, 'OTEL_EXPORTER_OTLP_COMPRESSION is "zstd": expected gzip or none.'],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '10s' }, 'OTEL_EXPORTER_OTLP_TIMEOUT is "10s": expected milliseconds as a whole number above 0.'],
    [{ OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '0' }, 'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT is "0": expected milliseconds as a whole number above 0.'],
    [{ OTEL_TRACES_SAMPLER_ARG: '2' }, 'OTEL_TRACES_SAMPLER_ARG is "2": expected a number from 0 to 1.'],
    [{ OTEL_BSP_MAX_QUEUE_SIZE: '0' }, 'OTEL_BSP_MAX_QUEUE_SIZE is "0": expected a whole number of at least 1.'],
    [{ OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/ca.crt' }, 'OTEL_EXPORTER_OTLP_CERTIFICATE: /nowhere/ca.crt cannot be read (ENOENT).'],
    ...['hunter2', 'collector:4318', 'grpc://x:hunter2@collector', 'http://', 'http://collector /hunter2'].map((url): [Record<string, string>, string] => [
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url },
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: expected an http or https URL, such as http://collector.observability:4318.',
    ]),
  ])('%j', (variables, message) => {
    expect(() => readTracing({ ...ON, ...variables })).toThrow(new SettingsError(message));
  });

  it('names the samplers there are', () => {
    expect(() => readTracing({ ...ON, OTEL_TRACES_SAMPLER: 'xray' })).toThrow(/^OTEL_TRACES_SAMPLER is "xray": expected one of always_on, .*parentbased_traceidratio\.$/);
  });

  it('with one sentence, and 1', async () => {
    const { code, stdout, stderr } = await runServer([], { env: { ...ON, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' } });
    expect([code, stdout, stderr]).toEqual([1, '', `error: OTEL_EXPORTER_OTLP_PROTOCOL is "grpc": ${protocol}\n`]);
  });

  it('where attributes of the resource cannot be read, which the library would leave out as a whole', async () => {
    const { code, stderr } = await runServer([], { env: { ...ON, OTEL_RESOURCE_ATTRIBUTES: 'team=a,hunter2' } });
    expect([code, stderr]).toEqual([1, 'error: OTEL_RESOURCE_ATTRIBUTES: expected key=value pairs, separated by commas, with other commas and "=" as %2C and %3D.\n']);
  });
});
