// Servers that are one member away from a right one are told as the real clients of both SDKs find them.
import { expect, it } from 'vitest';
import { judgeDirectly } from '../../support/odd-servers/direct.ts';
import { compareAll } from '../../support/odd-servers/judgement.ts';
import { NEAR_SERVERS } from '../../support/odd-servers/near.ts';

it.each(Object.keys(NEAR_SERVERS))('%s is judged as clients judge it, whatever one member of it is', async (kind) => {
  const found = await compareAll(NEAR_SERVERS[kind] ?? [], judgeDirectly);
  expect(found.size).toBeGreaterThan(20);
  expect([...found].filter(([, amiss]) => amiss.length > 0)).toEqual([]);
});
