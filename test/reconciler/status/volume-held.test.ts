import { describe, expect, it } from 'vitest';
import type { PodCondition, PodObject } from '../../../reconciler/kinds.ts';
import { rolloutOf } from '../../../reconciler/status/rollout.ts';
import { CREATION_PATIENCE_MS } from '../../../reconciler/status/not-created.ts';
import { volumeHeld, volumeLookMs } from '../../../reconciler/status/volume-held.ts';
import { keptPod } from '../../../reconciler/view/kept-fields.ts';
import { PULL_ERROR, deploymentObject, podObject } from './situations.ts';
import { AFFINITY, claimant, IN_USE, SCHEDULED_AT, waitingPod } from './claimants.ts';

const after = (ms: number): Date => new Date(Date.parse(SCHEDULED_AT) + ms);
const LATE = after(CREATION_PATIENCE_MS);
const unplaced = (message: string): PodObject => claimant('new', {
  template: 'b',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
});
const told = (pods: readonly PodObject[], wanted = 1, now: Date | undefined = LATE): string | undefined => {
  const found = volumeHeld(pods, { among: pods, now, wanted });
  return found && `${found.reason}: ${found.message}`;
};
const leaving = (pod: PodObject): PodObject => ({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: SCHEDULED_AT } });
const phase = (pod: PodObject, is: string): PodObject => ({ ...pod, status: { ...pod.status, phase: is } });

const OLD = claimant('old', { node: 'a', ip: '10.244.0.1' });
const NEW = waitingPod('new', { node: 'b', template: 'b' });
const WAITS = 'VolumeHeld: Pod new waits on node b for its containers to be created, while pod old on node a uses the same claim data, which it has to wait for if only one node can mount it (ReadWriteOnce).';
const LOOK = 'An image that takes long to pull looks the same: see kubectl describe pod new.';
const RECREATE = 'Set spec.strategy to {type: Recreate}, so that the old pod ends before the new one starts.';
const ONE = 'Keep to one replica with spec.strategy {type: Recreate}, or use a claim that several nodes can mount (ReadWriteMany).';

describe('a volume that another pod holds', () => {
  it.each<[string, { readonly pods: readonly PodObject[]; readonly wanted?: number }, string]>([
    ['by a pod of an earlier template on another node', { pods: [OLD, NEW] }, `${WAITS} ${RECREATE} ${LOOK}`],
    ['the same where init containers come first', { pods: [OLD, waitingPod('new', { node: 'b', template: 'b', reason: 'PodInitializing' })] }, `${WAITS} ${RECREATE} ${LOOK}`],
    ['by a pod of several', { pods: [OLD, NEW], wanted: 2 }, `${WAITS} ${ONE} ${LOOK}`],
    ['by a pod of the same template', { pods: [OLD, waitingPod('new', { node: 'b' })] }, `${WAITS} ${ONE} ${LOOK}`],
    ['by a pod on its way out', { pods: [leaving(OLD), NEW] },
      `${WAITS} Pod old is on its way out, which spec.strategy cannot hasten: if its node is down for good, delete the Node, or the pod with --force. ${LOOK}`],
    ['one of several claims', { pods: [OLD, waitingPod('new', { node: 'b', template: 'b', claims: ['cache', 'data'] })] }, `${WAITS} ${RECREATE} ${LOOK}`],
    ['as the scheduler of 1.36 says of a claim for one pod, on whatever node', { pods: [OLD, unplaced(IN_USE)] },
      `VolumeHeld: No node takes pod new: ${IN_USE} And pod old on node a uses the same claim data, which one pod at a time can mount. ${RECREATE}`],
    ['as the scheduler of 1.30 says it', { pods: [OLD, unplaced('0/1 nodes are available: 1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.')] },
      `VolumeHeld: No node takes pod new: 0/1 nodes are available: 1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode. And pod old on node a uses the same claim data, which one pod at a time can mount. ${RECREATE}`],
    ['as the scheduler says of a volume that other nodes do not reach', { pods: [OLD, unplaced(AFFINITY)] },
      `VolumeHeld: No node takes pod new: ${AFFINITY} And pod old on node a uses the same claim data, whose volume other nodes cannot mount. ${RECREATE}`],
    ['as the scheduler of 1.36 says that', { pods: [OLD, unplaced("0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match PersistentVolume's node affinity.")], wanted: 3 },
      `VolumeHeld: No node takes pod new: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match PersistentVolume's node affinity. And pod old on node a uses the same claim data, whose volume other nodes cannot mount. ${ONE}`],
  ])('is told: %s', (_name, { pods, wanted }, message) => {
    expect(told(pods, wanted)).toBe(message);
    expect(told(pods.toReversed().map(keptPod), wanted)).toBe(message);
  });

  it.each<[string, readonly PodObject[]]>([
    ['of a pod on the same node', [OLD, waitingPod('new', { node: 'a', template: 'b' })]],
    ['of another claim', [claimant('old', { node: 'a', ip: '10.244.0.1', claims: ['other'] }), NEW]],
    ['where there is no claim', [podObject('old'), waitingPod('new', { node: 'b', claims: [] })]],
    ['where no pod of the MCPServer has it: somebody else may', [NEW]],
    ['where both wait for it', [waitingPod('old', { node: 'a' }), NEW]],
    ['of a pod that has ended', [phase(OLD, 'Succeeded'), NEW]],
    ['of pods on two nodes, which share it', [OLD, claimant('other', { node: 'c', ip: '10.244.0.2' }), NEW]],
    ['where the waiting pod has an address, and so its volumes', [OLD, claimant('new', { node: 'b', ip: '10.244.0.2', reason: 'ContainerCreating' })]],
    ['where it is something else that waits', [OLD, claimant('new', { node: 'b', reason: 'ImagePullBackOff' })]],
    ['where the kubelet has said nothing yet', [OLD, claimant('new', { node: 'b', template: 'b' })]],
    ['where the waiting pod is on its way out', [OLD, leaving(NEW)]],
    ['where the waiting pod was evicted', [OLD, phase(NEW, 'Failed')]],
    ['where its sandbox is there, and so its volumes', [OLD, waitingPod('new', { node: 'b', template: 'b', conditions: [
      { type: 'PodScheduled', status: 'True', lastTransitionTime: SCHEDULED_AT }, { type: 'PodReadyToStartContainers', status: 'True' },
    ] })]],
    ['where the scheduler lacks something else', [OLD, unplaced('0/2 nodes are available: 2 Insufficient memory.')]],
    ['where the scheduler gives no reason', [OLD, unplaced('')]],
    ['where other nodes cannot reach what pods on two nodes share', [OLD, claimant('other', { node: 'c', ip: '10.244.0.2' }), unplaced(AFFINITY)]],
  ])('is not told %s', (_name, pods) => {
    expect(told(pods)).toBeUndefined();
    expect(volumeLookMs(pods, after(0))).toBeUndefined();
  });

  it('is told when the pod has waited twenty seconds on its node, and looked at again then', () => {
    const pods = [OLD, NEW];
    expect([told(pods, 1, after(CREATION_PATIENCE_MS - 1)), volumeLookMs(pods, after(CREATION_PATIENCE_MS - 1))]).toEqual([undefined, 1]);
    expect(volumeLookMs(pods, after(0))).toBe(20_000);
    expect(volumeLookMs([...pods, waitingPod('newer', { node: 'b', template: 'b', since: after(-5000).toISOString() })], after(0))).toBe(15_000);
    expect([told(pods), volumeLookMs(pods, LATE)]).toEqual([expect.any(String), undefined]);
    expect(volumeHeld(pods, { among: pods })).toBeUndefined();
  });

  it('counts from the pod\'s creation where it is not known when it was placed, and never where neither is', () => {
    const young = claimant('new', { node: 'b', reason: 'ContainerCreating', conditions: [] });
    const created = { ...young, metadata: { ...young.metadata, creationTimestamp: SCHEDULED_AT } };
    expect(told([OLD, created], 1, after(CREATION_PATIENCE_MS - 1))).toBeUndefined();
    expect(told([OLD, created])).toContain('VolumeHeld');
    expect([told([OLD, young]), volumeLookMs([OLD, young], LATE)]).toEqual([undefined, undefined]);
  });

  it.each<[string, string[], string | undefined]>([
    ['that it is taken, which are quoted', ['FailedMount: MountVolume.SetUp failed: secret "s" not found', 'FailedAttachVolume: Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) old.'],
      `${WAITS} ${RECREATE} Its events say: FailedAttachVolume: Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) old.`],
    ['nothing of it', ['FailedMount: Unable to attach or mount volumes: unmounted volumes=[data]', 'FailedScheduling: 0/2 nodes are available.'], `${WAITS} ${RECREATE} ${LOOK}`],
    ['that it waits for something else', ['FailedMount: MountVolume.SetUp failed for volume "s": secret "s" not found'], undefined],
  ])('is judged by what its events say: %s', (_name, events, message) => {
    const among = [OLD, NEW];
    const held = (uid: string): string | undefined => volumeHeld(among, { among, now: LATE, words: new Map([[uid, events]]) })?.message;
    expect(held('uid-new')).toBe(message?.slice('VolumeHeld: '.length));
    expect(held('uid-old')).toContain(LOOK);
  });

  it('of what the scheduler says is told at once', () => {
    const pods = [OLD, unplaced(IN_USE)];
    expect(told(pods, 1, after(0))).toContain('VolumeHeld');
    expect(volumeLookMs(pods, after(0))).toBeUndefined();
  });

  it('is told once where several pods wait: of the first by name', () => {
    expect(told([waitingPod('new-2', { node: 'b', template: 'b' }), OLD, waitingPod('new-1', { node: 'b', template: 'b' })])).toContain('Pod new-1 waits');
  });
});

describe('a rollout whose pod waits for a volume', () => {
  const updating = { replicas: 2, updated: 1, ready: 1 };

  it('is underway, and says so', () => {
    expect(rolloutOf(deploymentObject(updating), [OLD, NEW], { now: LATE })).toMatchObject({ state: 'Underway', reason: 'VolumeHeld' });
    expect(rolloutOf(deploymentObject(updating), [OLD, NEW], { now: after(0) })).toMatchObject({ state: 'Underway', reason: 'Progressing' });
  });

  it('is told even where the scheduler says that no node takes it', () => {
    expect(rolloutOf(deploymentObject(updating), [OLD, unplaced(IN_USE)], { now: LATE })).toMatchObject({ state: 'Underway', reason: 'VolumeHeld' });
  });

  it('counts the pods that are wanted', () => {
    const rollout = rolloutOf(deploymentObject({ desired: 2, replicas: 3, updated: 1, ready: 2 }), [OLD, NEW], { now: LATE });
    expect(rollout).toMatchObject({ reason: 'VolumeHeld', message: expect.stringContaining(ONE) });
  });

  it('is not the matter of a pod of an earlier template', () => {
    const failing = { ...podObject('new', PULL_ERROR), metadata: { ...NEW.metadata, creationTimestamp: '2030-01-01T00:00:01Z' } };
    const pods = [waitingPod('old-2', { node: 'b' }), OLD, failing];
    expect(rolloutOf(deploymentObject(updating), pods, { now: LATE })).toMatchObject({ reason: 'ImagePullError' });
  });
});

it('an unfinished condition of a pod makes no difference', () => {
  const odd: PodCondition = { type: 'PodScheduled', status: 'False' };
  expect(told([OLD, claimant('new', { node: 'b', conditions: [odd] })])).toBeUndefined();
});
