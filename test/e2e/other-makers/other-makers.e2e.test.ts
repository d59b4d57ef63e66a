// Servers of other makers run with nothing but image, port, path, command, args and env, under every default of ours.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import { useNamespace } from '../../support/cluster.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { describeOnNode, mcpClient, restrictedPod, User } from '../support/e2e.ts';
import { CLIENT_IMAGE } from '../support/images.ts';
import { IMAGES, imageOf } from './images.ts';
import { obtainArchive } from './pack.ts';
import { FORGOTTEN, GUARDED_SERVERS, STDIO_SERVERS, VERIFIED_SERVERS, type Server } from './servers.ts';

const user = new User();
const PACKING_LIMIT_MS = 10 * 60_000;

describeOnNode('in a namespace that enforces restricted', () => {
  const namespace = useNamespace('other-makers', { 'pod-security.kubernetes.io/enforce': 'restricted' });

  beforeAll(async () => {
    const archive = await obtainArchive(IMAGES, (line) => process.stderr.write(`other makers: ${line}\n`));
    const [program = '', ...args] = inject('imageLoader');
    await promisify(execFile)(program, [...args, archive]);
  }, PACKING_LIMIT_MS);

  /** For the rest of the test: the node is small, and what these servers ask for by default is not. */
  async function deploy({ name, package: of, spec }: Server, more: object = {}): Promise<void> {
    await user.apply({ apiVersion: 'mcp.example.com/v1alpha1', kind: 'MCPServer', metadata: { namespace, name }, spec: { image: imageOf(of), ...spec, ...more } });
    onTestFinished(() => user.run(['-n', namespace, 'delete', `mcps/${name}`]).then(() => undefined));
  }

  function read(name: string): Promise<MCPServerObject> {
    return user.get<MCPServerObject>(`mcps/${name}`, namespace);
  }

  async function forwarded(name: string, endpoint: string): Promise<string> {
    const { port, pathname } = new URL(endpoint);
    return `${await user.portForward(namespace, `service/${name}`, Number(port))}${pathname}`;
  }

  async function toolsSeenHere(name: string, endpoint: string): Promise<string[]> {
    const { tools } = await (await mcpClient(await forwarded(name, endpoint))).listTools();
    return tools.map((tool) => tool.name);
  }

  async function toolsSeenInCluster(name: string, endpoint: string): Promise<string[]> {
    const pod = `client-of-${name}`;
    await user.apply(restrictedPod(namespace, pod, { image: CLIENT_IMAGE, args: ['once', endpoint] }));
    await user.run(['-n', namespace, 'wait', `pod/${pod}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=30s'], { timeoutMs: 40_000 });
    return (JSON.parse(await user.run(['-n', namespace, 'logs', pod])) as { tools: string[] }).tools;
  }

  test.each([...VERIFIED_SERVERS, ...STDIO_SERVERS])('$name ($package) is Ready, reports itself and serves clients', async (server) => {
    const { name, reports, sessions, tool, guardsHost = false } = server;
    await deploy(server);
    await user.ready(namespace, name);
    const deployed = await read(name);
    const { status } = deployed;
    expect(conditionOf(deployed, 'Ready')?.reason).toBe('Verified');
    expect(status?.server).toMatchObject({ ...reports, sessions });
    const listTools = guardsHost ? toolsSeenInCluster : toolsSeenHere;
    expect(await listTools(name, status?.endpoint ?? '')).toContain(tool);
  });

  test.each(GUARDED_SERVERS)('$name ($package), which demands authentication, is Ready and refuses strangers', async (server) => {
    const { name } = server;
    await deploy(server);
    await user.ready(namespace, name);
    const deployed = await read(name);
    expect(conditionOf(deployed, 'Ready')?.reason).toBe('AuthRequired');
    expect(await fetch(await forwarded(name, deployed.status?.endpoint ?? ''), { method: 'POST' })).toMatchObject({ status: 401 });
  });

  test('kubernetes-mcp-server starts with the token it may have, too', async () => {
    await deploy({ name: 'with-token', package: 'kubernetes-mcp-server', spec: { args: ['--port=8080'] } }, { automountServiceAccountToken: true });
    await user.ready(namespace, 'with-token');
    expect((await read('with-token')).status?.server?.name).toBe('kubernetes-mcp-server');
  });

  test('a server that only speaks stdio says as an HTTP server that it looks like stdio, and is Ready once it is said to be one', async () => {
    const [server] = STDIO_SERVERS;
    if (server === undefined) throw new Error('there is none');
    const name = 'taken-for-http';
    const { transport, command, ...spec } = server.spec;
    await deploy({ ...server, name, spec });
    await user.reason([namespace, name], ['False', 'CrashLoop'], /exit code 0.*stdio.*spec\.args/s);
    await user.run(['-n', namespace, 'patch', `mcps/${name}`, '--type=merge', '-p', JSON.stringify({ spec: { transport, command } })]);
    await user.ready(namespace, name);
    expect((await read(name)).status?.server).toMatchObject(server.reports);
  });

  test.each(FORGOTTEN)('what is forgotten about $package in $name is named', async (server) => {
    await deploy(server);
    await user.reason([namespace, server.name], ['False', ...server.reasons], server.message);
    expect(conditionOf(await read(server.name), 'Available')?.status).not.toBe('True');
  });
});
