// Deleting in any order leaves nothing but what the user made.
import { beforeAll, expect, test } from 'vitest';
import { eventually, uniqueName, useNamespace } from '../support/cluster.ts';
import { SERVER_IMAGE } from './support/images.ts';
import { describeOnNode, User } from './support/e2e.ts';

const user = new User();
const KINDS = 'mcps,deployments,replicasets,pods,services,configmaps,serviceaccounts,hpa,pdb,networkpolicies,endpointslices,secrets';
const SPEC = { image: SERVER_IMAGE, replicas: 2, config: { A: '1' }, networkPolicy: { ingressFrom: [{ podSelector: {} }] } };

describeOnNode('deleting', () => {
  const namespace = useNamespace('deletion', { 'pod-security.kubernetes.io/enforce': 'restricted' });

  async function present(): Promise<string[]> {
    return (await user.run(['-n', namespace, 'get', KINDS, '-o', 'name'])).trim().split('\n').filter((name) => name !== '').toSorted();
  }

  let before: string[];
  beforeAll(async () => {
    await user.run(['-n', namespace, 'create', 'configmap', 'mine', '--from-literal=a=b']);
    await user.run(['-n', namespace, 'wait', '--for=create', '--timeout=30s', 'serviceaccount/default', 'configmap/kube-root-ca.crt']);
    before = await present();
  });

  test('an MCPServer takes all of its objects with it', async () => {
    await user.server(namespace, 'whole', SPEC);
    await user.ready(namespace, 'whole');
    await user.run(['-n', namespace, 'delete', 'mcps/whole']);
    await eventually(async () => expect(await present()).toEqual(before), { timeoutMs: 60_000 });
  });

  test('its objects first, which come back while it is there, ends the same', async () => {
    await user.server(namespace, 'piecemeal', SPEC);
    await user.ready(namespace, 'piecemeal');
    await user.run(['-n', namespace, 'delete', 'pods,services,deployments,configmaps', '-l', 'mcp.example.com/server=piecemeal']);
    await user.run(['-n', namespace, 'delete', 'mcps/piecemeal', '--cascade=foreground']);
    await eventually(async () => expect(await present()).toEqual(before), { timeoutMs: 60_000 });
  });

  test('a namespace with everything in it goes whole', async () => {
    const name = uniqueName('going');
    await user.run(['create', 'namespace', name]);
    await user.server(name, 'inside', SPEC);
    await user.ready(name, 'inside');
    expect(await user.kubectl(['delete', 'namespace', name, '--timeout=60s'], { timeoutMs: 70_000 })).toMatchObject({ code: 0 });
  });
});
