// The alerts on a real Prometheus that scrapes a real operator: they fire for what is wrong, and are over when it is not.
// The cases follow on each other.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { connect, eventually, useNamespace } from '../support/cluster.ts';
import { ensureCrd } from '../support/crd.ts';
import { startOperatorProcess, type OperatorProcess } from '../support/operator.ts';
import { Fleet } from '../reconciler/scene.ts';
import { prometheusIsMissing, startPrometheus, type Prometheus } from './prometheus.ts';

const isMissing = prometheusIsMissing();
const namespace = useNamespace('alerts');
const FLAGS = ['--namespace', namespace, '--leader-elect', '--leader-elect-resource-namespace', namespace];
const MISTAKEN = [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.nonsense' } } }];

let client: KubernetesClient;
let fleet: Fleet;
let operator: OperatorProcess | undefined;
let prometheus: Prometheus | undefined;

beforeAll(async () => {
  client = await connect();
  await ensureCrd(client);
  fleet = new Fleet(client, namespace);
  if (isMissing) return;
  prometheus = await startPrometheus();
  await begin();
});
afterAll(async () => {
  await prometheus?.stop();
  await operator?.stop();
  client?.close();
});

/** Starts an operator, and has it scraped. */
async function begin(): Promise<void> {
  operator = await startOperatorProcess(inject('kubeconfig'), FLAGS);
  const { host } = await eventually(() => new URL(operator?.url('metrics', '/metrics') ?? ''));
  await prometheus?.scrape(host);
}

/** The alerts that fire, by name and what they are about. */
async function firing(): Promise<string[]> {
  const alerts = (await prometheus?.alerts()) ?? [];
  return alerts.filter(({ state }) => state === 'firing').map(({ labels }) => `${labels['alertname']} ${labels['name'] ?? ''}`.trim()).toSorted();
}

/** Waits until these fire and no others; tells which fire then. */
async function untilFiring(...expected: string[]): Promise<string[]> {
  return eventually(async () => {
    const found = await firing();
    if (found.join() !== expected.join()) throw new Error(found.join());
    return found;
  }, { timeoutMs: 60_000, message: expected.join() || 'silence' });
}

describe.skipIf(isMissing)('on a real Prometheus', () => {
  test('an operator with an MCPServer that is Ready raises nothing, and every rule can be judged', async () => {
    await fleet.create('one', { replicas: 0 });
    await fleet.ready('one');
    await eventually(async () => expect(await prometheus?.query(`mcp_operator_server_condition{namespace="${namespace}",name="one",type="Ready"}`)).toEqual([1]));
    await eventually(async () => expect(new Set((await prometheus?.rules())?.map(({ health }) => health))).toEqual(new Set(['ok'])));
    expect(await untilFiring()).toEqual([]);
    expect(await prometheus?.query('leader_election_master_status{namespace="mcp-operator-system"}')).toEqual([1]);
  });

  test('one whose pods do not come is told as not Ready, until it is', async () => {
    await fleet.edit('one', { replicas: 1 });
    await untilFiring('MCPServerNotReady one');
    const [alert] = (await prometheus?.alerts()) ?? [];
    expect(alert?.labels).toMatchObject({ namespace, name: 'one', severity: 'warning' });
    expect(alert?.annotations['description']).toContain(`mcp-operator explain one -n ${namespace}`);
    await fleet.edit('one', { replicas: 0 });
    expect(await untilFiring()).toEqual([]);
  });

  test('one that waits for a human is told as stalled, until it is mended', async () => {
    await fleet.create('two', { replicas: 0, env: MISTAKEN });
    expect(await untilFiring('MCPServerNotReady two', 'MCPServerStalled two')).toHaveLength(2);
    await fleet.edit('two', { env: null });
    expect(await untilFiring()).toEqual([]);
  });

  test('an operator that has ended is told as no leader, until another one leads', async () => {
    await operator?.stop();
    expect(await untilFiring('MCPOperatorNoLeader mcp-operator')).toHaveLength(1);
    await begin();
    expect(await untilFiring()).toEqual([]);
  });
});
