import { expect, it, onTestFinished } from 'vitest';
import { Pulse } from '../../../reconciler/runtime/pulse.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function pulse(): { readonly clock: FakeClock; readonly asked: number[]; readonly pulse: Pulse } {
  const clock = new FakeClock();
  const asked: number[] = [];
  const made = new Pulse({ clock, ask: () => asked.push(clock.now()), sinceMs: 0, silenceMs: 10_000 });
  onTestFinished(() => made.stop());
  return { clock, asked, pulse: made };
}

it('a thread that answers is asked a second later, and one that does not answer is not asked again', async () => {
  const { clock, asked, pulse: on } = pulse();
  on.answered(0);
  await clock.advance(1000);
  expect(asked).toEqual([0, 1000]);
  await clock.advance(60_000);
  expect(asked).toEqual([0, 1000]);
  on.answered(61_000);
  await clock.advance(1000);
  expect(asked).toEqual([0, 1000, 62_000]);
});

it('a thread is silent when it answered more than 10 s ago, however many answers come late', async () => {
  const { clock, pulse: on } = pulse();
  await clock.advance(9000);
  on.answered(500);
  on.answered(400);
  await clock.advance(1500);
  expect(on.isSilent()).toBe(false);
  await clock.advance(1);
  expect(on.isSilent()).toBe(true);
  on.answered(10_501);
  expect(on.isSilent()).toBe(false);
});

it('a thread that never answered is silent 10 s after it was started', async () => {
  const { clock, pulse: on } = pulse();
  await clock.advance(10_000);
  expect(on.isSilent()).toBe(false);
  await clock.advance(1);
  expect(on.isSilent()).toBe(true);
});

it('a flood of answers asks no more often', async () => {
  const { clock, asked, pulse: on } = pulse();
  for (let answer = 0; answer < 1000; answer += 1) on.answered(clock.now());
  expect(clock.pending).toBe(1);
  await clock.advance(1000);
  expect(asked).toEqual([0, 1000]);
});
