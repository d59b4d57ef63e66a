// Tenants whose pods hang, fail or come in hundreds, beside others: who is asked, and who waits.
import { describe, expect, it } from 'vitest';
import { MOST_PER_SERVER } from '../../../reconciler/verification/handshake-queue.ts';
import { settle } from '../../support/fake-clock.ts';
import { of, start } from './verifier-fleet.ts';

const SLOTS = 16;

/** Pods of one MCPServer. */
function podsOf(server: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${server}-${index}`);
}

/** A verifier beside MCPServers of these namespaces, `servers` in each, whose pods, `replicas` of each, all hang. */
async function besideHanging(namespaces: readonly string[], servers: number, replicas: number) {
  const parts = start(SLOTS);
  const keys = namespaces.flatMap((namespace) => Array.from({ length: servers }, (_, index) => `${namespace}/${index}`));
  const hang = async (): Promise<void> => {
    for (const key of keys) {
      for (const pod of podsOf(key, replicas)) parts.behaviour.set(pod, 'hangs');
      parts.verifier.follow(key, of(podsOf(key, replicas), { timeoutSeconds: 60, intervalSeconds: 60 }));
    }
    await settle();
  };
  await hang();
  const inFlight = (prefix: string): number => [...parts.hanging.keys()].filter((pod) => pod.startsWith(prefix)).length;
  return { ...parts, keys, inFlight };
}

describe('a hundred hanging pods of one tenant', () => {
  it('hold no more than half of the slots, and two for each MCPServer', async () => {
    const { keys, inFlight } = await besideHanging(['evil'], 5, 20);
    expect(inFlight('evil/')).toBe(SLOTS / 2);
    expect(Math.max(...keys.map((key) => inFlight(`${key}-`)))).toBe(MOST_PER_SERVER);
  });

  it('of one MCPServer hold two, and one once it is known to fail', async () => {
    const { inFlight, hanging, giveUp } = await besideHanging(['evil'], 1, 100);
    expect(inFlight('evil/')).toBe(2);
    giveUp(...hanging.keys());
    await settle();
    expect(inFlight('evil/')).toBe(1);
  });

  it('do not let a newcomer of another namespace wait: its first handshake begins before one of theirs ends', async () => {
    const { verifier, asked } = await besideHanging(['evil'], 5, 20);
    const before = asked.length;
    verifier.follow('good/new', of(['new']));
    await settle();
    expect(asked.slice(before)).toEqual(['new']);
    expect(verifier.follow('good/new', of(['new']))).toMatchObject([{ settled: { outcome: 'Passed' } }]);
  });

  it('do not, either, once they are known to hang and are asked again and again, nor new ones beside them', async () => {
    const { clock, verifier, asked, hanging, giveUp, behaviour, inFlight } = await besideHanging(['evil'], 5, 20);
    for (let round = 0; round < 30; round += 1) {
      giveUp(...hanging.keys());
      await clock.advance(5000);
      const more = `evil/more-${round}`;
      for (const pod of podsOf(more, 20)) behaviour.set(pod, 'hangs');
      verifier.follow(more, of(podsOf(more, 20), { timeoutSeconds: 60, intervalSeconds: 60 }));
      await settle();
      expect(inFlight('evil/')).toBeLessThanOrEqual(SLOTS / 2);
      const before = asked.length;
      verifier.follow(`good-${round}/new`, of([`new-${round}`]));
      await settle();
      expect(asked.slice(before)).toEqual([`new-${round}`]);
    }
  });

  it('do not keep another tenant\'s verified pods from being asked at their interval', async () => {
    const { clock, verifier, asked } = await besideHanging(['evil'], 5, 20);
    verifier.follow('good/a', of(['a-1'], { intervalSeconds: 30 }));
    await clock.advance(91_000);
    expect(asked.filter((pod) => pod === 'a-1')).toHaveLength(4);
  });
});

describe('hanging pods of many namespaces', () => {
  it('leave a slot to another one while they are six', async () => {
    const { verifier, asked } = await besideHanging(['e1', 'e2', 'e3', 'e4', 'e5', 'e6'], 5, 20);
    const before = asked.length;
    verifier.follow('good/new', of(['new']));
    await settle();
    expect(asked.slice(before)).toEqual(['new']);
  });

  it.each(['slow to pass', 'quick at first'])('nor do pods of many namespaces that pass, but slowly, hold more than half of the slots for long: %s', async (how) => {
    const { clock, verifier, behaviour, hanging, pass } = start(SLOTS);
    const keys = Array.from({ length: 40 }, (_, index) => `e${index}/slow`);
    for (const key of keys) {
      if (how === 'slow to pass') behaviour.set(key, 'hangs');
      verifier.follow(key, of([key], { timeoutSeconds: 60, intervalSeconds: 60 }));
    }
    await settle();
    for (const key of keys) behaviour.set(key, 'hangs');
    let most = 0;
    for (let seconds = 0; seconds < 600; seconds += 20) {
      await clock.advance(17_000);
      const asked = [...hanging.keys()];
      if (seconds > 300) most = Math.max(most, asked.length);
      await clock.advance(3000);
      pass(...asked);
      await settle();
    }
    expect(most).toBe(SLOTS / 2);
  });

  it('of one MCPServer that passes slowly wait with those that fail, new ones too', async () => {
    const { clock, verifier, behaviour, hanging, pass } = start(SLOTS);
    behaviour.set('a-0', 'hangs');
    verifier.follow('ns/a', of(['a-0']));
    await clock.advance(5000);
    pass('a-0');
    await settle();
    const pods = podsOf('a', 9);
    for (const pod of pods) behaviour.set(pod, 'hangs');
    verifier.follow('ns/a', of(pods));
    await settle();
    expect([...hanging.keys()]).toEqual(['a-1']);
  });

  it('leave half of the slots to others once they are known to hang, however many they are', async () => {
    const namespaces = Array.from({ length: 40 }, (_, index) => `e${index}`);
    const { clock, verifier, asked, hanging, giveUp } = await besideHanging(namespaces, 1, 2);
    const known = new Set<string>();
    for (let round = 0; known.size < 80 && round < 200; round += 1) {
      for (const pod of hanging.keys()) known.add(pod);
      giveUp(...hanging.keys());
      await clock.advance(1);
    }
    await clock.advance(60_000);
    expect(hanging.size).toBe(SLOTS / 2);
    const before = asked.length;
    for (let index = 0; index < 8; index += 1) verifier.follow(`good-${index}/new`, of([`new-${index}`]));
    await settle();
    expect(asked.slice(before)).toEqual(Array.from({ length: 8 }, (_, index) => `new-${index}`));
  });
});

describe('an MCPServer all of whose pods fail', () => {
  const look = { intervalSeconds: 300 };

  it('is asked once in each step, its pods in turn, after each was asked once', async () => {
    const { clock, verifier, behaviour, asked } = start();
    const pods = podsOf('a', 3);
    for (const pod of pods) behaviour.set(pod, 'is missing');
    verifier.follow('ns/a', of(pods, look));
    await clock.advance(0);
    expect(asked).toEqual(pods);
    const steps = [1, 3, 8, 18, 30, 70, 150, 310, 610, 910].map((seconds) => seconds * 1000);
    let nowMs = 0;
    for (const [index, at] of steps.entries()) {
      await clock.advance(at - nowMs - 1);
      expect(asked).toHaveLength(3 + index);
      await clock.advance(1);
      nowMs = at;
      expect(asked).toHaveLength(4 + index);
    }
    for (const pod of pods) expect(asked.slice(3).filter((each) => each === pod).length).toBeGreaterThanOrEqual(3);
    expect(verifier.follow('ns/a', of(pods, look)).map(({ settled }) => settled?.reason)).toEqual(['WrongPath', 'WrongPath', 'WrongPath']);
  });

  it('is found to work again by whichever of its pods is asked, and the others are asked at once', async () => {
    const { clock, verifier, behaviour, asked } = start();
    const pods = podsOf('a', 3);
    for (const pod of pods) behaviour.set(pod, 'is missing');
    verifier.follow('ns/a', of(pods, look));
    await clock.advance(1_000_000);
    for (const pod of pods) behaviour.set(pod, 'passes');
    const before = asked.length;
    await clock.advance(302_000);
    expect(new Set(asked.slice(before))).toEqual(new Set(pods));
    expect(verifier.follow('ns/a', of(pods, look)).map(({ settled }) => settled?.outcome)).toEqual(['Passed', 'Passed', 'Passed']);
  });

  it('has a new pod asked at once', async () => {
    const { clock, verifier, behaviour, asked } = start();
    behaviour.set('a-0', 'is missing').set('a-1', 'is missing');
    verifier.follow('ns/a', of(['a-0', 'a-1'], look));
    await clock.advance(200_000);
    const before = asked.length;
    verifier.follow('ns/a', of(['a-0', 'a-1', 'fixed'], look));
    await settle();
    expect(asked.slice(before)).toEqual(['fixed']);
    expect(verifier.follow('ns/a', of(['fixed'], look))).toMatchObject([{ settled: { outcome: 'Passed' } }]);
  });

  it('has pods never asked count for nothing, however long the first ones take', async () => {
    const { verifier, behaviour } = start();
    for (const pod of podsOf('a', 5)) behaviour.set(pod, 'hangs');
    const probes = verifier.follow('ns/a', of(podsOf('a', 5), look));
    await settle();
    expect(probes.map(({ latest, settled }) => latest ?? settled)).toEqual(podsOf('a', 5).map(() => undefined));
  });

  it('has no pod asked while another one takes its time, nor two turns made of one', async () => {
    const { clock, verifier, behaviour, asked, giveUp } = start();
    for (const pod of ['a-0', 'a-1']) behaviour.set(pod, 'is missing');
    verifier.follow('ns/a', of(['a-0', 'a-1'], look));
    await settle();
    behaviour.set('a-0', 'hangs');
    await clock.advance(500_000);
    verifier.follow('ns/a', of(['a-0', 'a-1'], { intervalSeconds: 60 }));
    await clock.advance(500_000);
    expect(asked).toEqual(['a-0', 'a-1', 'a-0']);
    giveUp('a-0');
    await settle();
    expect(asked).toHaveLength(3);
    await clock.advance(2000);
    expect(asked.slice(3)).toEqual(['a-1']);
  });

  it('is asked on when the pod whose turn it is goes', async () => {
    const { clock, verifier, behaviour, asked } = start();
    for (const pod of ['a-0', 'a-1']) behaviour.set(pod, 'is missing');
    verifier.follow('ns/a', of(['a-0', 'a-1'], look));
    await settle();
    behaviour.set('a-0', 'hangs');
    await clock.advance(1000);
    expect(asked).toEqual(['a-0', 'a-1', 'a-0']);
    verifier.follow('ns/a', of(['a-1'], look));
    await settle();
    await clock.advance(1);
    expect(asked.slice(3)).toEqual(['a-1']);
  });
});

describe('an MCPServer of which one pod fails', () => {
  it('has that one asked again in short steps, the others at the interval', async () => {
    const { clock, verifier, behaviour, asked } = start();
    behaviour.set('a-1', 'is missing');
    const pods = podsOf('a', 3);
    verifier.follow('ns/a', of(pods));
    await clock.advance(290_000);
    expect(asked.filter((pod) => pod !== 'a-1')).toEqual(['a-0', 'a-2']);
    expect(asked.filter((pod) => pod === 'a-1')).toHaveLength(8);
    expect(verifier.follow('ns/a', of(pods)).map(({ settled }) => settled?.outcome)).toEqual(['Passed', 'Failed', 'Passed']);
  });

  it('has one that begins to fail later asked again a second later, although the other is asked rarely by now', async () => {
    const { clock, verifier, behaviour, asked } = start();
    behaviour.set('a-1', 'is missing');
    const pods = podsOf('a', 2);
    verifier.follow('ns/a', of(pods));
    await clock.advance(299_000);
    behaviour.set('a-0', 'is missing');
    await clock.advance(1000);
    expect(asked.at(-1)).toBe('a-0');
    const before = asked.length;
    await clock.advance(1000);
    expect(asked.slice(before)).toEqual(['a-0']);
    expect(verifier.follow('ns/a', of(pods)).map(({ settled }) => settled?.outcome)).toEqual(['Failed', 'Failed']);
  });
});
