// What the Kubernetes MCP server says without credentials, to clients and at /ready: in a pod something else than on a machine.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect, test } from 'vitest';
import { raw, startServer } from './server-process.ts';

const IN_A_POD = /no Kubernetes credentials: this pod mounts no service account token\. In the MCPServer, .*serviceAccount.*automountServiceAccountToken: true.*Role.*examples\/kubernetes-mcp-server\.yaml/;
const ON_A_MACHINE = /no Kubernetes credentials: give a kubeconfig file \(--kubeconfig FILE\), or set KUBECONFIG/;

test.each([
  ['in a pod, by the variables of the kubelet', { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443', MCP_HOST: '127.0.0.1' }, IN_A_POD],
  ['in a pod, by what the operator sets', { POD_NAME: 'basic-1' }, IN_A_POD],
  ['on a machine', { POD_NAME: '' }, ON_A_MACHINE],
])('%s', async (_where, env: Record<string, string>, expected) => {
  const server = await startServer({ env });
  const client = new Client({ name: 'test', version: '1.0.0' });
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
    expect((await client.listTools()).tools).toHaveLength(3);
    const { isError, content } = await client.callTool({ name: 'get-pod-logs', arguments: { name: 'web' } });
    expect([isError, (content as { text: string }[])[0]?.text]).toEqual([true, expect.stringMatching(expected)]);
    await expect(client.readResource({ uri: 'k8s://cluster/nodes' })).rejects.toThrow(expected);
    const ready = await raw(server.port, { path: '/ready' });
    expect([ready.status, ready.json()]).toEqual([503, { status: 'not ready', ready: false, reason: expect.stringMatching(expected) }]);
    // The server itself is well: what probes ask by default, and MCP, stay as they are.
    expect((await raw(server.port, { path: '/health' })).status).toBe(200);
  } finally {
    await client.close();
    await server.stop();
  }
});

test('what is given and cannot be used is for the log alone', async () => {
  const server = await startServer({ env: { POD_NAME: 'basic-1', KUBECONFIG: import.meta.filename } });
  try {
    const { reason } = (await raw(server.port, { path: '/ready' })).json() as { reason: string };
    expect(reason).not.toMatch(IN_A_POD);
    expect(reason).toContain('the kubeconfig');
  } finally {
    await server.stop();
  }
});
