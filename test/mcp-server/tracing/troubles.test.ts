// What the log says of spans that do not reach the collector.
import { expect, it } from 'vitest';
import { Troubles, whyNotSent } from '../../../mcp-server/tracing/troubles.ts';

it('is told once a minute, with the sum of what was lost', () => {
  let now = 0;
  const told: unknown[] = [];
  const troubles = new Troubles({ log: { warn: (...said: unknown[]) => void told.push(said[0]) }, now: () => now });
  troubles.lost(3, 'first');
  for (now = 1_000; now < 60_000; now += 1_000) troubles.lost(1, 'again');
  now = 60_000;
  troubles.lost(1, 'later');
  expect(told).toEqual([{ reason: 'first', spans: 3 }, { reason: 'later', spans: 60 }]);
});

it.each<[unknown, string]>([
  [{ code: 503, message: 'hunter2' }, 'the collector answers 503'],
  [{ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 10.0.0.1:4318' }, 'no connection to the collector (ECONNREFUSED)'],
  [{ code: 'hunter2 is the password' }, 'the collector did not take them'],
  [new Error('Request timed out'), 'the collector did not answer in time'],
  [new Error('Export failed with retryable status'), 'the collector has no room (429, 502, 503 or 504)'],
  [new Error('https://user:hunter2@collector'), 'the collector did not take them'],
  [undefined, 'the collector did not take them'],
])('is of our own words: %s', (error, reason) => {
  expect(whyNotSent(error)).toBe(reason);
});
