import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { CONDITION_TYPES } from '../../../charts/api/status.ts';
import type { DeploymentObject, MCPServerObject } from '../../../reconciler/kinds.ts';
import { serverMetrics, type ServersSource } from '../../../reconciler/metrics/servers.ts';
import { exposition } from '../../../reconciler/runtime/exposition.ts';
import { createMetrics } from '../../../reconciler/runtime/metrics.ts';
import { promtool, promtoolIsMissing } from '../../support/promtool.ts';
import { samplesOf, type Scraped } from '../../support/scraped.ts';

type Status = 'True' | 'False' | 'Unknown';

/** An MCPServer as the operator writes its status; every further condition is one of another controller. */
function server(name: string, { ready = 'True', more = [], spec = {}, said }: {
  readonly ready?: Status;
  readonly more?: readonly (readonly [string, Status])[];
  readonly spec?: object;
  readonly said?: { readonly name?: string; readonly version?: string };
} = {}): MCPServerObject {
  const always = CONDITION_TYPES.slice(0, 6).map((type) => [type, ready] as const);
  const rest = { reason: 'Because', message: 'x'.repeat(100), lastTransitionTime: '2026-01-01T00:00:00Z' };
  const conditions = [...always, ...more].map(([type, status]) => ({ type, status, ...rest }));
  const status = { observedGeneration: 1, readyReplicas: 2, conditions, ...(said && { server: { ...said, protocolVersions: [] } }) };
  const metadata = { namespace: 'tools', name, uid: name, generation: 1 };
  return { metadata, spec: { image: 'x', replicas: 3, ...spec }, status } as unknown as MCPServerObject;
}

async function scrape(servers: readonly MCPServerObject[] | undefined, others: Partial<ServersSource> = {}): Promise<string> {
  const source = { servers: () => servers, deployment: () => undefined, lastPass: () => undefined, maxServers: 5000, ...others };
  return (await Array.fromAsync(exposition(new Registry(), [serverMetrics(source)]).pieces())).join('');
}

function valuesOf(text: string, name: string): Scraped[] {
  return samplesOf(text).filter((sample) => sample.name === `mcp_operator_${name}`);
}

describe('the metrics of each MCPServer', () => {
  it('are its conditions as the status has them, 1, 0 and -1, and none of other controllers', async () => {
    const text = await scrape([server('a', { ready: 'Unknown', more: [['Stalled', 'True'], ['example.com/Billed', 'True']] }), server('b', { ready: 'False' })]);
    const told = valuesOf(text, 'server_condition').map(({ labels, value }) => `${labels['namespace']}/${labels['name']} ${labels['type']} ${value}`);
    expect(told).toContain('tools/a Ready -1');
    expect(told).toContain('tools/a Stalled 1');
    expect(told).toContain('tools/b Ready 0');
    expect(told).toHaveLength(7 + 6);
  });

  it('are the replicas that the spec wants, or who else scales it, and those that are ready', async () => {
    const deployment = { spec: { replicas: 7 } } as DeploymentObject;
    const all = [server('fixed'), server('scaled', { spec: { autoscaling: { maxReplicas: 9 } } }), server('external', { spec: { scaling: 'External' } })];
    const text = await scrape(all, { deployment: () => deployment });
    expect(valuesOf(text, 'server_wanted_replicas').map(({ value }) => value)).toEqual([3, 7, 7]);
    expect(valuesOf(text, 'server_ready_replicas').map(({ value }) => value)).toEqual([2, 2, 2]);
    expect(valuesOf(await scrape(all), 'server_wanted_replicas').map(({ labels }) => labels['name'])).toEqual(['fixed']);
  });

  it('are when the last handshake passed, and how long it took', async () => {
    const at = new Date('2026-01-01T00:00:00.250Z');
    const text = await scrape([server('a'), server('b')], { lastPass: (key) => (key === 'tools/a' ? { at, seconds: 0.5 } : undefined) });
    const labels = { namespace: 'tools', name: 'a' };
    expect(valuesOf(text, 'server_last_passed_handshake_timestamp_seconds')).toEqual([expect.objectContaining({ labels, value: at.getTime() / 1000 })]);
    expect(valuesOf(text, 'server_handshake_latency_seconds')).toEqual([expect.objectContaining({ labels, value: 0.5 })]);
  });

  it('are one series of name and version for each, whatever the server says', async () => {
    const hostile = 'x"}\n\u202emcp_operator_server_condition 9\\\u0007'.repeat(100);
    const text = await scrape([server('a', { said: { name: hostile, version: hostile } }), server('b', { said: {} }), server('c')]);
    const [a, b, ...none] = valuesOf(text, 'server_info');
    expect(none).toEqual([]);
    expect(b?.labels).toEqual({ namespace: 'tools', name: 'b', server_name: '', server_version: '' });
    for (const label of ['server_name', 'server_version']) {
      expect(a?.labels[label]).toMatch(/^x"\} mcp_operator_server_condition 9\\/);
      expect(a?.labels[label]?.length).toBeLessThanOrEqual(100);
      for (const odd of ['\n', '\u202e', '\u0007']) expect(a?.labels[label]).not.toContain(odd);
    }
  });

  it('are gone with it, and none at all while another replica leads', async () => {
    let servers: MCPServerObject[] | undefined = [server('a'), server('b')];
    const read = (): Promise<string> => scrape(undefined, { servers: () => servers });
    expect(await read()).toContain('name="a"');
    servers = [server('b')];
    expect(await read()).not.toContain('name="a"');
    servers = [];
    expect(samplesOf(await read()).map(({ name, value }) => `${name} ${value}`)).toEqual(Array.from({ length: 3 }, () => 'mcp_operator_servers 0'));
    servers = undefined;
    expect((await read()).trim()).toBe('');
  });

  it('count all by whether they are Ready, and are shown of those alone that are not once there are more than may be', async () => {
    const servers = [server('a'), server('b', { ready: 'False' }), server('c', { ready: 'Unknown' }), server('d')];
    const shown = async (maxServers: number): Promise<string[]> =>
      valuesOf(await scrape(servers, { maxServers }), 'server_ready_replicas').map(({ labels }) => labels['name'] ?? '');
    expect([await shown(4), await shown(3)]).toEqual([['a', 'b', 'c', 'd'], ['b', 'c']]);
    const totals = valuesOf(await scrape(servers, { maxServers: 3 }), 'servers');
    expect(totals.map(({ labels, value }) => [labels['ready'], value])).toEqual([['True', 2], ['False', 1], ['Unknown', 1]]);
  });
});

describe('a thousand MCPServers', () => {
  const text = { name: 'Weather and tides', version: '1.2.3-beta.4+build.5678' };
  const fleet = Array.from({ length: 1000 }, (_, index) => server(`weather-and-tides-${index}`, { said: text }));
  const known = { lastPass: () => ({ at: new Date(), seconds: 0.123456789 }) };

  it('have no more series than eleven of each and three of all, whatever their conditions, and with the rest take less than 2 MiB', async () => {
    const written = await scrape(fleet, known);
    expect(samplesOf(written).length).toBeLessThanOrEqual(3 + 1000 * 11);
    expect(Buffer.byteLength(written) + Buffer.byteLength(await createMetrics().registry.metrics())).toBeLessThan(2 * 2 ** 20);
  });

  it('are written in pieces of at most 64 KiB and a line', async () => {
    const source = serverMetrics({ servers: () => fleet, deployment: () => undefined, maxServers: 5000, ...known });
    const pieces = await Array.fromAsync(exposition(new Registry(), [source]).pieces());
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(65 * 1024);
  });

  it.skipIf(promtoolIsMissing())('are what Prometheus reads, and finds nothing wrong with', async () => {
    expect(promtool(['check', 'metrics'], { input: await scrape(fleet, known) })).toEqual({ passed: true, said: '' });
  });
});
