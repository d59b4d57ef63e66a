// A user's mistake is one sentence, a defect keeps its stack trace, and a signal is heeded at any moment: on the real command line.
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GRACE_PERIOD_SECONDS } from '../../../charts/operator/grace-period.ts';
import { freePort } from '../../cluster/ports.ts';
import { folder, kubeconfig } from '../../kubernetes/credentials.ts';
import { call } from './in-process.ts';

const MAIN = join(import.meta.dirname, '../../../reconciler/main.ts');
const SERVER = 'apiVersion: mcp.example.com/v1alpha1\nkind: MCPServer\nmetadata: {name: demo}\nspec: {image: x}\n';
const SHELL = '/bin/sh';
const LIMIT_MS = 90_000;

interface Output {
  stdout: string;
  stderr: string;
}

interface Ended extends Output {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts a program with nothing in the environment that could give credentials; it and what it started are gone after the test. */
function start(
  command: string,
  args: readonly string[],
  stdio: StdioOptions = 'pipe',
): { child: ChildProcess; output: Output; ended: Promise<Ended> } {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' },
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
    stdio,
    detached: true,
  });
  const output: Output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (output.stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (output.stderr += String(chunk)));
  const ended = once(child, 'exit').then(async ([code, signal]) => {
    // What is left in the pipes; a program it started may hold them open for ever.
    await sleep(100);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, ...output };
  });
  onTestFinished(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // It is gone.
    }
  });
  return { child, output, ended };
}

function operator(args: readonly string[]): Promise<Ended> {
  return start(process.execPath, [MAIN, ...args], ['ignore', 'pipe', 'pipe']).ended;
}

/** Runs a shell script in which `$operator` is the command line. */
function shell(script: string): Promise<Ended> {
  return start(SHELL, ['-c', `operator='${process.execPath} ${MAIN}'; ${script}`]).ended;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
    await sleep(5);
  }
}

/** Flags of an operator that waits for an API server nobody can reach. */
async function waiting(user: object = { token: 'x' }): Promise<string[]> {
  const credentials = await folder({ kubeconfig: kubeconfig({ cluster: { server: 'http://127.0.0.1:1' }, user }) });
  return ['run', '--kubeconfig', join(credentials, 'kubeconfig'), '--health-probe-bind-address', '127.0.0.1:0', '--metrics-bind-address', '0'];
}

describe("a user's mistake", () => {
  it.each<[string, string[], string]>([
    ['a file that is not there', ['render', '-f', '/nonexistent.yaml'], 'cannot read /nonexistent.yaml: there is no such file; give a YAML file with MCPServers'],
    ['a folder without manifests', ['render', '-f', '/usr'], '/usr holds no file that ends with .yaml, .yml or .json; folders in it are read with --recursive alone'],
    ['a file within a file', ['render', '-f', '/etc/passwd/x'], 'cannot read /etc/passwd/x: a part of its path is a file, not a folder; give a YAML file with MCPServers'],
  ])('%s is one sentence and exit code 1', async (_name, args, sentence) => {
    expect(await call(args)).toMatchObject({ code: 1, stdout: '', stderr: `error: ${sentence}\n` });
  });

  it('a selector of labels that is none is one sentence and exit code 1', async () => {
    const { code, stdout, stderr } = await operator(['run', '--watch-label-selector', 'shard>1']);
    expect([code, stdout, stderr.trim().split('\n').length]).toEqual([1, '', 1]);
    expect(stderr).toContain('It must be a label selector: "shard>1" is no requirement of a label: use KEY,');
  });

  it('a folder in place of a kubeconfig is one sentence and exit code 1', async () => {
    expect(await operator(['run', '--kubeconfig', '/usr'])).toMatchObject({ code: 1, stdout: '', stderr: 'error: kubeconfig /usr: cannot be read: EISDIR\n' });
  });

  it('an address of another machine is one sentence and exit code 1', async () => {
    const sentence = 'cannot listen on 192.0.2.1:80: this machine does not have that address; give one it has, or leave the host out to listen on all (EADDRNOTAVAIL)';
    const args = [...(await waiting()), '--metrics-bind-address', '192.0.2.1:80', '--log-level', 'silent'];
    expect(await operator(args)).toMatchObject({ code: 1, stdout: '', stderr: `error: ${sentence}\n` });
  });

  it('a reader that leaves before it has read all is one sentence', async () => {
    const many = Array.from({ length: 200 }, (_, index) => SERVER.replace('demo', `demo-${index}`)).join('---\n');
    const file = join(await folder({ 'many.yaml': many }), 'many.yaml');
    const { stdout, stderr } = await shell(`{ $operator render -f ${file}; echo "code $?" >&2; } | head -n 1`);
    expect(stdout).toBe('apiVersion: v1\n');
    expect(stderr).toBe('error: cannot write to standard output: it was closed before all was written\ncode 1\n');
  });

  it('a full disk is one sentence', async () => {
    const file = join(await folder({ 'server.yaml': SERVER }), 'server.yaml');
    expect(await shell(`$operator render -f ${file} > /dev/full`)).toMatchObject({ code: 1, stderr: 'error: cannot write to standard output: no space is left on the device\n' });
  });
});

/** Flags for Node that run code before the program: for failures where it does not expect any. */
function preload(code: string, imports = ''): string[] {
  return ['--import', `data:text/javascript,${encodeURIComponent(imports + code)}`];
}

/** Tells on standard output when the program begins to heed signals, which Node itself does before that, in its own way. */
const TELLS = preload("process.on('newListener', (event) => { if (event === 'SIGINT') fs.writeSync(1, 'listens\\n'); })", "import fs from 'node:fs';");

describe('a defect', () => {
  const IN_RENDER = "const { map } = Array.prototype; Array.prototype.map = function (...args) { if (new Error().stack.includes('render.ts')) throw Object.assign(new TypeError('a defect'), { code: 'ERR_INVALID_ARG_TYPE' }); return map.apply(this, args); };";

  it('keeps its stack trace, whatever code it carries', async () => {
    const file = join(await folder({ 'server.yaml': SERVER }), 'server.yaml');
    const { code, stdout, stderr } = await start(process.execPath, [...preload(IN_RENDER), MAIN, 'render', '-f', file]).ended;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/TypeError: a defect\n    at .*\n/);
  });

  it('in the running operator is a line of the log, at level fatal, with its stack trace', async () => {
    const { child, output, ended } = start(process.execPath, [...preload("process.on('SIGUSR2', () => { throw new RangeError('a defect'); })"), MAIN, ...(await waiting())]);
    await until(() => output.stdout.includes('serving health'));
    child.kill('SIGUSR2');
    const { code, stdout, stderr } = await ended;
    const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as { level: string; err?: { stack: string } });
    expect([code, stderr]).toEqual([1, '']);
    expect(lines.filter(({ level }) => level === 'fatal').map(({ err }) => err?.stack)).toEqual([expect.stringMatching(/^RangeError: a defect\n    at /)]);
  });

  it('keeps its stack trace in an operator whose log is silent', async () => {
    const flags = [...(await waiting()), '--log-level', 'silent'];
    const { child, output, ended } = start(process.execPath, [...TELLS, ...preload("process.on('SIGUSR2', () => { throw new RangeError('a defect'); })"), MAIN, ...flags]);
    await until(() => output.stdout.includes('listens'));
    child.kill('SIGUSR2');
    const { code, stdout, stderr } = await ended;
    expect([code, stdout]).toEqual([1, 'listens\n']);
    expect(stderr).toMatch(/RangeError: a defect\n    at /);
  });
});

describe('a signal', () => {
  it.each<[string, number]>([['before anything is loaded', 0], ['while it loads', 150], ['while it loads on', 600]])('ends an operator that starts with code 0: %s', async (_name, ms) => {
    const { child, output, ended } = start(process.execPath, [...TELLS, MAIN, ...(await waiting())]);
    await until(() => output.stdout.includes('listens'));
    await sleep(ms);
    child.kill('SIGTERM');
    child.kill('SIGTERM');
    const { code, signal, stderr, stdout } = await ended;
    expect([code, signal, stderr]).toEqual([0, null, '']);
    expect(stdout.trim().split('\n').at(-1)).toContain('"stopped"');
  });

  it('ends an operator whose credential plugin hangs', async () => {
    const asked = join(await folder({}), 'asked');
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: SHELL, args: ['-c', `echo > ${asked}; exec sleep 1000`], interactiveMode: 'Never' };
    const { child, ended } = start(process.execPath, [MAIN, ...(await waiting({ exec }))]);
    await until(() => existsSync(asked));
    child.kill('SIGTERM');
    const killed = setTimeout(() => child.kill('SIGKILL'), GRACE_PERIOD_SECONDS * 1000);
    const { code, signal, stderr, stdout } = await ended;
    clearTimeout(killed);
    expect([code, signal, stderr]).toEqual([0, null, '']);
    expect(stdout).toContain('"stopped"');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends a render that waits for its input as a shell expects it', async (signal) => {
    const { child, output, ended } = start(process.execPath, [...TELLS, MAIN, 'render', '-f', '-']);
    await until(() => output.stdout.includes('listens'));
    await sleep(500);
    child.kill(signal);
    expect(await ended).toEqual({ code: null, signal, stdout: 'listens\n', stderr: '' });
  });
});

describe('a log that takes no more', () => {
  it.each<[string, (child: ChildProcess) => void, string]>([
    ['is full', () => undefined, '/dev/full'],
    ['has lost its reader', (child) => child.stdout?.destroy(), ''],
  ])('because it %s does not end the operator', async (_name, cut, file) => {
    const log = file === '' ? undefined : openSync(file, 'w');
    const api = await freePort();
    const address = ['--health-probe-bind-address', `127.0.0.1:${api}`, '--log-level', 'debug'];
    const { child, ended } = start(process.execPath, [MAIN, ...(await waiting()), ...address], ['ignore', log ?? 'pipe', 'pipe']);
    if (log !== undefined) closeSync(log);
    const isAlive = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${api}/healthz`).catch(() => undefined))?.status === 200;
    await until(isAlive);
    cut(child);
    // Time to log that the API server is away.
    await sleep(2000);
    expect(await isAlive()).toBe(true);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });
});
