// Whatever happens in whatever order: in the end no pod runs with anything but what is there.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Manifest } from '../../../charts/render.ts';
import type { KubernetesObject } from '../../../kubernetes/objects.ts';
import { parseRecord, type Known } from '../../../reconciler/references/record.ts';
import type { ObjectState } from '../../../reconciler/references/followed.ts';
import { decide, REFERENCES_ANNOTATION } from '../../../reconciler/references/token.ts';

const NAMES = ['p', 'q', 'r'] as const;
type Name = (typeof NAMES)[number];
type Wanted = Partial<Record<Name, 'needed' | 'optional'>>;

type Step =
  | { readonly write: Name; readonly value: string | undefined }
  | { readonly spec: Wanted }
  | { readonly pass: number }
  | { readonly refuse: Name; readonly on: boolean }
  | 'see' | 'reconcile' | 'restart the operator';

/** A cluster with one server, and an operator that sees it with delay. */
class World {
  readonly #there = new Map<Name, string>();
  /** Names whose object was created and not reconciled with yet; and those whose data changed since their creation. */
  readonly #created = new Set<Name>();
  readonly #edited = new Set<Name>();
  readonly #seen = new Map<Name, { value: string | undefined; at: number; fresh: boolean }>();
  readonly #refused = new Set<Name>();
  #writes = 0;
  /** Names whose object the operator could not see when pods first used it, or was created twice before a reconcile with the first: nothing can be promised of these. */
  readonly unpromised = new Set<Name>();
  #wanted: Wanted = { p: 'needed' };
  #applied: Wanted | undefined;
  #record: string | undefined;
  #template: string | undefined;
  #pods: Map<Name, string> | 'waiting' | undefined;
  #pendingSince: number | undefined;
  #now = 0;
  rollouts = 0;

  do(step: Step): void {
    if (step === 'see') this.#see();
    else if (step === 'reconcile') this.#reconcile();
    else if (step === 'restart the operator') this.#pendingSince = undefined;
    else if ('pass' in step) this.#now += step.pass;
    else if ('spec' in step) this.#wanted = step.spec;
    else if ('refuse' in step && step.on) this.#refused.add(step.refuse);
    else if ('refuse' in step) this.#refused.delete(step.refuse);
    else this.#write(step.write, step.value);
    if (this.#pods === 'waiting') this.#startPods();
  }

  /** Lets everything be seen and done, and tells with what pods run and with what they should. */
  settle(): { pods: Record<string, string | undefined>; objects: Record<string, string | undefined> } {
    this.#refused.clear();
    for (let round = 0; round < 4; round += 1) {
      for (const step of ['see', { pass: 40_000 }, 'reconcile'] as const) this.do(step);
    }
    const pods = this.#pods instanceof Map ? this.#pods : undefined;
    const used = NAMES.filter((name) => this.#wanted[name] !== undefined && !this.unpromised.has(name) && this.#there.has(name));
    const pick = (from: ReadonlyMap<Name, string>): Record<string, string | undefined> =>
      Object.fromEntries(used.map((name) => [name, from.get(name)]));
    return { pods: pods === undefined ? pick(this.#there) : pick(pods), objects: pick(this.#there) };
  }

  /** Every write that changes something is on record with its time, and an object created again is another one. */
  #write(name: Name, data: string | undefined): void {
    const before = this.#there.get(name);
    if (data === undefined) {
      this.#there.delete(name);
      return;
    }
    if (before?.startsWith(`${data} `) === true) return;
    this.#writes += 1;
    const value = `${data} by write ${this.#writes}`;
    if (before !== undefined) this.#edited.add(name);
    if (before === undefined) {
      if (this.#created.has(name)) this.unpromised.add(name);
      this.#created.add(name);
      this.#edited.delete(name);
    }
    this.#there.set(name, value);
  }

  /** As after a list: what happened in between is not told. */
  #see(): void {
    for (const name of NAMES) {
      const value = this.#there.get(name);
      const fresh = !this.#edited.has(name);
      const seen = this.#seen.get(name);
      if (seen?.value !== value || seen?.fresh !== fresh) this.#seen.set(name, { value, fresh, at: this.#now });
    }
  }

  #known(): Known[] {
    return NAMES.flatMap((name): Known[] => {
      const want = this.#wanted[name];
      if (want === undefined) return [];
      const isNeeded = want === 'needed';
      const reference = { kind: 'Secret', name, fields: [], required: isNeeded, holdsPods: isNeeded, requiredKeys: [], keys: 'all' } as const;
      return [{ reference, observed: { ...this.#stateOf(name), at: this.#seen.get(name)?.at ?? 0, told: false } }];
    });
  }

  #stateOf(name: Name): ObjectState {
    const seen = this.#seen.get(name);
    if (this.#refused.has(name)) return { state: 'Refused' };
    if (seen === undefined) return { state: 'Waiting' };
    return seen.value === undefined ? { state: 'Absent' } : { state: 'Present', digest: { kind: 'Secret', hash: seen.value, fresh: seen.fresh } };
  }

  #reconcile(): void {
    const known = this.#known();
    if (known.some(({ observed }) => observed.state === 'Waiting')) return;
    const before = parseRecord(this.#record);
    const isNew = JSON.stringify(this.#applied) !== JSON.stringify(this.#wanted);
    for (const { reference: { name }, observed } of known) {
      if (observed.state === 'Present') this.#created.delete(name as Name);
      if (observed.state === 'Refused' && (isNew || !before.has(`Secret/${name}`))) this.unpromised.add(name as Name);
    }
    const desired = templated(this.#wanted) as Manifest;
    const annotations = this.#record === undefined ? {} : { [REFERENCES_ANNOTATION]: this.#record };
    const metadata = { name: 'demo', annotations };
    const live = this.#applied && ({ ...templated(this.#applied, this.#template), metadata } as KubernetesObject);
    const { token, waitMs } = decide({
      onReferenceChange: 'Restart',
      known,
      live,
      desired: () => desired,
      pendingSince: this.#pendingSince,
      now: this.#now,
    });
    this.#pendingSince = waitMs === undefined ? undefined : (this.#pendingSince ?? this.#now);
    this.#record = token.record;
    this.#applied = this.#wanted;
    if (token.restart === undefined && !isNew) return;
    if (token.restart !== undefined) this.#template = token.restart.value;
    this.rollouts += 1;
    this.#pods = 'waiting';
    this.#startPods();
  }

  /** Pods start with what is there as soon as all is there that they need. */
  #startPods(): void {
    if (NAMES.some((name) => this.#applied?.[name] === 'needed' && !this.#there.has(name))) return;
    this.#pods = new Map(this.#there);
  }
}

/** Each reference is an item of its own kind, as in a pod: one that goes leaves a template that is contained in the old one. */
function templated(wanted: Wanted, annotation?: string): object {
  const env = Object.entries(wanted).map(([name, want]) => ({
    name,
    valueFrom: { secretKeyRef: { name, key: 'k', ...(want === 'optional' && { optional: true }) } },
  }));
  const annotations = annotation === undefined ? {} : { [REFERENCES_ANNOTATION]: annotation };
  const template = { metadata: { annotations }, spec: { containers: [{ name: 'c', env }] } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'demo' }, spec: { template } };
}

const name = fc.constantFrom(...NAMES);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Step>('see', 'reconcile') },
  { weight: 3, arbitrary: fc.record({ write: name, value: fc.constantFrom('1', '2', '3', undefined) }) },
  { weight: 2, arbitrary: fc.record({ pass: fc.constantFrom(500, 1500, 2500, 31_000) }) },
  { weight: 1, arbitrary: fc.record({ spec: fc.dictionary(name, fc.constantFrom('needed', 'optional')) }) },
  { weight: 1, arbitrary: fc.record({ refuse: name, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant<Step>('restart the operator') },
);

it('in the end pods run with what is there, whatever happened before and in whatever order it was seen', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const world = new World();
    for (const each of steps) world.do(each);
    const { pods, objects } = world.settle();
    expect(pods).toEqual(objects);
  }), { numRuns: 5000 });
});

it('what does not change rolls nothing, however often it is looked at', () => {
  const world = new World();
  for (const each of [{ write: 'p', value: '1' }, 'see', 'reconcile', { pass: 40_000 }, 'reconcile', 'see', 'restart the operator', 'reconcile'] as const) world.do(each);
  world.settle();
  expect(world.rollouts).toBe(1);
});
