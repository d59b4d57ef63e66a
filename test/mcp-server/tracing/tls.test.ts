// Traces to a collector that proves who it is, and wants to know who sends them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Authority } from '../../kubernetes/authority.ts';
import { rpc, startServer } from '../server-process.ts';
import { tracedTo } from './clients.ts';
import { eventually, startCollector, type Collector } from './collector.ts';

let authority: Authority;
let collector: Collector;
let folder: string;
beforeAll(async () => {
  authority = await Authority.make();
  collector = await startCollector(undefined, await authority.demanding());
  folder = mkdtempSync(join(tmpdir(), 'mcp-tls-'));
  const { key, cert } = await authority.issue('sender');
  for (const [name, text] of Object.entries({ 'ca.crt': authority.ca, 'tls.crt': cert, 'tls.key': key })) writeFileSync(join(folder, name), text);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await collector.close();
  await authority.remove();
});

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const files = (): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_CERTIFICATE: join(folder, 'ca.crt'),
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: join(folder, 'tls.crt'),
  OTEL_EXPORTER_OTLP_CLIENT_KEY: join(folder, 'tls.key'),
});

test('they come, with the certificate that is trusted and those of the sender', async () => {
  const server = await startServer({ env: { ...tracedTo(collector.url), ...files() } });
  try {
    await rpc(server.port, list);
    expect((await collector.until(1)).map(({ name }) => name)).toEqual(['tools/list']);
  } finally {
    await server.stop();
  }
});

test('without the certificate that is trusted they go nowhere, which the log tells, and the client is answered', async () => {
  const before = collector.received.length;
  const { OTEL_EXPORTER_OTLP_CERTIFICATE: _, ...others } = files();
  const server = await startServer({ env: { ...tracedTo(collector.url), ...others } });
  try {
    expect((await rpc(server.port, list)).json().result).toHaveProperty('tools');
    await eventually(() => server.log().some(({ reason }) => /^no connection to the collector \([A-Z_]*(?:CERT|SIGNATURE)[A-Z_]*\)$/.test(String(reason))));
    expect(collector.received).toHaveLength(before);
  } finally {
    await server.stop();
  }
});
