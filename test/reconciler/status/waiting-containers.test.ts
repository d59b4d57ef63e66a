// Pods whose containers wait to be created: when that is told, and what is suspected.
import { describe, expect, it } from 'vitest';
import type { ContainerStatus, PodCondition, PodObject } from '../../../reconciler/kinds.ts';
import { resolveSpec } from '../../../charts/api/mcpserver.ts';
import { longWaiting, standOf, waitingContainers, waitLookMs } from '../../../reconciler/status/waiting-containers.ts';

const SINCE = '2030-01-01T00:00:00Z';
const at = (seconds: number): Date => new Date(Date.parse(SINCE) + seconds * 1000);
const waits = (reason = 'ContainerCreating'): ContainerStatus => ({ name: 'mcp-server', restartCount: 0, state: { waiting: { reason } } });

interface Parts {
  readonly containers?: readonly ContainerStatus[];
  readonly init?: readonly ContainerStatus[];
  readonly conditions?: readonly PodCondition[];
  readonly phase?: string;
}

function pod({ containers = [waits()], init = [], conditions = [], phase = 'Pending' }: Parts = {}, more: object = {}): PodObject {
  return {
    metadata: { name: 'demo-1', namespace: 'tools', uid: 'uid-1', ...more },
    status: {
      phase,
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: SINCE }, ...conditions],
      initContainerStatuses: init,
      containerStatuses: containers,
    },
  };
}

const SPEC = resolveSpec('demo', {
  image: 'example.com/server:1',
  storage: [{ mountPath: '/data', persistentVolumeClaim: { claimName: 'data' } }, { mountPath: '/cache', emptyDir: { sizeLimit: '1Gi' } }],
  files: [{ mountPath: '/keys', secret: { name: 'keys' } }, { mountPath: '/more', configMap: { name: 'more' } }],
  env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'other', key: 'a' } } }],
});

describe('containers that wait to be created', () => {
  it('are told after 20 seconds, with what pods mount by name, and what tells more', () => {
    expect(waitingContainers([pod()], { now: at(19), spec: SPEC })).toBeUndefined();
    expect(waitingContainers([pod()], { now: at(20), spec: SPEC })).toEqual({
      reason: 'ContainerWaiting',
      message: 'The containers of pod demo-1 have waited to be created for more than 20 seconds. Its volumes or its network are not ready, or its image is still being pulled: '
        + 'PersistentVolumeClaim data, Secret keys, ConfigMap more must be there, and able to be mounted on its node. kubectl -n tools describe pod demo-1 tells more.',
    });
  });

  it('say the same however long they wait on', () => {
    expect(waitingContainers([pod()], { now: at(3600), spec: SPEC })).toEqual(waitingContainers([pod()], { now: at(20), spec: SPEC }));
  });

  it('have the words of their events instead of suspects, cut, each once', () => {
    const words = new Map([['uid-1', [
      'FailedMount: MountVolume.SetUp failed for volume "keys" : secret "keys" not found', 'FailedMount: MountVolume.SetUp failed for volume "keys" : secret "keys" not found',
      `FailedAttachVolume: ${'x'.repeat(1000)}`, 'Third: never shown',
    ]]]);
    const { message = '' } = waitingContainers([pod()], { now: at(20), spec: SPEC, words }) ?? {};
    expect(message).toContain('Its events say: FailedMount: MountVolume.SetUp failed for volume "keys" : secret "keys" not found; FailedAttachVolume: xxx');
    expect(message.match(/FailedMount/g)).toHaveLength(1);
    expect(message).not.toContain('Third');
    expect(message.length).toBeLessThan(800);
  });

  it.each<[string, Parts, RegExp]>([
    ['whose volumes and network are there', { conditions: [{ type: 'PodReadyToStartContainers', status: 'True' }] }, /its image is probably still being pulled/],
    ['of which the kubelet says nothing', { containers: [] }, /The kubelet of its node says nothing/],
    ['behind init containers that wait, too', { init: [waits('PodInitializing')], containers: [waits('PodInitializing')] }, /Its volumes or its network/],
  ])('of a pod %s are told as that', (_name, parts, sentence) => {
    expect(waitingContainers([pod(parts)], { now: at(21), spec: SPEC })?.message).toMatch(sentence);
  });

  it('are suspected of nothing that the spec does not mount', () => {
    const message = waitingContainers([pod()], { now: at(21), spec: resolveSpec('demo', { image: 'a' }) })?.message;
    expect(message).toContain('or its image is still being pulled. kubectl');
  });

  it.each<[string, PodObject]>([
    ['wait behind an init container that runs', pod({ init: [{ name: 'init', state: { running: {} } }], containers: [waits('PodInitializing')] })],
    ['wait behind an init container that ended', pod({ init: [{ name: 'init', state: { terminated: { exitCode: 1 } } }], containers: [waits('PodInitializing')] })],
    ['cannot pull their image', pod({ containers: [waits('ImagePullBackOff')] })],
    ['were started before', pod({ containers: [{ ...waits(), restartCount: 1 }] })],
    ['run', pod({ phase: 'Running', containers: [{ name: 'mcp-server', state: { running: {} } }] })],
    ['are on their way out', pod({}, { deletionTimestamp: SINCE })],
    ['have no node yet', { ...pod(), status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', lastTransitionTime: SINCE }] } }],
  ])('are none where they %s', (_name, other) => {
    expect(waitingContainers([other], { now: at(60) })).toBeUndefined();
    expect(waitLookMs([other], at(1))).toBeUndefined();
  });

  it('are looked at again when they have waited for so long, and then no more', () => {
    const later = pod({ conditions: [] }, { name: 'demo-2' });
    expect(waitLookMs([pod(), later], at(5))).toBe(15_000);
    expect(waitLookMs([pod()], at(20))).toBeUndefined();
    expect(longWaiting([later, pod()], at(20)).map(({ metadata }) => metadata.name)).toEqual(['demo-1', 'demo-2']);
  });

  it('stand otherwise when a condition or a reason changes', () => {
    const ready = pod({ conditions: [{ type: 'PodReadyToStartContainers', status: 'True' }] });
    expect(new Set([pod(), ready, pod({ containers: [waits('PodInitializing')] })].map(standOf)).size).toBe(3);
    expect(standOf(pod())).toBe(standOf(pod({}, { name: 'demo-2' })));
  });
});
