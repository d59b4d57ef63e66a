// When to look again at pods of which nothing new is heard, since time alone changes what is told of them. Pure.
import type { PodObject } from '../kinds.ts';
import { volumeLookMs } from './volume-held.ts';
import { waitLookMs } from './waiting-containers.ts';
import { youngLookMs } from './young.ts';

/** Milliseconds until the status could say something else of the same pods; undefined when it could not. */
export function nextLookMs(pods: readonly PodObject[], now: Date): number | undefined {
  const looks = [waitLookMs(pods, now), youngLookMs(pods, now), volumeLookMs(pods, now)].filter((ms) => ms !== undefined);
  return looks.length === 0 ? undefined : Math.min(...looks);
}
