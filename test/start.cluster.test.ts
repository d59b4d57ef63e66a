// The first command a newcomer runs, as they run it where there are no containers; test/e2e/ runs it with them.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from './support/cluster.ts';
import { Terminal } from './support/terminal.ts';
import { expectAllUsed, expectClosed, type OnceSummary } from './support/demonstration.ts';

const START = join(import.meta.dirname, 'cluster/start.ts');

describe('npm start', () => {
  test('--once brings the demonstration up, uses and mends it, says so in its last line and leaves nothing behind but a token', async () => {
    const temp = temporaryFolder();
    const start = spawn(process.execPath, [START, '--node', 'process', '--once'], { stdio: ['ignore', 'pipe', 'pipe'], env: environment(temp) });
    const [output, problems, code] = await Promise.all([text(start.stdout), text(start.stderr), exitOf(start)]);

    expect(problems).toBe('');
    expect(code).toBe(0);
    expect(expectAllUsed(output).node).toBe('process');
    expect(leftovers(temp)).toEqual(['mcp-server-operator/token']);
  });

  test("--tutorial brings up the tutorial's samples verbatim, which say what they lack", async () => {
    const temp = temporaryFolder();
    const start = spawn(process.execPath, [START, '--node', 'process', '--once', '--tutorial'], { stdio: ['ignore', 'pipe', 'inherit'], env: environment(temp) });
    const [output, code] = await Promise.all([text(start.stdout), exitOf(start)]);
    expect(code).toBe(0);
    const summary = JSON.parse(output.trim().split('\n').at(-1) ?? '') as OnceSummary;
    const lacking = ['get-pod-logs, which says that it has no credentials'];
    expect(Object.fromEntries(summary.servers.map(({ name, done }) => [name, done]))).toMatchObject({
      'default/advanced-mcpserver': lacking,
      'default/basic-mcpserver': lacking,
      'mcp-system/production-mcpserver': lacking,
      'kubernetes-mcp-server/kubernetes-mcp-server': expect.arrayContaining(['create-pod']) as string[],
    });
  });

  test('on a terminal shows a table that stays live, in which the broken server is mended by the command that stands there; answers strangers nowhere but at the harmless servers; and leaves nothing behind on Ctrl-C', async () => {
    const temp = temporaryFolder();
    const start = new Terminal(`exec ${process.execPath} ${START} --node process`, { ...environment(temp), PATH: '/usr/bin:/bin' }, { columns: 80, rows: 24 });
    const screen = (text: RegExp): Promise<string> => eventually(() => {
      expect(start.screen()).toMatch(text);
      return start.screen();
    }, { timeoutMs: 150_000, message: `a screen with ${text}` });
    try {
      const up = await screen(/^3 of 4 Ready \(in \d+ s\); broken is broken on purpose/);
      expect(up.split('\n').length).toBeLessThanOrEqual(24);
      expect(up).toMatch(/^✖ broken +\w+ +1\/1 +WrongPath\n {2}POST \/wrong was answered with HTTP 404 /m);
      await expectClosed(start.pid, join(temp, 'mcp-server-operator/demo'));
      expect(await fleetOf(/^Dashboard +(http\S+)$/m.exec(up)?.[1] ?? '')).toContain('"name":"broken","phase":"Pending","ready":"False","reason":"WrongPath"');
      const lines = [/^kubectl +(export KUBECONFIG=.*)$/m, /^ +(export PATH=.*)$/m, /^ {2}mend it: (kubectl .*)$/m].map((line) => line.exec(up)?.[1] ?? '');
      execFileSync('/bin/sh', ['-ec', lines.join('\n')], { env: { PATH: '/usr/bin:/bin', HOME: temp } });
      start.resize({ columns: 140, rows: 45 });
      const mended = await screen(/^4 of 4 Ready/);
      expect(mended).toMatch(/^✔ broken +Ready +1\/1 +Verified +http:\/\/127\.0\.0\.1:\d+\/mcp +dice 1\.0\.0/m);
      expect(mended).not.toContain('mend it');
    } finally {
      start.type('\u0003\u0003');
    }
    expect(await start.ended).toBe(0);
    expect(start.afterScreen()).toMatch(/^(\^C)*stopping\nstopped, nothing left\n$/);
    // What kubectl remembers of any cluster.
    rmSync(join(temp, '.kube'), { recursive: true, force: true });
    expect(leftovers(temp)).toEqual(['mcp-server-operator/token']);
  });
});

/** What the page at the URL of a dashboard is told first. */
async function fleetOf(url: string): Promise<string> {
  const { headers } = await fetch(url, { redirect: 'manual' });
  const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const stop = new AbortController();
  const { body } = await fetch(new URL(`${headers.get('location')}live/fleet`, url), { headers: { cookie }, signal: stop.signal });
  let text = '';
  for await (const part of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += part;
    if (/^event: fleet\n.*\n\n/m.test(text)) break;
  }
  stop.abort();
  return text;
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve));
}

/** A folder for all temporary files of one run, removed when the test is over. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Its files lie in the folder: what is temporary, and what stays the same at each start. */
function environment(folder: string): NodeJS.ProcessEnv {
  return { ...process.env, TMPDIR: folder, XDG_STATE_HOME: folder };
}

/** Files it left there, and processes whose command line mentions it. */
function leftovers(folder: string): string[] {
  const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(folder));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  return [...files.map(({ parentPath, name }) => relative(folder, join(parentPath, name))), ...processes];
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
