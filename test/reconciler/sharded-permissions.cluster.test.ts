// An installation that shares a cluster by labels has the permissions that it needs, and no other.
import { afterAll, expect, test } from 'vitest';
import { kubectl } from '../support/cluster.ts';
import { install } from '../support/operator-manifests.ts';
import { accountKubeconfig, accountOf, compareWithUse, exercise, refusedRequests, toInput, watchRules } from './installed-account.ts';
import { useScene } from './scene.ts';

const SELECTOR = '!shard';
const INSTALLED = install({ namespace: 'operator-of-a-shard', watchLabelSelector: SELECTOR });
const ACCOUNT = accountOf(INSTALLED);

const scene = useScene('shard-rights', { operator: { labelSelector: SELECTOR }, kubeconfig: (client) => accountKubeconfig(client, ACCOUNT) });

afterAll(async () => {
  await kubectl(['delete', '--wait=false', '-f', '-'], { input: toInput(ACCOUNT) });
});

test('with exactly the permissions of the installation the operator creates, repairs, changes, prunes and refuses', async () => {
  await exercise(scene);
  expect(await refusedRequests(scene)).toEqual([]);
});

test('it needed nothing beyond them', async () => {
  expect((await compareWithUse(watchRules(INSTALLED), scene)).beyond).toEqual([]);
});
