// When to look again at pods of which nothing new is heard, since time alone changes what is told of them. Pure.
import { autoscalerLookMs } from './autoscaler.ts';
import { earlyLookMs } from './early-verdict.ts';
import type { Situation } from './situation.ts';
import { volumeLookMs } from './volume-held.ts';
import { waitLookMs } from './waiting-containers.ts';
import { youngLookMs } from './young.ts';

/** Milliseconds until the status could say something else of the same pods; undefined when it could not. */
export function nextLookMs({ pods, now, verdict, autoscaler }: Pick<Situation, 'pods' | 'now' | 'verdict' | 'autoscaler'>): number | undefined {
  const ofPods = [waitLookMs(pods, now), youngLookMs(pods, now), volumeLookMs(pods, now)];
  return soonest(...ofPods, earlyLookMs(verdict, pods, now), autoscalerLookMs(autoscaler, now));
}

/** The least of the times there are; undefined when there is none. */
export function soonest(...times: readonly (number | undefined)[]): number | undefined {
  const there = times.filter((ms) => ms !== undefined);
  return there.length === 0 ? undefined : Math.min(...there);
}
