// Whatever happens between watches and looks: in the end the last version was seen, and nothing counts as told that hides another.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { News } from '../../../reconciler/references/news.ts';

type Step = 'write' | 'delete' | 'deliver' | 'relist' | 'begin' | 'answer';

/** An object, a watch that tells of it late, and looks that see it as it is when they are answered. */
class Play {
  readonly news = new News();
  live: string | undefined;
  /** Versions that the watch has not told yet. */
  untold: (string | undefined)[] = [];
  seen: string | undefined;
  isWanted = true;
  isLooking = false;
  /** Versions the object had since the look before, the present one included. */
  hadSince: (string | undefined)[] = [];
  readonly hidden: string[] = [];
  #writes = 0;

  do(step: Step): void {
    if (step === 'write' || step === 'delete') this.#write(step);
    else if (step === 'deliver' && this.untold.length > 0) this.#tell(this.untold.shift(), true);
    else if (step === 'relist') this.#relist();
    else if (step === 'begin' && this.isWanted && !this.isLooking) this.#begin();
    else if (step === 'answer' && this.isLooking) this.#answer();
  }

  settle(): void {
    for (let round = 0; round < 50; round += 1) for (const step of ['deliver', 'begin', 'answer'] as const) this.do(step);
  }

  #write(step: 'write' | 'delete'): void {
    if (step === 'delete' && this.live === undefined) return;
    this.#writes += 1;
    this.live = step === 'delete' ? undefined : String(this.#writes);
    this.untold.push(this.live);
    this.hadSince.push(this.live);
  }

  #relist(): void {
    this.untold = [];
    this.#tell(this.live, false);
  }

  #tell(version: string | undefined, told: boolean): void {
    if (this.news.tell(version, told)) this.isWanted = true;
  }

  #begin(): void {
    this.news.begin();
    this.isLooking = true;
    this.isWanted = false;
  }

  #answer(): void {
    const { told, again } = this.news.saw(this.live);
    this.isLooking = false;
    this.isWanted = again;
    this.seen = this.live;
    if (told && this.hadSince.length > 1) this.hidden.push(`${this.hadSince.join()} seen as ${this.live}`);
    this.hadSince = [];
  }
}

const steps = fc.array(fc.constantFrom<Step>('write', 'write', 'delete', 'deliver', 'relist', 'begin', 'answer'), { maxLength: 40 });

describe('what watches tell', () => {
  it('leads to a look at the last version, and hides none before it', () => {
    fc.assert(fc.property(steps, (all) => {
      const play = new Play();
      for (const step of all) play.do(step);
      play.settle();
      expect([play.seen, play.hidden, play.isWanted]).toEqual([play.live, [], false]);
    }), { numRuns: 30000 });
  });

  it('is told where one event alone led to the look that saw its version', () => {
    const play = new Play();
    for (const step of ['begin', 'answer', 'write', 'deliver', 'begin'] as const) play.do(step);
    expect(play.news.saw('1')).toEqual({ told: true, again: false });
  });

  it('calls for no look where the version was seen already', () => {
    const play = new Play();
    for (const step of ['write', 'begin', 'answer'] as const) play.do(step);
    expect([play.news.tell('1', true), play.news.tell('1', false)]).toEqual([false, false]);
  });

  it('calls for a look once what was seen counts no longer', () => {
    const news = new News();
    news.begin();
    news.saw('1');
    news.forget();
    expect(news.tell('1', false)).toBe(true);
  });
});
