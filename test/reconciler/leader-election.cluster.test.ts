// Leader election between replicas that are processes of their own.
// The cases follow on each other: each begins with the replicas and the Lease that the one before left.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { LEASES } from '../../kubernetes/objects.ts';
import type { LeaseObject, LeaseSpec } from '../../reconciler/runtime/lease-lock.ts';
import { auditEvents, connect, eventually, isWrite, useNamespace, type AuditEvent } from '../support/cluster.ts';
import { ensureCrd } from '../support/crd.ts';
import { startOperatorProcess, type OperatorProcess } from '../support/operator.ts';
import { Fleet } from './scene.ts';

const namespace = useNamespace('election');
const LEASE = { namespace, name: 'mcp-operator' };
const INTRUDER: LeaseSpec = { holderIdentity: 'intruder', leaseDurationSeconds: 3600 };
const FLAGS = ['--namespace', namespace, '--leader-elect', '--leader-elect-resource-namespace', namespace];
/** Lease, jitter and then some. */
const FAIL_OVER_MS = 40_000;

const replicas: OperatorProcess[] = [];
let client: KubernetesClient;
let fleet: Fleet;

beforeAll(async () => {
  client = await connect();
  await ensureCrd(client);
  fleet = new Fleet(client, namespace);
});
afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
  client?.close();
});

/** Starts a replica and waits until it is ready and wants the lease. */
async function startReplica(): Promise<OperatorProcess> {
  const replica = await startOperatorProcess(inject('kubeconfig'), FLAGS);
  replicas.push(replica);
  await eventually(() => expect(replica.logTail(100)).toContain('standing by for the lease'));
  expect(await get(replica, 'readyz')).toEqual('ok\n');
  return replica;
}

async function startLeader(): Promise<OperatorProcess> {
  const replica = await startReplica();
  await eventually(() => expect(replica.logTail(100)).toContain('"leading"'));
  return replica;
}

async function get(replica: OperatorProcess, path: 'readyz' | 'healthz' | 'metrics'): Promise<string> {
  return (await fetch(replica.url(path === 'metrics' ? 'metrics' : 'health', `/${path}`))).text();
}

async function spec(): Promise<LeaseSpec> {
  return (await client.get<LeaseObject>(LEASES, LEASE)).spec ?? {};
}

async function untilReconciled(name: string, timeoutMs?: number): Promise<void> {
  await eventually(async () => expect(await fleet.childNames(name)).toContain(`Deployment ${name}`), {
    message: `the Deployment of ${name}`,
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
}

/** What any replica wrote, its Lease included. */
async function writes(since = ''): Promise<AuditEvent[]> {
  return auditEvents(
    (event) =>
      event.userAgent?.startsWith('mcp-operator') === true &&
      event.objectRef?.namespace === namespace &&
      isWrite(event) &&
      event.requestReceivedTimestamp > since,
  );
}

test('a replica that stands by is ready and writes nothing, and begins when the lease is released', async () => {
  await client.create<LeaseObject>(LEASES, { metadata: LEASE, spec: INTRUDER });
  await fleet.create('one');
  const replica = await startReplica();
  await fleet.edit('one', { replicas: 2 });
  await sleep(6000);
  expect(await writes()).toEqual([]);
  expect([await get(replica, 'readyz'), await get(replica, 'healthz')]).toEqual(['ok\n', 'ok\n']);
  const metrics = await get(replica, 'metrics');
  expect(metrics).toMatch(/^leader_election_master_status\{name="mcp-operator"\} 0$/m);
  expect(metrics).toMatch(/^workqueue_depth\{name="mcpserver"\} 0$/m);
  expect(metrics).toMatch(/^mcp_operator_cache_objects\{resource="mcpservers"\} 1$/m);
  expect(metrics).not.toMatch(/^mcp_operator_server/m);
  expect(replica.logTail(100)).toContain('"holder":"intruder"');
  await client.patch(LEASES, LEASE, { spec: { holderIdentity: '' } });
  await untilReconciled('one');
  expect(await get(replica, 'metrics')).toMatch(/^leader_election_master_status\{name="mcp-operator"\} 1$/m);
  expect(await get(replica, 'metrics')).toContain(`mcp_operator_server_wanted_replicas{namespace="${namespace}",name="one"} 2`);
  const taken = await spec();
  expect(taken).toMatchObject({ leaseDurationSeconds: 15, leaseTransitions: 1, holderIdentity: expect.stringMatching(/^\S+_[0-9a-f-]{36}$/) });
  await eventually(async () => expect((await spec()).renewTime).not.toBe(taken.renewTime));
});

test('SIGTERM of a replica that stands by leaves the leader alone, SIGTERM of the leader hands over at once', async () => {
  const [leader] = replicas;
  const [standby, next] = [await startReplica(), await startReplica()];
  const { holderIdentity } = await spec();
  standby.signal('SIGTERM');
  expect(await standby.exited).toEqual({ code: 0, signal: null });
  expect((await spec()).holderIdentity).toBe(holderIdentity);
  leader?.signal('SIGTERM');
  expect(await leader?.exited).toEqual({ code: 0, signal: null });
  expect(leader?.logTail(2)).toContain('lease released');
  await fleet.create('two');
  await untilReconciled('two');
  expect(next.logTail(100)).toContain('"leading"');
  expect((await spec()).leaseTransitions).toBe(2);
});

test('SIGKILL of the leader is made good when the lease has run out', async () => {
  const leader = replicas.at(-1);
  const next = await startReplica();
  leader?.signal('SIGKILL');
  await leader?.exited;
  await fleet.create('three');
  await untilReconciled('three', FAIL_OVER_MS);
  expect(next.logTail(100)).toContain('"leading"');
  expect((await spec()).leaseTransitions).toBe(3);
});

test('a leader that finds another holder in its Lease ends at once with code 1 and one error line', async () => {
  const leader = replicas.at(-1);
  await client.patch(LEASES, LEASE, { spec: INTRUDER });
  let number = 3;
  while (leader?.running()) {
    await fleet.edit('three', { replicas: number++ });
    await sleep(20);
  }
  const ended = new Date().toISOString();
  expect(await leader?.exited).toEqual({ code: 1, signal: null });
  const lines = leader?.logTail(1000).split('\n').map((line) => JSON.parse(line) as { level: string; msg: string }) ?? [];
  expect(lines.filter(({ level }) => level === 'error')).toEqual([lines.at(-1)]);
  expect(lines.at(-1)?.msg).toBe(`lost the lease ${namespace}/mcp-operator: intruder holds it now`);
  await fleet.edit('three', { replicas: 1 });
  await sleep(2000);
  expect(await writes()).not.toEqual([]);
  expect(await writes(ended)).toEqual([]);
  expect((await spec()).holderIdentity).toBe('intruder');
});

test('a deleted Lease is made again by its leader, who releases it at its end', async () => {
  await client.patch(LEASES, LEASE, { spec: { holderIdentity: null } });
  const leader = await startLeader();
  const { holderIdentity } = await spec();
  await client.delete(LEASES, LEASE);
  await eventually(async () => expect(await spec()).toMatchObject({ holderIdentity, leaseTransitions: 0 }));
  leader.signal('SIGTERM');
  leader.signal('SIGTERM');
  expect(await leader.exited).toEqual({ code: 0, signal: null });
  expect(await spec()).toMatchObject({ leaseDurationSeconds: 1 });
  expect((await spec()).holderIdentity ?? '').toBe('');
});
