import { describe, expect, it } from 'vitest';
import { Causes } from '../../../reconciler/metrics/causes.ts';
import type { ReconcileContext, Result } from '../../../reconciler/runtime/controller.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const CONTEXT = {} as ReconcileContext;

interface Play {
  readonly clock: FakeClock;
  readonly causes: Causes;
  /** Reconciles `ns/a` with this result, `during` which something may happen; tells what explained a write in it. */
  readonly reconcile: (result: Result | Error, during?: () => void) => Promise<string | undefined>;
}

function play(): Play {
  const clock = new FakeClock();
  const causes = new Causes(clock);
  return {
    clock,
    causes,
    reconcile: async (result, during) => {
      let cause: string | undefined;
      const run = causes.explaining(async () => {
        cause = causes.of('ns/a');
        during?.();
        if (result instanceof Error) throw result;
        return result;
      });
      await run('ns/a', CONTEXT)?.catch?.(() => undefined);
      return cause;
    },
  };
}

describe('what explains a write', () => {
  it('is the change that led to the reconcile, and no later one', async () => {
    const { causes, reconcile } = play();
    causes.note('ns/a', 'Generation');
    causes.note('ns/b', 'Object');
    expect([await reconcile({}), await reconcile({})]).toEqual(['Generation', undefined]);
    expect(causes.of('ns/b')).toBe('Object');
  });

  it('is still that change while what it leads to waits, or failed, or was only put off', async () => {
    const { causes, reconcile } = play();
    causes.note('ns/a', 'Reference');
    const seen = [await reconcile({ requeueAfterMs: 1000 }), await reconcile(new Error('down')), await reconcile({ error: new Error('odd') })];
    expect([...seen, await reconcile({}), await reconcile({})]).toEqual(['Reference', 'Reference', 'Reference', 'Reference', undefined]);
  });

  it('is no change of more than a quarter of an hour ago: what goes on writing for longer is not explained', async () => {
    const { clock, causes, reconcile } = play();
    causes.note('ns/a', 'Generation');
    const seen = [await reconcile({ requeueAfterMs: 1000 })];
    await clock.advance(15 * 60_000);
    seen.push(await reconcile({ requeueAfterMs: 1000 }));
    await clock.advance(1);
    expect([...seen, await reconcile({ requeueAfterMs: 1000 })]).toEqual(['Generation', 'Generation', undefined]);
  });

  it('is the first of several changes, unless a later one is of the spec', async () => {
    const { causes, reconcile } = play();
    for (const cause of ['Handshake', 'Object'] as const) causes.note('ns/a', cause);
    const seen = [await reconcile({ requeueAfterMs: 1 })];
    for (const cause of ['Generation', 'Object'] as const) causes.note('ns/a', cause);
    expect([...seen, await reconcile({})]).toEqual(['Handshake', 'Generation']);
  });

  it('is a change that came during a reconcile for the next one', async () => {
    const { causes, reconcile } = play();
    causes.note('ns/a', 'Generation');
    await reconcile({}, () => causes.note('ns/a', 'Object'));
    expect([await reconcile({}), await reconcile({})]).toEqual(['Generation', undefined]);
  });
});
