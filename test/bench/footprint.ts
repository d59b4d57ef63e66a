// `npm run bench:footprint`: what our programs cost as pods of a real node with the examples running: time to Ready, memory, time to answer.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1PodList } from '@kubernetes/client-node';
import { examplesWithWrites, KUBERNETES_MCP_SERVER } from '../cluster/demo/examples.ts';
import { nodeBase, packExampleImages } from '../cluster/real-node/images.ts';
import { missingForExamples } from '../cluster/real-node/requirements.ts';
import { measureBridgePods } from './bridge/pods.ts';
import { install, startRealCluster, type RealCluster } from '../e2e/support/real-cluster.ts';

const OPERATOR = ['-n', 'mcp-operator-system', '-l', 'app.kubernetes.io/name=mcp-operator'];
const RUNS = 7;
const LIMIT_MS = 120_000;

/** Runs in a pod: starts the program again on another port, several times, and says how many ms each took to answer `initialize`. */
const INITIALIZE = `
const { spawn } = require('child_process');
const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } } });
const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const command = require('fs').readFileSync('/proc/1/cmdline', 'utf8').split('\\0').slice(0, -1);
(async () => {
  const times = [];
  for (let run = 0; run < ${RUNS}; run++) {
    const started = performance.now();
    const child = spawn(command[0], command.slice(1), { env: { ...process.env, MCP_PORT: '3999' }, stdio: 'ignore' });
    for (;;) {
      const answer = await fetch('http://127.0.0.1:3999/mcp', { method: 'POST', headers, body }).catch(() => undefined);
      if (answer?.ok) break;
      await new Promise((done) => setTimeout(done, 5));
    }
    times.push(Math.round(performance.now() - started));
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
  }
  console.log(JSON.stringify(times));
})();`;

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function kubectl({ plane }: RealCluster, args: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await plane.kubectl(args, { timeoutMs: LIMIT_MS, input });
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** MiB resident of a pod's first process; of it some 47 are pages of the Node binary that all its processes share. */
async function residentMiB(cluster: RealCluster, namespace: string, pod: string): Promise<number> {
  const code = "console.log(/VmRSS:\\s+(\\d+)/.exec(require('fs').readFileSync('/proc/1/status', 'utf8'))[1])";
  return Math.round(Number(await kubectl(cluster, ['-n', namespace, 'exec', pod, '--', '/nodejs/bin/node', '-e', code])) / 1024);
}

async function pods(cluster: RealCluster, selection: readonly string[]): Promise<V1PodList['items']> {
  return (JSON.parse(await kubectl(cluster, ['get', 'pods', ...selection, '-o', 'json'])) as V1PodList).items;
}

/** Milliseconds between a new operator pod's container being seen running and the pod being seen Ready, asked 20 times a second. */
async function readyAfterMs(cluster: RealCluster): Promise<number> {
  const old = new Set((await pods(cluster, OPERATOR)).map(({ metadata }) => metadata?.name));
  await kubectl(cluster, ['delete', 'pod', '-n', 'mcp-operator-system', [...old][0] ?? '', '--wait=false']);
  let running: number | undefined;
  for (const deadline = performance.now() + LIMIT_MS; performance.now() < deadline; await sleep(50)) {
    const fresh = (await pods(cluster, OPERATOR)).find(({ metadata }) => !old.has(metadata?.name));
    if (fresh?.status?.containerStatuses?.[0]?.state?.running !== undefined) running ??= performance.now();
    if (running !== undefined && fresh?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) {
      return Math.round(performance.now() - running);
    }
  }
  throw new Error('the operator pod does not become Ready');
}

async function measure(cluster: RealCluster): Promise<object> {
  await kubectl(cluster, ['apply', '-f', '-'], [...examplesWithWrites().values()].join('\n---\n'));
  for (const namespace of ['default', 'mcp-system', KUBERNETES_MCP_SERVER]) await kubectl(cluster, ['-n', namespace, 'wait', 'mcps', '--all', '--for=condition=Ready', '--timeout=90s']);
  const server = (await pods(cluster, ['-n', KUBERNETES_MCP_SERVER, '-l', `mcp.example.com/server=${KUBERNETES_MCP_SERVER}`]))[0]?.metadata?.name ?? '';
  const operators = (await pods(cluster, OPERATOR)).map(({ metadata }) => metadata?.name ?? '');
  const initializeMs = JSON.parse(await kubectl(cluster, ['-n', KUBERNETES_MCP_SERVER, 'exec', server, '--', '/nodejs/bin/node', '-e', INITIALIZE])) as number[];
  const lease = await kubectl(cluster, ['-n', 'mcp-operator-system', 'get', 'lease', 'mcp-operator', '-o', 'jsonpath={.spec.holderIdentity}']);
  const resident = Object.fromEntries(
    await Promise.all(operators.map(async (pod) => [lease.startsWith(pod) ? 'leader' : 'standby', await residentMiB(cluster, 'mcp-operator-system', pod)])),
  );
  return {
    operator: { residentMiB: resident, readyAfterMs: await readyAfterMs(cluster) },
    kubernetesMcpServer: {
      residentMiB: await residentMiB(cluster, KUBERNETES_MCP_SERVER, server),
      initializeMs: initializeMs.toSorted((a, b) => a - b),
    },
    stdioBridge: await measureBridgePods((args, input) => kubectl(cluster, args, input)),
  };
}

const missing = await missingForExamples(tmpdir());
if (missing.length > 0) throw new Error(`a real node cannot run here: ${missing.join('; ')}`);
const folder = await mkdtemp(join(tmpdir(), 'mcp-images-'));
try {
  const cluster = await startRealCluster(await packExampleImages(folder, await nodeBase(log)), log);
  try {
    await install(cluster);
    process.stdout.write(`${JSON.stringify(await measure(cluster), undefined, 2)}\n`);
  } finally {
    await cluster.stop();
  }
} finally {
  await rm(folder, { recursive: true });
}
