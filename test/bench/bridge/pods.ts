// What the two ways to bring the stdio bridge into a pod cost on a real node: time until the pod is Ready, memory of the bridge, disk.
import { BRIDGE_PATH } from '../../../charts/api/labels.ts';
import { bridgeProgram } from '../../../charts/bridge-program.ts';
import { imageOf } from '../../../images/programs.ts';

/** Runs kubectl; resolves to what it prints. */
type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

const NAMESPACE = 'stdio-bridges';
const WAYS = ['InitContainer', 'ImageVolume'] as const;
/** Starts of a pod by each way, in turns. */
const ROUNDS = 5;
/** Pods that stay, so that what they share counts once. */
const STAYING = 2;
const COMMAND = ['/nodejs/bin/node', '/app/kubernetes-mcp-server.mjs'];
/** Runs in a pod, on the Node of the bridge, which is its first process. */
const LOOK = `
const fs = require('fs');
const pss = Number(/^Pss:\\s+(\\d+)/m.exec(fs.readFileSync('/proc/1/smaps_rollup', 'utf8'))[1]) * 1024;
const { lstatSync, readdirSync } = fs;
const files = readdirSync('${BRIDGE_PATH}', { recursive: true }).map((file) => lstatSync('${BRIDGE_PATH}/' + file)).filter((found) => found.isFile());
console.log(JSON.stringify({ pss, bytes: files.reduce((sum, { blocks }) => sum + blocks * 512, 0) }));`;

/** By way: milliseconds from `kubectl create` to Ready, sorted; MiB of the bridge itself (PSS) with two pods on the node; MiB of disk for each pod. */
export async function measureBridgePods(kubectl: Kubectl): Promise<object> {
  await kubectl(['create', 'namespace', NAMESPACE]);
  const templates = new Map<string, object>();
  for (const by of WAYS) {
    const spec = { image: imageOf('kubernetes-mcp-server'), transport: 'stdio', command: COMMAND, replicas: 0, stdio: { bridge: { by } } };
    const name = by.toLowerCase();
    await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'mcp.example.com/v1alpha1', kind: 'MCPServer', metadata: { namespace: NAMESPACE, name }, spec }));
    await kubectl(['-n', NAMESPACE, 'wait', '--for=create', '--timeout=30s', `deployment/${name}`]);
    templates.set(by, await podSpec(kubectl, name));
  }
  const times = new Map<string, number[]>(WAYS.map((by) => [by, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const by of WAYS) {
      times.get(by)?.push(await timeOf(() => startPod(kubectl, 'once', templates.get(by))));
      await kubectl(['-n', NAMESPACE, 'delete', 'pod', 'once', '--now']);
    }
  }
  const rows = WAYS.map(async (by): Promise<[string, object]> => {
    const sorted = times.get(by)?.toSorted((a, b) => a - b);
    const names = Array.from({ length: STAYING }, (_, index) => `${by.toLowerCase()}-${index}`);
    for (const name of names) await startPod(kubectl, name, templates.get(by));
    const found = await Promise.all(names.map((name) => look(kubectl, name)));
    const bytes = found[0]?.bytes ?? 0;
    return [by, { readyMs: sorted, bridgeMiB: found.map(({ pss }) => mib(pss)), diskMiBPerPod: by === 'InitContainer' ? mib(bytes) : 0 }];
  });
  return Object.fromEntries(await Promise.all(rows));
}

async function podSpec(kubectl: Kubectl, deployment: string): Promise<object> {
  const found = JSON.parse(await kubectl(['-n', NAMESPACE, 'get', 'deployment', deployment, '-o', 'json'])) as { spec: { template: { spec: object } } };
  return found.spec.template.spec;
}

async function startPod(kubectl: Kubectl, name: string, spec: object | undefined): Promise<void> {
  await kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: NAMESPACE, name }, spec }));
  await kubectl(['-n', NAMESPACE, 'wait', '--for=condition=Ready', '--timeout=60s', `pod/${name}`]);
}

async function timeOf(what: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await what();
  return Math.round(performance.now() - started);
}

async function look(kubectl: Kubectl, pod: string): Promise<{ readonly pss: number; readonly bytes: number }> {
  const node = bridgeProgram(BRIDGE_PATH).slice(0, -1);
  return JSON.parse(await kubectl(['-n', NAMESPACE, 'exec', pod, '--', ...node, '-e', LOOK])) as { pss: number; bytes: number };
}

function mib(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
