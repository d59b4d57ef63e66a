import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderDocuments } from '../../reconciler/commands/render/render.ts';
import { folder, kubeconfig } from '../kubernetes/credentials.ts';
import { serveHttp } from '../support/mcp-servers.ts';
import { call, type Ended } from './commands/in-process.ts';
import { start } from './commands/program.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLE = join(ROOT, 'examples/basic-mcpserver.yaml');

/** The one line with which it was refused; all that was said where it was not. */
function refusal({ code, stdout, stderr }: Ended): string {
  const isRefused = code === 1 && stdout === '' && /^[^\n]+\n$/.test(stderr);
  return isRefused ? stderr : `ended with ${code}: ${stdout}${stderr}`;
}

describe('mcp-operator', () => {
  it.each<[string[], string[]]>([
    [['--help'], ['run', 'render']],
    [['run', '--help'], ['--kubeconfig', '--namespace', '--metrics-bind-address', '--health-probe-bind-address', '--max-concurrent-reconciles', '--metrics-max-servers', '--max-concurrent-handshakes', '--pod-access', '--log-level', 'SIGTERM', '--leader-elect ', '--leader-elect-resource-name ', '--leader-elect-resource-namespace ', 'exit code 1']],
    [['render', '--help'], ['--filename', 'Needs no cluster']],
  ])('%j explains itself', async (args, words) => {
    const { code, stdout } = await call(args);
    expect(code).toBe(0);
    for (const word of words) expect(stdout).toContain(word);
  });

  it('refuses to run without credentials, and says how to give some', async () => {
    const { code, stderr } = await start(['run', '--log-level', 'silent']);
    expect(code).toBe(1);
    expect(stderr).toBe('error: no Kubernetes credentials: give a kubeconfig file (--kubeconfig FILE), or set KUBECONFIG, or run in a pod that mounts its service account token\n');
  });

  it.each<[string, string[], RegExp]>([
    ['a namespace that can be none', ['run', '--namespace', 'Bad_NS'], /name of one namespace/],
    ['an address that is none', ['run', '--metrics-bind-address', 'here'], /"here" is not an address to listen on: use HOST:PORT/],
    ['no worker at all', ['run', '--max-concurrent-reconciles', '0'], /whole number above 0/],
    ['no handshake at all', ['run', '--max-concurrent-handshakes', '0'], /whole number above 0/],
    ['no MCPServer in metrics', ['run', '--metrics-max-servers', '0'], /whole number above 0/],
    ['half a handshake', ['run', '--max-concurrent-handshakes', '1.5'], /whole number above 0/],
    ['another log level', ['run', '--log-level', 'loud'], /silent, fatal, error, warn, info, debug, trace/],
    ['a name no Lease can have', ['run', '--leader-elect-resource-name', 'Mine'], /name an object can have/],
    ['a namespace of the Lease that can be none', ['run', '--leader-elect-resource-namespace', 'a/b'], /name of one namespace/],
    ['an unknown command', ['walk'], /unknown command|too many arguments/],
    ['render without a file', ['render'], /required option '-f, --filename <file>' not specified/],
    ['a file that is not there', ['render', '-f', '/nonexistent.yaml'], /^error: .*\/nonexistent\.yaml/],
  ])('refuses %s in one line', async (_name, args, message) => {
    expect(refusal(await call(args))).toMatch(message);
  });

  it('refuses a kubeconfig that is not there, and an unknown flag, by the code of its process, in one line', async () => {
    expect(refusal(await start(['run', '--kubeconfig', '/nonexistent/kubeconfig']))).toMatch(/^error: .*\/nonexistent\/kubeconfig/);
    expect(refusal(await start(['run', '--fast']))).toMatch(/unknown option '--fast'/);
  });

  it('refuses to elect a leader outside a cluster without the namespace of the Lease', async () => {
    const credentials = await folder({ kubeconfig: kubeconfig() });
    const { code, stdout, stderr } = await start(['run', '--kubeconfig', join(credentials, 'kubeconfig'), '--leader-elect']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe('error: --leader-elect needs --leader-elect-resource-namespace NAME outside a cluster, to know where its Lease is\n');
  });

  it('refuses to start when it cannot listen where it should', async () => {
    const taken = await serveHttp(() => undefined);
    const credentials = await folder({ kubeconfig: kubeconfig() });
    const address = `127.0.0.1:${taken.port}`;
    const { code, stderr } = await start(['run', '--kubeconfig', join(credentials, 'kubeconfig'), '--health-probe-bind-address', address, '--metrics-bind-address', '0']);
    await taken.close();
    expect([code, stderr]).toEqual([1, `error: cannot listen on ${address}: another program listens there; end that one, or give another address (EADDRINUSE)\n`]);
  });

  it('renders a file and standard input alike, and prints nothing else', async () => {
    const text = await readFile(EXAMPLE, 'utf8');
    const expected = { code: 0, signal: null, stdout: renderDocuments(text, 'f'), stderr: '' };
    expect(await start(['render', '-f', EXAMPLE])).toEqual(expected);
    expect(await start(['render', '-f', '-'], { input: text })).toEqual(expected);
  });

  it('refuses to render an invalid MCPServer with what to change', async () => {
    const text = (await readFile(EXAMPLE, 'utf8')).replace('transport: streamable-http', 'transport: carrier-pigeon');
    const { code, stdout, stderr } = await call(['render', '-f', '-'], { input: text });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error: MCPServer basic-mcpserver is invalid: spec\.transport: /);
  });
});
