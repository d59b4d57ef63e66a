// `npm start` on a real node, and what it leaves on the machine: nothing.
import { execFileSync, spawn } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/cluster.ts';
import { expectAllUsed, expectClosed } from '../support/demonstration.ts';
import { describeOnNode } from './support/e2e.ts';

const START = join(import.meta.dirname, '../cluster/start.ts');
/** Kernel settings a kubelet or a packet filter would change where they are not its own. */
const SETTINGS = ['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops', 'net/ipv4/ip_forward', 'net/netfilter/nf_conntrack_max'];

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function output(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8' });
}

/** What a node could leave on the host and does not own: interfaces, addresses, packet filters, kernel settings. */
function host(): object {
  return {
    links: output('ip', '-o', 'link').replaceAll(/ state \w+| qlen \d+/g, ''),
    addresses: output('ip', '-o', '-4', 'address'),
    filters: output('nft', 'list', 'ruleset'),
    settings: SETTINGS.map((name) => [name, contentOf(`/proc/sys/${name}`)]),
  };
}

/** What it could leave of its own: files, processes, mounts, control groups. */
function leftovers(folder: string, pid: number): string[] {
  const processes = readdirSync('/proc').filter((each) => /^\d+$/.test(each) && contentOf(`/proc/${each}/cmdline`).includes(folder));
  const mounts = contentOf('/proc/self/mounts').split('\n').filter((line) => line.includes(folder));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  return [...files.map(({ parentPath, name }) => relative(folder, join(parentPath, name))), ...processes, ...mounts, ...globSync(`/sys/fs/cgroup/{*/,}mcp-node-${pid}-*`)];
}

/** The environment of a start whose files, temporary ones too, lie in a folder. */
function filesIn(folder: string): NodeJS.ProcessEnv {
  return { ...process.env, TMPDIR: folder, XDG_STATE_HOME: folder };
}

describeOnNode('npm start', () => {
  test('--once runs the demonstration in real containers, the operator among them, uses each server with an MCP client, mends the broken one, and leaves nothing on the machine but a token', async () => {
    const temp = mkdtempSync(join(tmpdir(), 'start-'));
    onTestFinished(() => rmSync(temp, { recursive: true, force: true }));
    const before = host();
    const start = spawn(process.execPath, [START, '--once'], { stdio: ['ignore', 'pipe', 'pipe'], env: filesIn(temp) });
    const ended = new Promise((resolve) => start.once('exit', resolve));
    const [output, problems] = await Promise.all([text(start.stdout), text(start.stderr)]);
    expect(problems).toBe('');
    expect(await ended).toBe(0);
    expect(output).toContain('real containers');
    expect(expectAllUsed(output).node).toBe('real');
    expect(leftovers(temp, start.pid ?? 0)).toEqual(['mcp-server-operator/token']);
    expect(host()).toEqual(before);
  });

  test('answers strangers on this machine nowhere but at the harmless servers it names', async () => {
    const temp = mkdtempSync(join(tmpdir(), 'start-'));
    onTestFinished(() => rmSync(temp, { recursive: true, force: true }));
    const start = spawn(process.execPath, [START, '--node', 'real'], { stdio: ['ignore', 'pipe', 'inherit'], env: filesIn(temp) });
    const ended = new Promise((resolve) => start.once('exit', resolve));
    let output = '';
    start.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    try {
      await eventually(() => expect(output).toContain('until Ctrl-C'), { timeoutMs: 150_000, message: 'everything being up' });
      await expectClosed(start.pid ?? 0, join(temp, 'mcp-server-operator/demo'));
    } finally {
      start.kill('SIGINT');
    }
    expect(await ended).toBe(0);
  });
});
