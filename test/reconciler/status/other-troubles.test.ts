import { describe, expect, it } from 'vitest';
import type { PodObject, TerminatedState } from '../../../reconciler/kinds.ts';
import { before, beside, CANARY, LATER, LISTENS_ELSEWHERE, looping, NAME, OOM, podTrouble, said, START, waiting } from './troubled-pods.ts';

const SIDECAR = { restartPolicy: 'Always' };
const RUNS = { state: { running: { startedAt: START } } };
const RESTARTED = { ...RUNS, started: false, ready: false, restartCount: 1, lastState: { terminated: { exitCode: 137 } } };
const ENDED: TerminatedState = { exitCode: 1, reason: 'Error', message: 'no route to 10.0.0.1\n' };

describe('the trouble of a container that is not the server\'s own', () => {
  it.each<[string, PodObject, string]>([
    ['an init container in a crash loop', before(looping(ENDED)),
      'InitFailed: Init container setup of pod demo-1 keeps ending with exit code 1, last words: no route to 10.0.0.1. See kubectl -n tools logs demo-1 -c setup --previous.'],
    ['an init container that has just ended with an error for the first time', before({ ready: false, restartCount: 0, state: { terminated: ENDED } }),
      'InitFailed: Init container setup of pod demo-1 ended with exit code 1, last words: no route to 10.0.0.1, and is tried again. See kubectl -n tools logs demo-1 -c setup.'],
    ['an init container that runs again', before({ ready: false, restartCount: 1, state: { running: { startedAt: START } }, lastState: { terminated: ENDED } }),
      'InitFailed: Init container setup of pod demo-1 ended with exit code 1, last words: no route to 10.0.0.1, and is tried again. See kubectl -n tools logs demo-1 -c setup --previous.'],
    ['an init container whose image cannot be pulled', before(waiting('ImagePullBackOff', 'Back-off pulling image "example.com/a:1": ErrImagePull: not found')),
      'InitFailed: Init container setup of pod demo-1 cannot pull its image (not found). Check its image, and spec.imagePullSecrets; kubectl -n tools describe pod demo-1 says more.'],
    ['an init container that lacks what it is to be given', before(waiting('CreateContainerConfigError', 'secret "s" not found')),
      'InitFailed: Init container setup of pod demo-1 cannot start: secret "s" not found. kubectl -n tools describe pod demo-1 says more.'],
    ['an init container whose command does not exist', before(waiting('RunContainerError', 'exec: "x": executable file not found in $PATH')),
      'InitFailed: Init container setup of pod demo-1 cannot be started: exec: "x": executable file not found in $PATH. Check its command and what is mounted; kubectl -n tools describe pod demo-1 says more.'],
    ['an init container for want of memory', before(looping(OOM)),
      'InitFailed: Init container setup of pod demo-1 keeps ending with exit code 137 (OOMKilled). It needs more memory than its limit of 64Mi. See kubectl -n tools logs demo-1 -c setup --previous.'],
    ['a sidecar in a crash loop, though it ends without an error', before(looping({ exitCode: 0, reason: 'Completed' }), SIDECAR),
      'InitFailed: Sidecar setup of pod demo-1 keeps ending with exit code 0 (Completed). See kubectl -n tools logs demo-1 -c setup --previous.'],
    ['a sidecar that its startup probe ended', before(RESTARTED, SIDECAR),
      'InitFailed: Sidecar setup of pod demo-1 was restarted after it ended with exit code 137, and has not passed its startup probe since. See kubectl -n tools logs demo-1 -c setup --previous.'],
    ['a container that was put beside the server, in a crash loop', beside(looping({ exitCode: 137, reason: 'Error', message: LISTENS_ELSEWHERE })),
      'CrashLoop: Container a-proxy of pod demo-1 keeps ending with exit code 137, last words: booting MCP server listening on http://0.0.0.0:3000/mcp. See kubectl -n tools logs demo-1 -c a-proxy --previous.'],
    ['the image of a container beside the server', beside(waiting('ErrImagePull', 'not found')),
      'ImagePullError: Container a-proxy of pod demo-1 cannot pull its image (not found). Check its image, and spec.imagePullSecrets; kubectl -n tools describe pod demo-1 says more.'],
    ['a container beside the server that is not ready any more',
      beside({ started: true, ready: false, ...RUNS }, [{ type: 'Ready', status: 'False', lastTransitionTime: LATER }]),
      `NotReady: Container a-proxy of pod demo-1 was ready and does not pass its readiness probe any more, since ${LATER}. kubectl -n tools describe pod demo-1 says what the probe found.`],
  ])('is told by its name: %s', (_name, object, expected) => {
    expect(said(object)).toBe(expected);
  });

  it.each<[string, PodObject]>([
    ['while an init container runs', before({ started: true, ready: false, restartCount: 0, state: { running: { startedAt: START } } })],
    ['while it waits for the one before', before(waiting('PodInitializing'))],
    ['once it has ended well', before({ ready: true, restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } })],
    ['while it runs once more in a new sandbox', before({ ready: false, restartCount: 2, state: { running: { startedAt: START } }, lastState: { terminated: { exitCode: 0 } } })],
    ['once a sidecar that was restarted is up', before({ ...RESTARTED, started: true, ready: true }, SIDECAR)],
    ['while a sidecar starts for the first time', before({ started: false, ready: false, restartCount: 0, state: { running: { startedAt: START } } }, SIDECAR)],
  ])('is none %s', (_name, object) => {
    expect(said(object)).toBe('none: ');
  });

  it('quotes nothing of what it said where that is hidden', () => {
    const container = looping({ exitCode: 1, message: CANARY });
    for (const object of [before(container), before(container, SIDECAR), beside(container)]) {
      expect(podTrouble([object])?.message).toContain(CANARY);
      expect(podTrouble([object], 'Hide')?.message).toMatch(/^(?!.*CANARY).*exit code 1\./);
    }
  });

  it('comes after the server\'s own, which more often is the cause', () => {
    const { status, ...rest } = beside(looping(ENDED));
    const containerStatuses = [...(status?.containerStatuses?.slice(0, 1) ?? []), { name: NAME, ...waiting('ErrImagePull', 'not found') }];
    expect(said({ ...rest, status: { ...status, containerStatuses } })).toMatch(/^ImagePullError: Pod demo-1 cannot/);
  });
});
