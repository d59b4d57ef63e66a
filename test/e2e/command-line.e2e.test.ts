// The commands that look at MCPServers, where a real kubelet and real containers stand behind them: logs as they are said, last words,
// and a port-forward that passes on what the API server's proxy would not.
import { expect, inject, test } from 'vitest';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { NODE } from '../../images/paths.ts';
import type { Explanation } from '../../reconciler/explain/explanation.ts';
import { cliWith, startCli, type RunningCli } from '../support/cli-process.ts';
import { eventually, useNamespace } from '../support/cluster.ts';
import { describeOnNode, User } from './support/e2e.ts';
import { SERVER_IMAGE } from './support/images.ts';

const user = new User();

/** Tells the Authorization header it is sent, and goes on with an endless answer until that is closed. */
const TELLS = `
let count = 0;
setInterval(() => console.log('line', ++count), 200);
require('node:http').createServer((request, response) => {
  if (request.url === '/stream') { response.write('begun'); response.on('close', () => console.log('stream closed')); }
  else response.end(JSON.stringify({ authorization: request.headers.authorization, host: request.headers.host }));
}).listen(3000);`;

describeOnNode('the command line', () => {
  const namespace = useNamespace('cli');
  const cli = cliWith(inject('kubeconfig'));
  const start = (...args: readonly string[]): RunningCli =>
    startCli(inject('kubeconfig'), { home: '/nonexistent', cwd: '/', args: [...args, '-n', namespace] });

  test('follows logs over a restart, explains by last words, and forwards Authorization, Host and open streams', async () => {
    await Promise.all([
      user.server(namespace, 'tells', { image: SERVER_IMAGE, port: 3000, command: [NODE, '-e', TELLS], verification: { mode: 'Off' } }),
      user.server(namespace, 'crashes', { image: SERVER_IMAGE, command: [NODE, '-e', 'console.error("\\u001b[31mAPI_KEY is not set"); process.exit(3)'] }),
      user.server(namespace, 'stdio', { image: SERVER_IMAGE, transport: 'stdio', command: [NODE, '/app/kubernetes-mcp-server.mjs'] }),
    ]);
    await user.ready(namespace, 'tells', 'stdio');

    const following = start('logs', 'tells', '-f', '--tail', '1');
    const linesSoFar = (): number[] => [...following.printed().stdout.matchAll(/^\[tells-\S+\/mcp-server\] line (\d+)$/gm)].map((match) => Number(match[1]));
    await eventually(() => expect(linesSoFar().length).toBeGreaterThan(3));
    const [first = 0] = linesSoFar();
    expect(linesSoFar()).toEqual(linesSoFar().map((_, index) => first + index));

    const connected = start('connect', 'tells', '-o', 'json');
    const { url } = await eventually(() => {
      const { stdout, stderr } = connected.printed();
      if (stderr !== '') throw new Error(stderr);
      return JSON.parse(stdout) as { url: string };
    });
    const answer = await fetch(url, { headers: { authorization: 'Bearer mine' } });
    expect(await answer.json()).toEqual({ authorization: 'Bearer mine', host: new URL(url).host });
    const stream = await fetch(new URL('/stream', url));
    const reader = stream.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('begun');
    await reader?.cancel();
    await eventually(() => expect(following.printed().stdout).toContain('] stream closed\n'));
    expect(await connected.end()).toEqual({ code: 0, signal: null });

    await user.run(['-n', namespace, 'delete', 'pod', '-l', 'mcp.example.com/server=tells', '--wait=false']);
    await eventually(() => expect(new Set(following.printed().stdout.matchAll(/^\[(tells-\S+)\//gm).map((match) => match[1])).size).toBe(2));
    expect(await following.end()).toEqual({ code: null, signal: 'SIGINT' });

    await user.reason([namespace, 'crashes'], ['False', 'CrashLoop'], /API_KEY/);
    const explained = await cli('explain', 'crashes', '-n', namespace, '-o', 'json');
    expect(explained.code).toBe(1);
    const { lastWords, events } = JSON.parse(explained.stdout) as Explanation;
    expect(lastWords).toEqual([{ pod: expect.stringContaining('crashes-') as string, container: 'mcp-server', exitCode: 3, lines: ['API_KEY is not set'] }]);
    expect(events.map(({ reason }) => reason)).toContain('BackOff');

    const bridge = start('connect', 'stdio', '-o', 'json');
    const { url: bridged } = await eventually(() => JSON.parse(bridge.printed().stdout) as { url: string });
    const mcp = new Client({ name: 'e2e', version: '1.0.0' });
    await mcp.connect(new StreamableHTTPClientTransport(new URL(bridged)));
    expect((await mcp.listTools()).tools.length).toBeGreaterThan(0);
    await mcp.close();
    expect(await bridge.end()).toEqual({ code: 0, signal: null });
    const said = await cli('logs', 'stdio', '-n', namespace);
    expect(said).toMatchObject({ code: 0, stderr: '' });
  }, 120_000);
});
