// The bridge of a stdio server by image volume, where the cluster keeps such a volume and where it does not.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import { KubernetesClient } from '../../../kubernetes/client.ts';
import { connect as findServer } from '../../../kubernetes/connect.ts';
import { CONFIG_MAPS, DEPLOYMENTS, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { bridgeIn } from '../../../reconciler/children/bridge-turns.ts';
import type { DeploymentObject } from '../../../reconciler/kinds.ts';
import { startControlPlane, type ControlPlane } from '../../cluster/control-plane.ts';
import { connect, eventually, minorVersion } from '../../support/cluster.ts';
import { ensureCrd } from '../../support/crd.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { startOperator, writesBy, type TestOperator } from '../../support/operator.ts';
import { Fleet, useScene } from '../scene.ts';

const STDIO: Partial<MCPServerSpec> = { transport: 'stdio', command: ['server'] };
/** The first release that keeps image volumes without being told to. */
const KEEPS = 35;
const shared = await connect();
const MINOR = await minorVersion(shared);
shared.close();

async function bridgeOf(fleet: Fleet, name: string): Promise<string | undefined> {
  const deployment = await fleet.find<DeploymentObject>(DEPLOYMENTS, name);
  return deployment && bridgeIn(deployment)?.bridgeBy;
}

describe(`an API server as of Kubernetes 1.${Math.min(MINOR, 33)}, which does not keep it`, () => {
  let dir: string;
  let plane: ControlPlane;
  let client: KubernetesClient;
  let fleet: Fleet;
  let operator: TestOperator | undefined;

  const run = async (bridgeBy: 'InitContainer' | 'ImageVolume'): Promise<void> => {
    await operator?.stop();
    operator = await startOperator({ namespace: 'default', kubeconfig: plane.kubeconfig, settings: { bridgeBy } });
  };
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'mcp-image-volume-'));
    plane = await startControlPlane({ dir, ...(MINOR > 33 && { emulated: '1.33' }) });
    client = new KubernetesClient(await findServer({ kubeconfig: plane.kubeconfig, env: {} }), { userAgent: 'test' });
    await ensureCrd(client);
    fleet = new Fleet(client, 'default');
  });
  afterAll(async () => {
    await operator?.stop();
    client?.close();
    await plane?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  test('nothing is applied, the status names the setting of the installation, and the spec can say otherwise', async () => {
    await run('ImageVolume');
    await fleet.create('new', { ...STDIO, config: { A: '1' } });
    const server = await fleet.until('new', 'Stalled', ['True', 'NoImageVolume']);
    expect(conditionOf(server, 'Ready')?.message).toMatch(/the installation says ImageVolume.*nothing was applied.*--bridge-by InitContainer/);
    expect(await fleet.childNames('new')).toEqual([]);
    await fleet.create('http');
    await eventually(async () => expect(await fleet.childNames('http')).toContain('Deployment http'));
    await fleet.edit('new', { stdio: { bridge: { by: 'InitContainer' } } });
    await eventually(async () => expect(await bridgeOf(fleet, 'new')).toBe('InitContainer'));
    await eventually(async () => expect(conditionOf(await fleet.read('new'), 'Stalled')).toBeUndefined());
  });

  test('a server that runs stays as it was, and the status names the field of its spec', async () => {
    await run('InitContainer');
    await fleet.create('running', { ...STDIO, config: { A: 'old' } });
    await eventually(async () => expect(await bridgeOf(fleet, 'running')).toBe('InitContainer'));
    await fleet.edit('running', { config: { A: 'new' }, stdio: { bridge: { by: 'ImageVolume' } } });
    const server = await fleet.until('running', 'Stalled', ['True', 'NoImageVolume']);
    expect(conditionOf(server, 'Ready')?.message).toContain('Set spec.stdio.bridge.by to InitContainer;');
    expect(await bridgeOf(fleet, 'running')).toBe('InitContainer');
    expect(await fleet.find<KubernetesObject & { data: object }>(CONFIG_MAPS, 'running-config')).toMatchObject({ data: { A: 'old' } });
  });
});

describe.skipIf(MINOR < KEEPS)('an API server that keeps it', () => {
  const scene = useScene('volumes', { operator: { settings: { bridgeBy: 'ImageVolume' } } });

  test('is asked once for each server, and never again', async () => {
    const { fleet, operator } = scene;
    await fleet.create('kept', STDIO);
    await fleet.ready('kept');
    expect(await bridgeOf(fleet, 'kept')).toBe('ImageVolume');
    await fleet.edit('kept', { env: [{ name: 'A', value: '1' }] });
    await fleet.ready('kept');
    const tried = (await writesBy(operator.userAgent)).filter(({ requestURI }) => requestURI.includes('/deployments/kept?') && requestURI.includes('dryRun=All'));
    expect(tried).toHaveLength(1);
  });
});
