// What the README promises, on real containers: the tutorial's resources as they are printed, and the Kubernetes MCP server under its RBAC.
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { beforeAll, expect, test } from 'vitest';
import { examplesWithWrites } from '../cluster/demo/examples.ts';
import { eventually } from '../support/cluster.ts';
import { CLIENT_IMAGE, SAMPLE_IMAGE } from './support/images.ts';
import { describeOnNode, mcpClient, restrictedPod, User } from './support/e2e.ts';

const SERVERS: readonly (readonly [string, string])[] = [
  ['default', 'basic-mcpserver'],
  ['default', 'advanced-mcpserver'],
  ['mcp-system', 'production-mcpserver'],
  ['kubernetes-mcp-server', 'kubernetes-mcp-server'],
];
const user = new User();

/** What a call of a tool says, and whether that is an error. */
async function call(client: Client, name: string, args: Record<string, unknown>): Promise<{ text: string; isError: boolean }> {
  const { content, isError } = await client.callTool({ name, arguments: args });
  return { text: JSON.stringify(content), isError: isError === true };
}

describeOnNode('the examples', () => {
  beforeAll(async () => {
    for (const text of examplesWithWrites().values()) await user.apply(text);
    await user.ready('default', 'basic-mcpserver', 'advanced-mcpserver');
    await user.ready('kubernetes-mcp-server', 'kubernetes-mcp-server');
    await user.ready('mcp-system', 'production-mcpserver');
  });

  test.each(SERVERS)('%s/%s is Ready, and a client on this machine lists its tools through kubectl port-forward', async (namespace, name) => {
    const base = await user.portForward(namespace, `service/${name}`, 3001);
    const { tools } = await (await mcpClient(`${base}/mcp`)).listTools();
    expect(tools.map((tool) => tool.name)).toEqual(expect.arrayContaining(['create-pod', 'get-pod-logs', 'delete-pod']));
  });

  test.each(SERVERS)('a client in a pod uses %s/%s by the address its status publishes', async (namespace, name) => {
    const endpoint = await user.run(['-n', namespace, 'get', `mcps/${name}`, '-o', 'jsonpath={.status.endpoint}']);
    expect(endpoint).toBe(`http://${name}.${namespace}.svc:3001/mcp`);
    const pod = `client-${name}`;
    await user.apply(restrictedPod('mcp-system', pod, { image: CLIENT_IMAGE, args: ['once', endpoint] }));
    await user.run(['-n', 'mcp-system', 'wait', `pod/${pod}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s'], { timeoutMs: 70_000 });
    const said = JSON.parse(await user.run(['-n', 'mcp-system', 'logs', pod])) as { tools: string[]; resources: string[] };
    expect(said.tools).toContain('create-pod');
    await user.run(['-n', 'mcp-system', 'delete', 'pod', pod, '--wait=false']);
  });

  test('logs and exec reach the program, which runs as declared', async () => {
    const pod = await user.pod('mcp-system', 'production-mcpserver');
    // LOG_LEVEL is warn there: a server in good health has nothing to say.
    expect(await user.run(['-n', 'mcp-system', 'logs', pod])).toBe('');
    const quiet = await user.pod('kubernetes-mcp-server', 'kubernetes-mcp-server');
    expect(await user.run(['-n', 'kubernetes-mcp-server', 'logs', quiet])).toContain('"msg"');
    const env = JSON.parse(await user.evaluate('mcp-system', pod, 'console.log(JSON.stringify(process.env))')) as Record<string, string>;
    expect(env).toMatchObject({ MCP_SERVER_NAME: 'production-k8s-server', MCP_TRANSPORT: 'streamable-http', MCP_PORT: '3001', POD_NAME: pod, POD_NAMESPACE: 'mcp-system' });
    expect(await user.evaluate('mcp-system', pod, 'console.log(require("fs").readFileSync(process.env.MCP_CONFIG_FILE, "utf8"))')).toContain('"LOG_LEVEL"');
  });

  test('the Kubernetes MCP server, its write rules uncommented, does what its role allows, and tells clearly what it does not', async () => {
    const client = await mcpClient(`${await user.portForward('kubernetes-mcp-server', 'service/kubernetes-mcp-server', 3001)}/mcp`);
    const pod = { name: 'made-by-a-client', namespace: 'kubernetes-mcp-server' };
    expect(await call(client, 'create-pod', { ...pod, image: SAMPLE_IMAGE })).toMatchObject({ isError: false });
    await eventually(
      async () => expect(await call(client, 'get-pod-logs', pod)).toMatchObject({ isError: false, text: expect.stringContaining('sample program: ready') }),
      { timeoutMs: 30_000 },
    );
    const { contents } = await client.readResource({ uri: 'k8s://cluster/nodes' });
    expect(JSON.stringify(contents)).toContain('node-1');
    expect(await call(client, 'delete-pod', pod)).toMatchObject({ isError: false });
    const elsewhere = await call(client, 'create-pod', { name: 'not-allowed', namespace: 'mcp-system', image: SAMPLE_IMAGE });
    expect(elsewhere.isError).toBe(true);
    expect(elsewhere.text).toMatch(/create.*pods.*mcp-system/s);
    await expect(client.readResource({ uri: 'k8s://namespace/mcp-system/pods' })).rejects.toThrow(/mcp-system/);
    expect(await user.kubectl(['-n', 'mcp-system', 'get', 'pod', 'not-allowed'])).toMatchObject({ code: 1 });
  });

  test('without a token a server starts all the same, and its tools say what they lack', async () => {
    const client = await mcpClient(`${await user.portForward('default', 'service/basic-mcpserver', 3001)}/mcp`);
    const answer = await call(client, 'get-pod-logs', { name: 'any' });
    expect(answer.isError).toBe(true);
    expect(answer.text).toMatch(/token|credential|service account/i);
  });
});
