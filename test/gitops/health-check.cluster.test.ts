// The health check for Argo CD is installed as docs/gitops.md says, into a ConfigMap that has other things in it.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { CONFIG_MAPS, type KubernetesObject } from '../../kubernetes/objects.ts';
import { connect, useNamespace } from '../support/cluster.ts';
import { HEALTH_LUA } from '../support/judges.ts';

const ROOT = join(import.meta.dirname, '../..');
const namespace = useNamespace('argocd');
let client: KubernetesClient;
beforeAll(async () => {
  client = await connect();
});
afterAll(() => client.close());

test('the command of the documentation adds the health check to argocd-cm, again and again, and keeps the rest', async () => {
  const cm = { metadata: { name: 'argocd-cm', namespace }, data: { url: 'https://argocd.example.com' } };
  await client.create<KubernetesObject>(CONFIG_MAPS, cm);
  const command = /```sh\n( *kubectl create configmap argocd-cm.*?)```/s.exec(await readFile(join(ROOT, 'docs/gitops.md'), 'utf8'))?.[1] ?? '';
  const env = { HOME: dirname(inject('kubeconfig')), KUBECONFIG: inject('kubeconfig'), PATH: `${dirname(inject('kubectl'))}:${process.env['PATH'] ?? ''}` };
  for (let times = 0; times < 2; times += 1) await promisify(execFile)('sh', ['-c', command.replace('-n argocd ', `-n ${namespace} `)], { cwd: ROOT, env });
  const { data } = await client.get<KubernetesObject & { data?: object }>(CONFIG_MAPS, cm.metadata);
  expect(data).toEqual({ ...cm.data, 'resource.customizations.health.mcp.example.com_MCPServer': await readFile(HEALTH_LUA, 'utf8') });
});
