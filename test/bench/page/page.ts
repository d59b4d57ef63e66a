// What the dashboard costs, and how soon it shows what is: a real API server with N MCPServers, the command as a process, and a real Chromium.
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { customResourceDefinition } from '../../../charts/api/crd.ts';
import { KubernetesClient } from '../../../kubernetes/client.ts';
import { connect } from '../../../kubernetes/connect.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../../kubernetes/objects.ts';
import { MCP_SERVERS, type MCPServerObject } from '../../../reconciler/kinds.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { CHROMIUM_MISSING, startChromium } from '../../support/chromium.ts';
import { startCli, type RunningCli } from '../../support/cli-process.ts';
import { forEach, nameOf, serverNamed } from '../fleet/servers.ts';
import type { Subject } from '../subject.ts';
import type { Row } from '../table.ts';

const NAMESPACE = 'default';
const OPENINGS = 5;
const UPDATES = 15;
const LIMIT_MS = 60_000;

/** What is measured. */
export const page: Subject = {
  name: 'page',
  title: 'the dashboard: how soon it is seen, how soon a change of a status is, and what it takes',
  run: async (progress, { servers = 1000 }) => {
    if (CHROMIUM_MISSING !== undefined) throw new Error(CHROMIUM_MISSING);
    const dir = await mkdtemp(join(tmpdir(), 'bench-page-'));
    const plane = await startControlPlane({ dir });
    try {
      const client = new KubernetesClient(await connect({ kubeconfig: plane.kubeconfig, env: {} }), { userAgent: 'bench' });
      await client.create(CUSTOM_RESOURCE_DEFINITIONS, customResourceDefinition());
      // It is served a moment later.
      await sleep(5000);
      await forEach(servers, (index) => settle(client, index));
      progress(`${servers} MCPServers are there`);
      const cli = startCli(plane.kubeconfig, { home: '/nonexistent', cwd: '/', args: ['dashboard', '-n', NAMESPACE] });
      try {
        return await seen(client, cli);
      } finally {
        await cli.end();
        client.close();
      }
    } finally {
      await plane.stop();
      await rm(dir, { recursive: true, force: true });
    }
  },
};

/** An MCPServer as an operator leaves it. */
async function settle(client: KubernetesClient, index: number): Promise<void> {
  const metadata = { name: nameOf(index), namespace: NAMESPACE };
  await client.create(MCP_SERVERS, { ...serverNamed(metadata.name, 1), metadata } as MCPServerObject);
  await tell(client, index, { status: 'True', reason: 'Verified', message: 'sample 1.0.0 speaks MCP 2025-11-25.' });
}

interface Said {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

async function tell(client: KubernetesClient, index: number, said: Said): Promise<void> {
  const condition = { type: 'Ready', ...said, observedGeneration: 1, lastTransitionTime: new Date().toISOString() };
  const phase = said.status === 'True' ? 'Ready' : 'Pending';
  const status = { observedGeneration: 1, phase, replicas: 1, readyReplicas: 1, conditions: [condition] };
  await client.patch(MCP_SERVERS, { name: nameOf(index), namespace: NAMESPACE }, { status }, { subresource: 'status' });
}

async function seen(client: KubernetesClient, cli: RunningCli): Promise<Row[]> {
  const url = await urlOf(cli);
  const browser = await startChromium();
  try {
    const openings: number[] = [];
    let shown: Page | undefined;
    for (let times = 0; times < OPENINGS; times += 1) {
      await shown?.close();
      shown = await (await browser.newContext()).newPage();
      const began = performance.now();
      await shown.goto(url);
      await shown.waitForSelector('.fleet tbody tr', { timeout: LIMIT_MS });
      openings.push(performance.now() - began);
    }
    const looked = shown as Page;
    const updates: number[] = [];
    for (let times = 0; times < UPDATES; times += 1) {
      const message = `change number ${times} of this run`;
      const began = performance.now();
      const visible = looked.getByText(message).waitFor({ timeout: LIMIT_MS });
      await tell(client, 0, { status: 'False', reason: 'Unreachable', message });
      await visible;
      updates.push(performance.now() - began);
    }
    const devtools = await looked.context().newCDPSession(looked);
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    const status = await readFile(`/proc/${cli.process.pid}/status`, 'utf8');
    return [
      row('first picture, ms', openings),
      row('a change of a status until it is on the page, ms', updates),
      row('memory of the command, MiB', [Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024]),
      row('JavaScript heap of the page, MiB', [usedSize / 1024 / 1024]),
    ];
  } finally {
    await browser.close();
  }
}

async function urlOf(cli: RunningCli): Promise<string> {
  for (const end = performance.now() + LIMIT_MS; performance.now() < end; await sleep(50)) {
    const printed = /http:\S+token=\S+/.exec(cli.printed().stdout)?.[0];
    if (printed !== undefined) return printed;
  }
  throw new Error(`the dashboard does not start: ${cli.printed().stderr}`);
}

function row(what: string, values: readonly number[]): Row {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => Math.round(sorted[index] ?? Number.NaN);
  return { what, median: at(Math.floor(sorted.length / 2)), least: at(0), most: at(sorted.length - 1), of: sorted.length };
}
