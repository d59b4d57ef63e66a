// Tenants whose servers attack, beside one that only wants to work: the operator as a process, with a Lease.
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { OPERATOR_NODE_FLAGS } from '../../images/programs.ts';
import { LEASES } from '../../kubernetes/objects.ts';
import type { LeaseObject } from '../../reconciler/runtime/lease-lock.ts';
import { connect, eventually, useNamespace } from '../support/cluster.ts';
import { ensureCrd } from '../support/crd.ts';
import { HOSTILE_SERVERS, serveHostile } from '../support/hostile-servers.ts';
import { serveStateless, serveTcp, type RunningServer } from '../support/mcp-servers.ts';
import { startOperatorProcess, type OperatorProcess } from '../support/operator.ts';
import { runPods, type Fate, type PodRunner } from '../support/pods.ts';
import { Fleet } from './scene.ts';

/** As the images start it; its pod may hold 512 MiB. */
const LIMIT_MIB = 512;
/** Of each hostile server so many pods, of one that hangs some more. */
const [REPLICAS, HANGING] = [3, 40];

const [attackers, victim] = [useNamespace('attackers'), useNamespace('victim')];
const servers: RunningServer[] = [];
const runners: PodRunner[] = [];
let client: KubernetesClient;
let operator: OperatorProcess;

const many = (count: number, item: (index: number) => object): object[] => Array.from({ length: count }, (_, index) => item(index));

/** A pod that is Ready at once; in EndpointSlices such an address may not stand, but handshakes are sent to the pod. */
function runsHere(): Fate {
  const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({ type, status: 'True' }));
  const containerStatuses = [{ name: 'mcp-server', image: 'x', imageID: 'x', ready: true, started: true, restartCount: 0, state: { running: {} } }];
  return { placed: true, status: { phase: 'Running', podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }], conditions, containerStatuses } };
}

beforeAll(async () => {
  client = await connect();
  await ensureCrd(client);
  const flags = ['--namespace', attackers, '--namespace', victim, '--pod-access', 'direct', '--leader-elect', '--leader-elect-resource-namespace', victim];
  operator = await startOperatorProcess(inject('kubeconfig'), flags, OPERATOR_NODE_FLAGS);
  runners.push(await runPods(client, attackers, runsHere), await runPods(client, victim, runsHere));
});
afterAll(async () => {
  await operator?.stop();
  await Promise.all(runners.map((runner) => runner.stop()));
  await Promise.all(servers.map((server) => server.close()));
  client?.close();
});

async function start(server: Promise<RunningServer>): Promise<number> {
  servers.push(await server);
  return (await server).port;
}

async function lease(): Promise<LeaseObject['spec']> {
  return (await client.get<LeaseObject>(LEASES, { namespace: victim, name: 'mcp-operator' })).spec;
}

test('twelve MCPServers that refer to 352 objects each take no descriptor each', async () => {
  const hostile = new Fleet(client, attackers);
  for (let server = 0; server < 12; server += 1) {
    const refers = {
      env: many(256, (index) => ({
        name: `V${index}`,
        valueFrom: { configMapKeyRef: { name: `e${server}-${index}`, key: 'k', optional: true } },
      })),
      envFrom: many(64, (index) => ({ configMapRef: { name: `f${server}-${index}`, optional: true } })),
      files: many(32, (index) => ({ mountPath: `/d/${index}`, configMap: { name: `g${server}-${index}` } })),
    };
    await hostile.create(`refers-${server}`, { replicas: 0, suspend: true, ...refers } as never);
  }
  for (let server = 0; server < 12; server += 1) {
    const { status } = await hostile.until(`refers-${server}`, 'ConfigurationValid', ['True', 'Valid']);
    expect(status?.conditions?.find(({ type }) => type === 'ConfigurationValid')?.message).toContain('and 268 more');
  }
  expect((await readdir(`/proc/${operator.pid}/fd`)).length).toBeLessThan(100);
});

test('neither the lease nor the newcomer of another tenant suffers from servers that attack', async () => {
  const [hostile, good] = [new Fleet(client, attackers), new Fleet(client, victim)];
  await eventually(async () => expect((await lease())?.holderIdentity).toBeTruthy());
  const before = await lease();
  const asking = { verification: { timeoutSeconds: 60, intervalSeconds: 60 } } as const;
  const resources = { requests: { cpu: '1m', memory: '16Mi' } };
  await Promise.all(HOSTILE_SERVERS.map(async (server, index) => {
    await hostile.create(`hostile-${index}`, { ...asking, port: await start(serveHostile(server)), replicas: REPLICAS, resources });
  }));
  await hostile.create('hanging', { ...asking, port: await start(serveTcp(() => {})), replicas: HANGING, resources });
  // Under way: those that end at once have their verdict, and the others hold what they can get.
  await hostile.until('hostile-0', 'Verified', ['False', 'OversizedReply']);
  await good.create('newcomer', { port: await start(serveStateless()), resources });
  await good.until('newcomer', 'Verified', ['True', 'Verified']);
  await Promise.all(HOSTILE_SERVERS.map(async ({ reason }, index) => {
    const isPassed = reason === 'Verified' || reason === 'AuthRequired';
    if (reason !== 'Hang') await hostile.until(`hostile-${index}`, 'Verified', [isPassed ? 'True' : 'False', reason]);
  }));
  const { holderIdentity, leaseTransitions } = (await lease()) ?? {};
  expect(holderIdentity).toBe(before?.holderIdentity);
  expect(leaseTransitions).toBe(before?.leaseTransitions);
  const [, peak] = /VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${operator.pid}/status`, 'utf8')) ?? [];
  expect(Number(peak) / 1024).toBeLessThan(LIMIT_MIB);
});
