import { describe, expect, it } from 'vitest';
import type { PodObject } from '../../../reconciler/kinds.ts';
import { LATER, LISTENS_ELSEWHERE, CANARY, looping, OOM, pod, podTrouble, said, START, waiting } from './troubled-pods.ts';

describe('the trouble of a pod', () => {
  it.each<[string, PodObject, string]>([
    ['an image that cannot be pulled, in the words of the registry', pod(waiting('ErrImagePull', 'rpc error: code = NotFound\n desc = failed to pull')),
      'ImagePullError: Pod demo-1 cannot pull its image (rpc error: code = NotFound desc = failed to pull). Check spec.image and spec.imagePullSecrets.'],
    ['an image name nobody can read', pod(waiting('InvalidImageName')), 'ImagePullError: Pod demo-1 cannot pull its image (InvalidImageName). Check spec.image and spec.imagePullSecrets.'],
    ['what its container is to be given is missing', pod(waiting('CreateContainerConfigError', 'couldn\'t find key token in Secret tools/api')),
      'ContainerConfigError: Pod demo-1 cannot start: couldn\'t find key token in Secret tools/api.'],
    ['a command that does not exist', pod(waiting('RunContainerError', 'exec: "serve": executable file not found in $PATH')),
      'ContainerStartError: The container of pod demo-1 cannot be started: exec: "serve": executable file not found in $PATH. Check spec.command, spec.args and what is mounted.'],
    ['a crash loop: exit code and last words', pod(looping({ exitCode: 3, reason: 'Error', message: 'no such file: /etc/x\n' })),
      'CrashLoop: Pod demo-1 keeps ending with exit code 3, last words: no such file: /etc/x. See kubectl logs --previous.'],
    ['a crash loop without last words', pod(looping({ exitCode: 1, reason: 'Error' })), 'CrashLoop: Pod demo-1 keeps ending with exit code 1. See kubectl logs --previous.'],
    ['a crash loop for want of memory, with the limit', pod(looping(OOM)),
      'CrashLoop: Pod demo-1 keeps ending with exit code 137 (OOMKilled). It needs more memory than its limit of 512Mi: raise spec.resources.limits.memory, or let it use less.'],
    ['a program that ends without an error', pod(looping({ exitCode: 0, reason: 'Completed' })),
      'CrashLoop: Pod demo-1 keeps ending with exit code 0 (Completed). It ends by itself without an error, as a program does that speaks MCP over stdio: let it serve HTTP, for instance by spec.args.'],
    ['a program that a probe ends', pod(looping({ exitCode: 143, reason: 'Error', message: 'working' })),
      'CrashLoop: Pod demo-1 keeps ending with exit code 143, last words: working. It was ended from outside, as the kubelet does when the startup or liveness probe fails. By default the program must listen on spec.port (MCP_PORT), on all addresses.'],
    ['a program that says itself that it listens on another port', pod(looping({ exitCode: 137, reason: 'Error', message: LISTENS_ELSEWHERE })),
      'WrongPort: Pod demo-1 listens on 3000, not 8080, as its last words say: "MCP server listening on http://0.0.0.0:3000/mcp". Set spec.port to 3000, or let it listen on MCP_PORT.'],
    ['no node takes it', pod({}, { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available: 3 Insufficient memory.' }] }),
      'Unschedulable: No node takes pod demo-1: 0/3 nodes are available: 3 Insufficient memory. Check spec.resources, what spec says about nodes, and the room in the cluster.'],
    ['it was ready and is not any more',
      pod(
        { started: true, ready: false, state: { running: { startedAt: START } } },
        { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: LATER }] },
      ),
      `NotReady: Pod demo-1 was ready and does not pass its readiness probe any more, since ${LATER}. See kubectl logs, and kubectl describe for what the probe found.`],
    ['it was restarted once for want of memory, and boots again',
      pod({ started: false, restartCount: 1, state: { running: { startedAt: START } }, lastState: { terminated: OOM } }),
      'NotStarted: Pod demo-1 was restarted after it ended with exit code 137 (OOMKilled), and has not passed its startup probe since. It needs more memory than its limit of 512Mi: raise spec.resources.limits.memory, or let it use less.'],
    ['it was restarted once and has not started since', pod({ started: false, restartCount: 1, state: { running: { startedAt: START } }, lastState: { terminated: { exitCode: 143 } } }),
      'NotStarted: Pod demo-1 was restarted after it ended with exit code 143, and has not passed its startup probe since. It was ended from outside, as the kubelet does when the startup or liveness probe fails. By default the program must listen on spec.port (MCP_PORT), on all addresses.'],
  ])('is told: %s', (_name, object, expected) => {
    expect(said(object)).toBe(expected);
  });

  it.each<[string, PodObject]>([
    ['while it starts for the first time', pod({ started: false, ready: false, restartCount: 0, state: { running: { startedAt: START } } })],
    [
      'while it has started and was not ready yet',
      pod(
        { started: true, ready: false, state: { running: { startedAt: LATER } } },
        { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: START }] },
      ),
    ],
    ['while a gate keeps the scheduler away', pod({}, { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] })],
    ['once it is ready, whatever it was before', pod({ started: true, ready: true, restartCount: 7, state: { running: { startedAt: START } }, lastState: { terminated: OOM } })],
    ['when it is on its way out', pod(looping({ exitCode: 1 }), { deletionTimestamp: LATER })],
    ['when it was evicted', pod(looping({ exitCode: 1 }), { phase: 'Failed' })],
  ])('is none %s', (_name, object) => {
    expect(said(object)).toBe('none: ');
  });

  it('is the same while a container in a crash loop waits, runs for a moment, and has just ended', () => {
    const last = { exitCode: 3, reason: 'Error', message: 'bad' };
    const running = pod({
      started: false,
      ready: false,
      restartCount: 3,
      state: { running: { startedAt: START } },
      lastState: { terminated: last },
    });
    const ended = pod({ started: false, ready: false, restartCount: 3, state: { terminated: last } });
    expect(new Set([said(pod(looping(last))), said(running), said(ended)]).size).toBe(1);
  });

  it.each([
    ['the port it names is the right one', { exitCode: 137, message: 'listening on :8080' }],
    ['it names several', { exitCode: 137, message: 'listening on :9090\nlistening on :3000' }],
    ['it ended by itself, so that the port need not be the reason', { exitCode: 1, message: LISTENS_ELSEWHERE }],
    ['memory was the reason', { ...OOM, message: LISTENS_ELSEWHERE }],
  ])('is not said to be a wrong port when %s', (_name, last) => {
    expect(podTrouble([pod(looping(last))])?.reason).toBe('CrashLoop');
  });

  it('reads the same while the kubelet pulls an image again and while it waits to', () => {
    const words = 'failed to resolve reference "example.com/server:2": not found';
    const [pulling, backing] = [waiting('ErrImagePull', words), waiting('ImagePullBackOff', `Back-off pulling image "example.com/server:2": ErrImagePull: ${words}`)];
    expect(podTrouble([pod(backing)])).toEqual(podTrouble([pod(pulling)]));
    expect(podTrouble([pod(backing)])?.message).toContain(`(${words})`);
  });

  it('is one plain line within bounds, whatever the kubelet, the scheduler, the runtime and the program say', () => {
    const odd = `${'\x1b[2J\x1b[32mAll checks passed.\n\nStatus:  Ready\x07\u202E\u200B\uD800'.repeat(2000)}.`;
    const unschedulable = pod(
      { started: false, ready: false },
      { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: odd }], phase: 'Pending' },
    );
    const elsewhere = pod(looping({ exitCode: 143, message: `${odd.slice(0, 2000)} listening on http://0.0.0.0:3000/mcp` }));
    const others = ['ErrImagePull', 'CreateContainerConfigError', 'CreateContainerError'].map((reason) => pod(waiting(reason, odd)));
    for (const object of [unschedulable, elsewhere, pod(looping({ exitCode: 1, reason: odd, message: odd })), ...others]) {
      const { message } = podTrouble([object]) ?? { message: '' };
      expect(message).toMatch(/^\S.*Status: Ready.*All checks passed/);
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]|\s\s/u);
      expect(message.length).toBeLessThan(900);
    }
  });

  it.each(Object.entries({
    'a crash': { exitCode: 7, message: `panic: ${CANARY}` },
    'a crash that names memory': { ...OOM, message: CANARY },
    'a program that ends by itself': { exitCode: 0, message: CANARY },
    'a program that was ended from outside': { exitCode: 137, message: CANARY },
    'a program on another port': { exitCode: 143, message: `${CANARY} listening on http://0.0.0.0:31337/${CANARY}` },
  }))('quotes nothing of what a container said where that is hidden, and judges all the same: %s', (_name, last) => {
    const restarted = { started: false, ready: false, restartCount: 1, state: { running: {} }, lastState: { terminated: last } };
    for (const container of [looping(last), restarted]) {
      const [shown, hidden] = [podTrouble([pod(container)]), podTrouble([pod(container)], 'Hide')];
      expect(shown?.message).toMatch(/CANARY|31337/);
      expect(hidden?.message).not.toMatch(/CANARY|31337/);
      expect(hidden?.reason).toBe(shown?.reason);
      const isElsewhere = shown?.reason === 'WrongPort';
      expect(hidden?.message).toContain(isElsewhere ? 'listens on another port than 8080' : `exit code ${last.exitCode}`);
    }
  });

  it('is that of the first pod by name, in whatever order they come', () => {
    const [a, b] = [pod(looping(OOM), { name: 'a' }), pod(waiting('ErrImagePull'), { name: 'b' })];
    expect(podTrouble([a, b])).toEqual(podTrouble([b, a]));
    expect(podTrouble([b, a])?.message).toContain('Pod a');
  });
});
