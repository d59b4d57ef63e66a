// The page over a restart of the API server: it says that it is away, shows what was, and goes on by itself.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KubernetesClient } from '../../../../kubernetes/client.ts';
import { connect } from '../../../../kubernetes/connect.ts';
import { startControlPlane, type ControlPlane } from '../../../cluster/control-plane.ts';
import { chromiumIsMissing, startChromium } from '../../../support/chromium.ts';
import { ensureCrd } from '../../../support/crd.ts';
import { Fleet } from '../../scene.ts';
import { serveDashboard, type Served } from './served.ts';

const LIMIT_MS = 60_000;

describe.skipIf(chromiumIsMissing())('over a restart of the API server', () => {
  let folder: string;
  let plane: ControlPlane;
  let client: KubernetesClient;
  let fleet: Fleet;
  let served: Served;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dashboard-'));
    plane = await startControlPlane({ dir: folder });
    client = new KubernetesClient(await connect({ kubeconfig: plane.kubeconfig, env: {} }), { userAgent: 'test' });
    await ensureCrd(client);
    fleet = new Fleet(client, 'default');
    await fleet.create('before');
    served = await serveDashboard(plane.kubeconfig, ['-A']);
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.cli.end();
    client?.close();
    await plane?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('the table and one MCPServer say so while it is away, keep what they show, and go on without a reload', async () => {
    const [table, detail] = [await browser.newPage(), await browser.newPage()];
    for (const page of [table, detail]) page.setDefaultTimeout(LIMIT_MS);
    await table.goto(served.url);
    await table.getByRole('row', { name: /before/ }).waitFor();
    await detail.goto(served.url);
    await detail.getByRole('link', { name: 'before' }).click();
    await detail.getByRole('heading', { name: 'Conditions' }).waitFor();
    await plane.killApiServer();
    for (const page of [table, detail]) {
      await page.getByText('The API server has not answered for').waitFor();
      await page.getByText('not live', { exact: true }).waitFor();
    }
    expect(await table.getByRole('row', { name: /before/ }).count()).toBe(1);
    expect(await detail.getByRole('heading', { name: 'Conditions' }).count()).toBe(1);
    await plane.restartApiServer();
    for (const page of [table, detail]) await page.getByText('live', { exact: true }).waitFor();
    await fleet.create('after');
    await table.getByRole('row', { name: /after/ }).waitFor();
    await fleet.edit('before', { replicas: 3 });
    await detail.getByText('0 of 3 ready').waitFor();
    expect(await table.getByText('The API server has not answered for').count()).toBe(0);
  }, 180_000);
});
