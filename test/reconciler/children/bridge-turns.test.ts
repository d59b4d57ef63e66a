// Whose turn it is to get another bridge.
import { describe, expect, it, vi } from 'vitest';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import type { RenderSettings } from '../../../charts/settings.ts';
import { BRIDGES_AT_A_TIME, bridgeIn, BridgeTurns, type Bridged } from '../../../reconciler/children/bridge-turns.ts';
import type { DeploymentObject } from '../../../reconciler/kinds.ts';
import { deploymentObject, serverObject } from '../status/situations.ts';

const OLD: RenderSettings = { bridgeImage: 'bridge:1', bridgeBy: 'InitContainer' };
const NEW: RenderSettings = { bridgeImage: 'bridge:2', bridgeBy: 'InitContainer' };
const VOLUME: RenderSettings = { bridgeImage: 'bridge:2', bridgeBy: 'ImageVolume' };

type Stand = 'complete' | 'underway' | 'given up';

function deployment({ bridgeImage, bridgeBy }: RenderSettings, stand: Stand): DeploymentObject {
  const spec = bridgeBy === 'InitContainer'
    ? { initContainers: [{ name: 'stdio-bridge', image: bridgeImage }, { name: 'own', image: 'a' }] }
    : { volumes: [{ name: 'stdio-bridge', image: { reference: bridgeImage } }] };
  const reason = stand === 'given up' ? 'ProgressDeadlineExceeded' : 'ReplicaSetUpdated';
  const pods = stand === 'complete' ? 1 : 0;
  const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: pods, availableReplicas: pods };
  const base = deploymentObject();
  return {
    ...base,
    spec: { ...base.spec, template: { spec } },
    status: { observedGeneration: base.metadata.generation ?? 1, ...counts, conditions: [{ type: 'Progressing', status: 'True', reason }] },
  };
}

interface Bridging {
  readonly stand?: Stand;
  readonly spec?: Partial<MCPServerSpec>;
  /** Since the operator reported on it. */
  readonly edited?: boolean;
}

/** An MCPServer whose pods have this bridge. */
function bridged(live: RenderSettings, { stand = 'complete', spec = {}, edited = false }: Bridging = {}): Bridged {
  const server = serverObject({ transport: 'stdio', command: ['server'], ...spec }, { generation: edited ? 2 : 1 });
  return { server: { ...server, status: { ...server.status, observedGeneration: 1 } }, deployment: deployment(live, stand) };
}

function turns(settings = NEW, all: readonly (readonly [string, Bridged])[] = []) {
  const onTurn = vi.fn<(key: string) => void>();
  return { onTurn, turns: new BridgeTurns({ settings, all: () => all, onTurn }) };
}

describe('the bridge in the pods of a Deployment', () => {
  it.each([OLD, VOLUME])('is read where it is: %j', (live) => {
    expect(bridgeIn(deployment(live, 'complete'))).toEqual(live);
  });

  it('is none in those of a server that has none', () => {
    expect(bridgeIn(deploymentObject())).toBeUndefined();
  });
});

function fill({ turns: all }: ReturnType<typeof turns>): void {
  for (let index = 0; index < BRIDGES_AT_A_TIME; index += 1) expect(all.settingsOf(`s${index}`, bridged(OLD))).toBe(NEW);
}

describe('another bridge of the installation', () => {
  it('comes to so many at a time, and to the next when one is through', () => {
    const scene = turns();
    fill(scene);
    expect(scene.turns.settingsOf('late', bridged(OLD))).toEqual(OLD);
    expect(scene.turns.settingsOf('s0', bridged(NEW, { stand: 'underway' }))).toBe(NEW);
    expect(scene.onTurn).not.toHaveBeenCalled();
    expect(scene.turns.settingsOf('s0', bridged(NEW))).toBe(NEW);
    expect(scene.onTurn.mock.calls).toEqual([['late']]);
    expect([scene.turns.settingsOf('late', bridged(OLD)), scene.turns.waiting]).toEqual([NEW, 0]);
  });

  it.each([
    ['its rollout is given up', (scene: ReturnType<typeof turns>) => scene.turns.settingsOf('s0', bridged(NEW, { stand: 'given up' }))],
    ['it is deleted', (scene: ReturnType<typeof turns>) => scene.turns.forget('s0')],
    ['it is suspended', (scene: ReturnType<typeof turns>) => scene.turns.settingsOf('s0', bridged(OLD, { spec: { suspend: true } }))],
    ['it is served over HTTP now', (scene: ReturnType<typeof turns>) => scene.turns.settingsOf('s0', { ...bridged(OLD), deployment: deploymentObject() })],
  ])('comes to the next also where %s', (_what, ends) => {
    const scene = turns();
    fill(scene);
    expect(scene.turns.settingsOf('late', bridged(OLD))).toEqual(OLD);
    ends(scene);
    expect(scene.onTurn.mock.calls).toEqual([['late']]);
  });

  it('comes at once to one whose pods are replaced anyway, and to a new one', () => {
    const scene = turns();
    fill(scene);
    expect(scene.turns.settingsOf('edited', bridged(OLD, { edited: true }))).toBe(NEW);
    expect(scene.turns.settingsOf('new', { ...bridged(OLD), deployment: undefined })).toBe(NEW);
  });

  it('does not come to one that pins its own', () => {
    const scene = turns(VOLUME);
    const pinned = bridged(OLD, { spec: { stdio: { bridge: { image: OLD.bridgeImage, by: OLD.bridgeBy } } } });
    expect(scene.turns.settingsOf('pinned', pinned)).toBe(VOLUME);
    expect(scene.turns.waiting).toBe(0);
  });

  it('counts those that were on it when this process began', () => {
    const before = Array.from({ length: BRIDGES_AT_A_TIME }, (_, index) => [`s${index}`, bridged(NEW, { stand: 'underway' })] as const);
    const scene = turns(NEW, [...before, ['through', bridged(NEW)], ['http', { ...bridged(OLD), deployment: deploymentObject() }]]);
    expect(scene.turns.settingsOf('late', bridged(OLD))).toEqual(OLD);
    scene.turns.settingsOf('s3', bridged(NEW));
    expect(scene.onTurn.mock.calls).toEqual([['late']]);
  });

  it('leaves nobody waiting when the one whose turn it was needs it no more', () => {
    const scene = turns();
    fill(scene);
    for (const late of ['late', 'later']) scene.turns.settingsOf(late, bridged(OLD));
    scene.turns.settingsOf('s0', bridged(NEW));
    scene.turns.forget('late');
    expect(scene.onTurn.mock.calls).toEqual([['late'], ['later']]);
  });
});
