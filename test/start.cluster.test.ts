// The first command a newcomer runs, as they run it where there are no containers; test/e2e/ runs it with them.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from './support/cluster.ts';
import { expectClosed } from './support/demonstration.ts';

const START = join(import.meta.dirname, 'cluster/start.ts');

describe('npm start', () => {
  test('--once brings every example up, uses it with an MCP client, says so in its last line and leaves nothing behind', async () => {
    const temp = temporaryFolder();
    const start = spawn(process.execPath, [START, '--node', 'process', '--once'], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: temp } });
    const [output, problems, code] = await Promise.all([text(start.stdout), text(start.stderr), exitOf(start)]);

    expect(problems).toBe('');
    expect(code).toBe(0);
    const summary = JSON.parse(output.trim().split('\n').at(-1) ?? '') as {
      ok: boolean;
      servers: { name: string; tools: string[]; done: string[] }[];
    };
    expect(output).toContain('kubernetes-mcp-server.yaml with its write rules uncommented');
    expect(summary.ok).toBe(true);
    expect(summary.servers.map(({ name }) => name).toSorted()).toEqual([
      'default/advanced-mcpserver',
      'default/basic-mcpserver',
      'kubernetes-mcp-server/kubernetes-mcp-server',
      'mcp-system/production-mcpserver',
    ]);
    for (const { tools } of summary.servers) expect(tools).toEqual(expect.arrayContaining(['create-pod', 'get-pod-logs', 'delete-pod']));
    expect(summary.servers.find(({ name }) => name === 'kubernetes-mcp-server/kubernetes-mcp-server')?.done).toEqual([
      'create-pod',
      'get-pod-logs',
      'delete-pod',
      'k8s://cluster/nodes',
      'k8s://namespace/kubernetes-mcp-server/pods',
    ]);
    expect(leftovers(temp)).toEqual([]);
  });

  test('answers strangers nowhere but at the samples it names, stays up until Ctrl-C, which may come twice, and then exits with 0 and leaves nothing behind', async () => {
    const temp = temporaryFolder();
    const start = spawn(process.execPath, [START, '--node', 'process'], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TMPDIR: temp } });
    let output = '';
    start.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    const ended = exitOf(start);
    try {
      await eventually(() => expect(output).toContain('until Ctrl-C'), { timeoutMs: 100_000, message: 'everything being up' });
      await expectClosed(start.pid ?? 0, output);
    } finally {
      start.kill('SIGINT');
      start.kill('SIGINT');
    }
    expect(await ended).toBe(0);
    expect(leftovers(temp)).toEqual([]);
  });
});

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve));
}

/** A folder for all temporary files of one run, removed when the test is over. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Files it left there, and processes whose command line mentions it. */
function leftovers(folder: string): string[] {
  const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(folder));
  return [...readdirSync(folder), ...processes];
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
