import { describe, expect, it } from 'vitest';
import type { DeploymentCondition, DeploymentObject, PodObject } from '../../../reconciler/kinds.ts';
import { rolloutOf as judged, type Rollout, type RolloutOptions } from '../../../reconciler/status/rollout.ts';
import { CRASH_LOOP, DEADLINE, NOW, ONCE_COMPLETE, PULL_ERROR, deploymentObject, podObject, type Rolled } from './situations.ts';

const rolloutOf = (deployment: DeploymentObject | undefined, pods: readonly PodObject[], how: Partial<RolloutOptions> = {}): Rollout =>
  judged(deployment, pods, { now: NOW, ...how });

describe('a rollout is complete', () => {
  it.each<[string, Rolled]>([
    ['when every pod is up to date and available', { desired: 3 }],
    ['when no pod is wanted and none is there', { desired: 0 }],
  ])('%s', (_name, rolled) => {
    expect(rolloutOf(deploymentObject(rolled), [])).toEqual({ state: 'Complete' });
  });

  it('whatever pods of an earlier template say', () => {
    expect(rolloutOf(deploymentObject(), [podObject('old', CRASH_LOOP)])).toEqual({ state: 'Complete' });
  });
});

describe('a rollout is underway', () => {
  it.each<[string, Rolled, string]>([
    ['while the Deployment controller has not seen the latest template', { observed: false }, 'The Deployment is about to change its pods.'],
    ['while pods are not available', { desired: 3, ready: 1 }, '3 of 3 pods are up to date, 1 available.'],
    ['while pods of the old template are left', { desired: 2, replicas: 3, updated: 2, ready: 2 }, '2 of 2 pods are up to date, 2 available, 1 of an earlier template left.'],
    ['while pods are not created', { desired: 2, replicas: 0, updated: 0, ready: 0 }, '0 of 2 pods are up to date, 0 available.'],
    ['while too many pods are left', { desired: 0, replicas: 2, updated: 2, ready: 2 }, 'Scaling down: 2 pods are left, 0 wanted.'],
  ])('%s', (_name, rolled, message) => {
    expect(rolloutOf(deploymentObject(rolled), [])).toEqual({ state: 'Underway', reason: 'Progressing', message });
  });

  it('while there is no Deployment', () => {
    expect(rolloutOf(undefined, [])).toMatchObject({ state: 'Underway', reason: 'Progressing' });
  });

  it('when the passed deadline is that of an earlier template', () => {
    expect(rolloutOf(deploymentObject({ observed: false, conditions: [DEADLINE] }), [])).toMatchObject({ state: 'Underway', reason: 'Progressing' });
  });

  it('when the deadline that passed, and the pods that failed, are those of the template before a rollback', () => {
    const stale = deploymentObject({ ready: 0, conditions: [{ ...DEADLINE, lastUpdateTime: '2030-01-01T00:00:00Z' }] });
    const failed = podObject('old', PULL_ERROR);
    const pods = [{ ...failed, metadata: { ...failed.metadata, creationTimestamp: '2029-12-31T23:50:00Z' } }];
    expect(rolloutOf(stale, pods, { templateSince: new Date('2030-01-01T00:00:01.500Z') })).toMatchObject({ state: 'Underway', reason: 'Progressing' });
    expect(rolloutOf(stale, pods, { templateSince: new Date('2030-01-01T00:00:00.500Z') })).toMatchObject({ state: 'Failed', reason: 'ImagePullError' });
    expect(rolloutOf(stale, pods)).toMatchObject({ state: 'Failed', reason: 'ImagePullError' });
  });

  it.each(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'])('with the trouble named: %s', (reason) => {
    const pods = [podObject('a'), podObject('b', { state: { waiting: { reason } } })];
    expect(rolloutOf(deploymentObject({ ready: 0 }), pods)).toMatchObject({ state: 'Underway', reason: 'ImagePullError', message: expect.stringContaining('Pod b') });
  });

  it('with the trouble named: a container that cannot be configured', () => {
    const waiting = { reason: 'CreateContainerConfigError', message: 'secret "x" not found' };
    expect(rolloutOf(deploymentObject({ ready: 0 }), [podObject('a', { state: { waiting } })])).toMatchObject({ reason: 'ContainerConfigError', message: 'Pod a cannot start: secret "x" not found.' });
  });

  it('with a hint while a container runs that has not passed its startup probe', () => {
    const pods = [podObject('a', { started: false, state: { running: {} } })];
    expect(rolloutOf(deploymentObject({ ready: 0 }), pods)).toMatchObject({ reason: 'Progressing', message: expect.stringContaining('must listen on spec.port') });
  });

  it('with the trouble named: a container that was restarted and still does not start', () => {
    const pods = [podObject('a', { started: false, restartCount: 1, state: { running: {} } })];
    expect(rolloutOf(deploymentObject({ ready: 0 }), pods)).toMatchObject({ state: 'Underway', reason: 'NotStarted', message: expect.stringContaining('Pod a') });
  });

  it('without trouble while a container is being created', () => {
    expect(rolloutOf(deploymentObject({ ready: 0 }), [podObject('a', { state: { waiting: { reason: 'ContainerCreating' } } })])).toMatchObject({
      reason: 'Progressing',
    });
  });
});

function ofTemplate(hash: string, container: Parameters<typeof podObject>[1], created: string): PodObject {
  const pod = podObject(`demo-${hash}`, container);
  return { ...pod, metadata: { ...pod.metadata, creationTimestamp: created, labels: { ...pod.metadata.labels, 'pod-template-hash': hash } } };
}

describe('an update', () => {
  const onItsWay: DeploymentCondition = { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: 'ReplicaSet "demo-aa" is progressing.' };
  const rolled = { replicas: 2, conditions: [onItsWay] };

  it('is explained by pods of the template the Deployment names, not by those that are replaced', () => {
    const crashing = ofTemplate('zz', CRASH_LOOP, '2030-01-01T00:01:00Z');
    expect(rolloutOf(deploymentObject(rolled), [crashing])).toMatchObject({ state: 'Underway', reason: 'Progressing' });
    expect(rolloutOf(deploymentObject(rolled), [crashing, ofTemplate('aa', PULL_ERROR, '2030-01-01T00:00:00Z')])).toMatchObject({
      reason: 'ImagePullError',
      message: expect.stringContaining('demo-aa'),
    });
  });

  it('is explained by the pods created last while the Deployment names none', () => {
    const [old, young] = [ofTemplate('zz', CRASH_LOOP, '2030-01-01T00:00:00Z'), ofTemplate('aa', PULL_ERROR, '2030-01-01T00:01:00Z')];
    expect(rolloutOf(deploymentObject({ replicas: 2 }), [young, old])).toMatchObject({ reason: 'ImagePullError' });
  });
});

function paused(rolled: Rolled): DeploymentObject {
  const { spec, ...rest } = deploymentObject(rolled);
  return { ...rest, spec: { ...spec, paused: true } };
}

describe('a Deployment that somebody paused', () => {
  it('is told as that while it has pods to make, whatever the old ones say', () => {
    expect(rolloutOf(paused({ desired: 2, updated: 0 }), [podObject('old', CRASH_LOOP)])).toEqual({
      state: 'Underway',
      reason: 'Paused',
      message: 'Somebody paused Deployment demo (its spec.paused is true), so what changed does not reach the pods. Resume it: kubectl -n tools rollout resume deployment demo',
    });
  });

  it('is not while nothing is to be made', () => {
    expect(rolloutOf(paused({ desired: 2 }), [])).toEqual({ state: 'Complete' });
    expect(rolloutOf(paused({ desired: 1, ready: 0 }), [podObject('a', CRASH_LOOP)])).toMatchObject({ reason: 'CrashLoop' });
  });
});

describe('pods that break a LimitRange', () => {
  it.each([
    'pods "demo-1" is forbidden: maximum memory usage per Container is 128Mi, but limit is 1Gi',
    'pods "demo-1" is forbidden: [minimum cpu usage per Pod is 1, but request is 100m, minimum memory usage per Pod is 1Gi, but request is 64Mi]',
    'pods "demo-1" is forbidden: memory max limit to request ratio per Container is 2, but provided ratio is 4.000000',
    'Pod "demo-1" is invalid: spec.containers[0].resources.requests: Invalid value: "1Gi": must be less than or equal to memory limit of 128Mi',
  ])('are told with the field that is to be changed: %s', (message) => {
    const failure: DeploymentCondition = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message };
    expect(rolloutOf(deploymentObject({ replicas: 0, updated: 0, ready: 0, conditions: [failure] }), [])).toEqual({
      state: 'Underway',
      reason: 'FailedCreate',
      message: `A pod was refused: ${message}. A LimitRange bounds what containers ask for, and sets what they leave out: keep spec.resources within it, or change it (kubectl -n tools describe limitrange).`,
    });
  });
});

describe('a rollout has failed', () => {
  it('when its deadline passed, in the words of the Deployment', () => {
    expect(rolloutOf(deploymentObject({ ready: 0, conditions: [DEADLINE] }), [])).toEqual({
      state: 'Failed',
      reason: 'ProgressDeadlineExceeded',
      message: DEADLINE.message,
    });
  });

  it('when its deadline passed, with what the pods leave open', () => {
    const pods = [podObject('a', { started: true, ready: false, state: { running: {} } })];
    expect(rolloutOf(deploymentObject({ ready: 0, conditions: [DEADLINE] }), pods)).toMatchObject({
      state: 'Failed',
      message: expect.stringContaining('Pod a has started, but its readiness probe has not passed yet'),
    });
  });

  it('when its deadline passed, with the trouble of a pod where there is one', () => {
    expect(rolloutOf(deploymentObject({ ready: 0, conditions: [DEADLINE] }), [podObject('a', PULL_ERROR)])).toMatchObject({
      state: 'Failed',
      reason: 'ImagePullError',
    });
  });
});

describe('a rollout that was complete', () => {
  it('is broken when pods fail afterwards', () => {
    expect(rolloutOf(deploymentObject({ ready: 0, conditions: [ONCE_COMPLETE] }), [podObject('a', CRASH_LOOP)])).toMatchObject({
      state: 'Broken',
      reason: 'CrashLoop',
    });
  });

  it('is underway when a new template, not yet seen, is on top', () => {
    const rolled = { ready: 0, observed: false, conditions: [ONCE_COMPLETE] };
    expect(rolloutOf(deploymentObject(rolled), [podObject('a', CRASH_LOOP)])).toMatchObject({ state: 'Underway', reason: 'CrashLoop' });
  });

  it.each([['exceeded quota: q', 'QuotaExceeded'], ['violates PodSecurity "restricted:latest"', 'PodsRejected'], ['the webhook is down', 'FailedCreate']])(
    'is underway, not broken, while further pods wait to be let in: %s', (message, reason) => {
      const failure: DeploymentCondition = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message };
      expect(
        rolloutOf(deploymentObject({ desired: 2, replicas: 1, updated: 1, ready: 1, conditions: [ONCE_COMPLETE, failure] }), [podObject()]),
      ).toMatchObject({ state: 'Underway', reason });
    });

  it('tells what the Deployment controller says in one plain line within bounds', () => {
    const odd = `exceeded\n\x1b[31mquota\u202E ${'x'.repeat(50_000)}`;
    const failure: DeploymentCondition = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: odd };
    const late: DeploymentCondition = { ...DEADLINE, message: odd };
    for (const conditions of [[failure], [late]]) {
      const { message } = rolloutOf(deploymentObject({ ready: 0, conditions }), []) as { message: string };
      expect(message).toMatch(/^(A pod was refused: )?exceeded quota xx/);
      expect(message.length).toBeLessThan(800);
    }
  });

  it('keeps only the end of long last words', () => {
    const message = `${'x'.repeat(5000)}the end`;
    const pods = [podObject('a', { ...CRASH_LOOP, lastState: { terminated: { exitCode: 1, message } } })];
    const rollout = rolloutOf(deploymentObject({ ready: 0 }), pods);
    expect(JSON.stringify(rollout)).toMatch(/…x{292}the end\. See kubectl logs --previous/);
    expect(JSON.stringify(rollout)).not.toMatch(/x{293}/);
  });
});
