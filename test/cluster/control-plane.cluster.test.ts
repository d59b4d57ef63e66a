// The control plane itself: kubectl talks to it, its API server comes back, its command line stops cleanly.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { auditEvents, eventually, isWrite, kubectl, uniqueName } from '../support/cluster.ts';
import { answersWithoutCredentials, listenersOf, processesNaming, type Listener } from '../support/listeners.ts';
import { startControlPlane } from './control-plane.ts';
import { runKubectl } from './kubectl.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-plane-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('kubectl talks to the shared control plane, a Kubernetes 1.36', async () => {
  const { stdout, code } = await kubectl(['version', '-o', 'json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ serverVersion: { major: '1', minor: '36' } });
});

test('every request stands in the audit log with who made it', async () => {
  const name = uniqueName('audited');
  expect((await kubectl(['create', 'configmap', name])).code).toBe(0);
  const events = await auditEvents((event) => isWrite(event) && event.objectRef?.name === name);
  expect(events).toMatchObject([{ verb: 'create', user: { username: 'admin' }, responseStatus: { code: 201 } }]);
});

test('of the shared control plane nothing but the API server listens, on loopback, and it answers nobody without credentials', async () => {
  // Tests beside this one run operators with its kubeconfig, which are not of it.
  const parts = processesNaming(dirname(inject('kubeconfig'))).flatMap(listenersOf);
  const listening = parts.filter(({ program }) => /^\S*\/(?:etcd|kube-[a-z-]+)\s/.test(program));
  expect(listening).toMatchObject([{ host: '127.0.0.1', program: expect.stringContaining('kube-apiserver') }]);
  for (const each of listening) expect(await answersWithoutCredentials(each)).toEqual([]);
});

test('an API server that was killed comes back on its port with its data, and a restarted one too', async () => {
  const plane = await startControlPlane({ dir: join(folder, 'killed') });
  try {
    expect((await plane.kubectl(['create', 'configmap', 'kept'])).code).toBe(0);
    await plane.killApiServer();
    expect((await plane.kubectl(['get', 'configmap', 'kept'])).stderr).toContain('refused');
    await plane.startApiServer();
    expect((await plane.kubectl(['get', 'configmap', 'kept'])).code).toBe(0);
    await plane.restartApiServer();
    await eventually(async () => expect((await plane.kubectl(['create', 'deployment', 'web', '--image=web'])).code).toBe(0));
    await eventually(async () => expect((await plane.kubectl(['get', 'pods', '-o', 'name'])).stdout).toContain('pod/web-'), {
      message: 'the controllers work again',
    });
  } finally {
    await plane.stop();
  }
});

test('a part that cannot start is reported with the end of its log', async () => {
  const taken = Number(new URL(JSON.parse(await readFile(inject('kubeconfig'), 'utf8')).clusters[0].cluster.server).port);
  const start = startControlPlane({ dir: join(folder, 'taken'), port: taken });
  await expect(start).rejects.toThrow(/kube-apiserver ended \(exit code 1\)[^]*address already in use/);
});

test('the command writes a working kubeconfig, and two Ctrl-C stop everything with exit code 0', async () => {
  const dir = join(folder, 'command');
  const command = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), '--dir', dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(command, 'exit');
  try {
    for await (const line of createInterface({ input: command.stdout })) if (line.startsWith('Ctrl-C')) break;
    const kubeconfig = join(dir, 'kubeconfig');
    expect((await runKubectl(inject('kubectl'), ['get', 'namespaces'], { kubeconfig })).code).toBe(0);
    const listening = listenersOf(command.pid ?? 0);
    expect(listening).toMatchObject([{ host: '127.0.0.1', program: expect.stringContaining('kube-apiserver') }]);
    expect(await answersWithoutCredentials(listening[0] as Listener)).toEqual([]);
    command.kill('SIGINT');
    command.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
    expect((await runKubectl(inject('kubectl'), ['get', 'namespaces'], { kubeconfig })).stderr).toContain('refused');
  } finally {
    command.kill('SIGKILL');
  }
});
