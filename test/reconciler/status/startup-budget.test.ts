import { describe, expect, it } from 'vitest';
import type { ContainerStatus, PodObject, TerminatedState } from '../../../reconciler/kinds.ts';
import { LATER, LISTENS_ELSEWHERE, looping, pod, said, START } from './troubled-pods.ts';

/** A pod whose container ended after so many seconds, with a startup probe that waits 20 + 5 × 6 seconds. */
function endedAfter(seconds: number, last: TerminatedState, more: Omit<ContainerStatus, 'name'> = {}): PodObject {
  const finishedAt = new Date(Date.parse(START) + seconds * 1000).toISOString();
  const object = pod({ ...looping({ ...last, startedAt: START, finishedAt }), ...more });
  const startupProbe = { initialDelaySeconds: 20, periodSeconds: 5, failureThreshold: 6 };
  return { ...object, spec: { containers: (object.spec?.containers ?? []).map((each) => ({ ...each, startupProbe })) } };
}

describe('what a container that ends politely ran into', () => {
  const UNANSWERED = 'for nothing answered its startup probe, which waits 50 s. Most likely it listens on 127.0.0.1 only (let it listen on 0.0.0.0); else on another port than 8080 (set spec.port, or let it listen on MCP_PORT); or it starts more slowly (give it longer in spec.probes.startup).';

  it.each([0, 137, 143])('is its startup probe, when it ran about as long as that waits, or so much longer as it may take to end: exit code %d', (exitCode) => {
    for (const seconds of [44, 50, 52, 80]) {
      expect(said(endedAfter(seconds, { exitCode }))).toBe(`CrashLoop: Pod demo-1 keeps ending with exit code ${exitCode}. The kubelet ended it after ${seconds} s, ${UNANSWERED}`);
    }
  });

  it('is its startup probe by the numbers Kubernetes assumes, too', () => {
    const object = endedAfter(29, { exitCode: 0 });
    const spec = { containers: (object.spec?.containers ?? []).map((each) => ({ ...each, startupProbe: {} })) };
    expect(said({ ...object, spec })).toContain('startup probe, which waits 30 s');
  });

  it.each([0, 1, 43])('is stdio, when it ended by itself well before that: after %d s', (seconds) => {
    expect(said(endedAfter(seconds, { exitCode: 0 }))).toMatch(/speaks MCP over stdio/);
  });

  it('is stdio at the first end, too, before it is restarted', () => {
    const terminated = { exitCode: 0, reason: 'Completed', startedAt: START, finishedAt: START };
    const ended = endedAfter(1, {}, { restartCount: 0, state: { terminated }, lastState: {} });
    expect(said(ended)).toBe('NotStarted: Pod demo-1 ended with exit code 0 (Completed), and is about to be restarted. It ends by itself without an error, as a program does that speaks MCP over stdio: let it serve HTTP, for instance by spec.args.');
  });

  it.each([0, 137])('is neither, when it ran for much longer: exit code %d', (exitCode) => {
    expect(said(endedAfter(7200, { exitCode }))).toMatch(/7200 s, when its startup probe had passed/);
    expect(said(endedAfter(7200, { exitCode }))).not.toMatch(/stdio|127\.0\.0\.1/);
  });

  it('is no startup probe, when it was ended from outside before that gave up', () => {
    expect(said(endedAfter(3, { exitCode: 137 }))).toMatch(/ended from outside after 3 s, before its startup probe gave up \(50 s\)/);
  });

  it('is another port, when it says so itself', () => {
    expect(said(endedAfter(50, { exitCode: 0, message: LISTENS_ELSEWHERE }))).toMatch(/^WrongPort: Pod demo-1 listens on 3000, not 8080/);
    expect(said(endedAfter(1, { exitCode: 0, message: LISTENS_ELSEWHERE }))).toMatch(/^CrashLoop/);
  });

  it.each([['no time', null], ['no start', { startedAt: null, finishedAt: LATER }], ['an end before the start', { startedAt: LATER, finishedAt: START }]])(
    'is told as before where the kubelet knows %s', (_name, times) => {
      const last = { exitCode: 143, ...times } as TerminatedState;
      const { spec } = endedAfter(1, {});
      expect(said({ ...pod(looping(last)), ...(spec && { spec }) })).toMatch(/as the kubelet does when the startup or liveness probe fails/);
    });
});
