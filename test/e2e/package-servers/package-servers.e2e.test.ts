// Stdio servers that npx and uvx start, as desktop configurations have them, from a registry on the node: Ready, and tools called by three clients.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { imageOf } from '../../../images/programs.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { useNamespace } from '../../support/cluster.ts';
import { callV1, callV2 } from '../../support/real-clients.ts';
import { judgeWithPython, pythonWithClient } from '../../python-client/python.ts';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import { describeOnNode, restrictedPod, User } from '../support/e2e.ts';
import { obtainRegistry, packRuntimes, REGISTRY_IMAGE } from './registry-image.ts';
import { PACKAGE_SERVERS, type PackageServer } from './servers.ts';

const user = new User();
const PACKING_LIMIT_MS = 10 * 60_000;
const READY_LIMIT_SECONDS = 240;
const REGISTRY = 'http://packages:8080';

function log(line: string): void {
  process.stderr.write(`package servers: ${line}\n`);
}

/** Packages of Python are fetched and called by Python's own programs. */
const hasPython = ['pip', 'venv'].every((module) => spawnSync('python3', ['-m', module, '--help'], { stdio: 'ignore' }).status === 0);
if (!hasPython) log('SKIPPED: python3 with pip and venv is not installed');

function specOf({ image, command, env = {} }: PackageServer): object {
  const all = { ...env, npm_config_registry: `${REGISTRY}/npm/`, UV_DEFAULT_INDEX: `${REGISTRY}/simple/` };
  return {
    image: imageOf(image),
    transport: 'stdio',
    command,
    env: Object.entries(all).map(([name, value]) => ({ name, value })),
    stdio: { warm: 0 },
    resources: { requests: { cpu: '10m', memory: '64Mi' } },
  };
}

(hasPython ? describeOnNode : describe.skip)('in a namespace that enforces restricted, a server started by npx or uvx', () => {
  const namespace = useNamespace('package-servers', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  let folder: string;
  let python: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'package-servers-'));
    const [program = '', ...args] = inject('imageLoader');
    const archives = [await obtainRegistry(log), await packRuntimes(folder, log)];
    for (const archive of archives) await promisify(execFile)(program, [...args, archive]);
    python = await pythonWithClient();
    const readinessProbe = { tcpSocket: { port: 8080 }, periodSeconds: 1 };
    const pod = restrictedPod(namespace, 'packages', { image: REGISTRY_IMAGE, readinessProbe }) as { metadata: object };
    await user.apply({ ...pod, metadata: { ...pod.metadata, labels: { app: 'packages' } } });
    const service = { selector: { app: 'packages' }, ports: [{ port: 8080 }] };
    await user.apply({ apiVersion: 'v1', kind: 'Service', metadata: { namespace, name: 'packages' }, spec: service });
    await user.run(['-n', namespace, 'wait', 'pod/packages', '--for=condition=Ready', '--timeout=60s'], { timeoutMs: 70_000 });
    for (const server of PACKAGE_SERVERS) {
      await user.apply({ apiVersion: 'mcp.example.com/v1alpha1', kind: 'MCPServer', metadata: { namespace, name: server.name }, spec: specOf(server) });
    }
    const all = PACKAGE_SERVERS.map(({ name }) => `mcps/${name}`);
    await user.run(['-n', namespace, 'wait', '--for=condition=Ready', `--timeout=${READY_LIMIT_SECONDS}s`, ...all], { timeoutMs: 2 * READY_LIMIT_SECONDS * 1000 })
      .catch(async (error: unknown) => {
        const logs = await user.kubectl(['-n', namespace, 'logs', '-l', 'app.kubernetes.io/name=mcp-server', '-c', 'mcp-server', '--prefix', '--tail=8']);
        throw new Error(`${String(error)}\n${await user.explain(namespace)}\n${logs.stdout}${logs.stderr}`, { cause: error });
      });
  }, PACKING_LIMIT_MS);
  afterAll(() => rm(folder, { recursive: true }));

  async function urlOf(name: string): Promise<URL> {
    return new URL(`${await user.portForward(namespace, `service/${name}`, 8080)}/mcp`);
  }

  test.each(PACKAGE_SERVERS)('$name is Ready, and its tool is called by three clients', async ({ name, tool, arguments: args, says }) => {
    const server = await user.get<MCPServerObject>(`mcps/${name}`, namespace);
    expect(conditionOf(server, 'Ready')).toMatchObject({ status: 'True', reason: 'Verified' });
    expect(conditionOf(server, 'ConfigurationValid')?.message).not.toContain('exact version');
    const url = await urlOf(name);
    expect(await callV1(url, tool, args)).toContain(says);
    expect(await callV2(url, tool, args)).toContain(says);
    expect(await judgeWithPython(python, { [name]: { url: url.href, tool, arguments: args } })).toEqual({ [name]: 'works' });
    const commands = await user.run(['-n', namespace, 'exec', await user.pod(namespace, name), '-c', 'mcp-server', '--', '/stdio-bridge/lib/ld.so', '--library-path', '/stdio-bridge/lib', '/stdio-bridge/node', '-e', PROCESSES]);
    expect(commands).not.toMatch(/^(?:npm|\S*\/?uvx?) /m);
  });
});

/** Prints the command of every process of the container. */
const PROCESSES = `
const fs = require('fs');
for (const pid of fs.readdirSync('/proc').filter((each) => Number(each) > 1)) {
  try { console.log(fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('\\0').slice(0, 3).join(' ')); } catch {}
}`;
