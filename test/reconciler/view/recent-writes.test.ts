import { describe, expect, it } from 'vitest';
import { CONFIG_MAPS, SERVICES, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { RecentWrites } from '../../../reconciler/view/recent-writes.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const REF = { namespace: 'tools', name: 'demo' };

function version(resourceVersion: string): KubernetesObject {
  return { metadata: { ...REF, uid: 'u', resourceVersion } };
}

function start(): { clock: FakeClock; writes: RecentWrites; latest: (cached?: KubernetesObject) => string | undefined } {
  const clock = new FakeClock();
  const writes = new RecentWrites(clock);
  return { clock, writes, latest: (cached) => writes.latest(CONFIG_MAPS, REF, cached)?.metadata.resourceVersion };
}

describe('the latest state of an object', () => {
  it('is the cached one when nothing was written', () => {
    expect(start().latest(version('7'))).toBe('7');
    expect(start().latest()).toBeUndefined();
  });

  it('is what a write returned, until the cache has it', () => {
    const { writes, latest } = start();
    writes.remember(CONFIG_MAPS, version('9'));
    expect(latest()).toBe('9');
    expect(latest(version('7'))).toBe('9');
    writes.seen(CONFIG_MAPS, { type: 'MODIFIED', object: version('8'), previous: version('7') });
    expect(latest(version('8'))).toBe('9');
    writes.seen(CONFIG_MAPS, { type: 'MODIFIED', object: version('10'), previous: version('8') });
    expect(latest(version('10'))).toBe('10');
  });

  it('is the cached one when the watch was faster than the answer to the write', () => {
    const { writes, latest } = start();
    writes.remember(CONFIG_MAPS, version('9'));
    expect(latest(version('10'))).toBe('10');
    expect(latest(version('9'))).toBe('9');
  });

  it('compares versions as numbers', () => {
    const { writes, latest } = start();
    writes.remember(CONFIG_MAPS, version('10'));
    expect(latest(version('9'))).toBe('10');
  });

  it('is gone with its deletion', () => {
    const { writes, latest } = start();
    writes.remember(CONFIG_MAPS, version('9'));
    writes.seen(CONFIG_MAPS, { type: 'DELETED', object: version('9'), previous: version('9') });
    expect(latest()).toBeUndefined();
  });

  it('stays gone when the deletion was faster than the answer to the write', () => {
    const { writes, latest } = start();
    writes.seen(CONFIG_MAPS, { type: 'DELETED', object: version('10'), previous: version('8') });
    writes.remember(CONFIG_MAPS, version('9'));
    expect(latest()).toBeUndefined();
    writes.remember(CONFIG_MAPS, version('11'));
    expect(latest()).toBe('11');
  });

  it('is the cached one after five seconds, whatever was written', async () => {
    const { clock, writes, latest } = start();
    writes.remember(CONFIG_MAPS, version('9'));
    await clock.advance(5000);
    expect(latest()).toBe('9');
    await clock.advance(1);
    expect(latest()).toBeUndefined();
  });

  it('of another kind or name is another matter', () => {
    const { writes } = start();
    writes.remember(CONFIG_MAPS, version('9'));
    expect(writes.latest(SERVICES, REF, undefined)).toBeUndefined();
    expect(writes.latest(CONFIG_MAPS, { namespace: 'tools', name: 'other' }, undefined)).toBeUndefined();
    expect(writes.latest(CONFIG_MAPS, { namespace: 'other', name: 'demo' }, undefined)).toBeUndefined();
  });
});
