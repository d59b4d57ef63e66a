import { expect, it } from 'vitest';
import type { DeploymentObject } from '../../../reconciler/kinds.ts';
import { TemplateChanges } from '../../../reconciler/status/template-changes.ts';
import { isCollected } from '../../support/garbage.ts';
import { deploymentObject, NOW } from './situations.ts';

const LATER = new Date(NOW.getTime() + 1000);

/** A Deployment as the API server counts its specs; `template` stands for all of the pod template. */
function deployment(generation: number, template: object, { replicas = 1, uid = 'u' } = {}): DeploymentObject {
  const { metadata, ...rest } = deploymentObject();
  return { ...rest, metadata: { ...metadata, uid, generation }, spec: { replicas, template } };
}

it('a template counts from when it was seen to change, not from when it was first seen', () => {
  const changes = new TemplateChanges();
  const [one, other] = [{ image: 'a' }, { image: 'b' }];
  expect(changes.note(deployment(1, one), NOW)).toBeUndefined();
  expect(changes.note(deployment(2, one, { replicas: 3 }), NOW)).toBeUndefined();
  expect(changes.note(deployment(3, other), NOW)).toEqual(NOW);
  expect(changes.note(deployment(4, other, { replicas: 5 }), LATER)).toEqual(NOW);
});

it('the template of a Deployment that took the place of another counts from then, even where it is the same', () => {
  const changes = new TemplateChanges();
  expect(changes.note(deployment(1, { image: 'a' }), NOW)).toBeUndefined();
  expect(changes.note(deployment(1, { image: 'a' }, { uid: 'another' }), LATER)).toEqual(LATER);
});

it('a template is not read again while the API server counts no change of the spec', () => {
  const changes = new TemplateChanges();
  let reads = 0;
  const template = (): object => ({ get image() { reads += 1; return 'a'; } });
  for (let look = 0; look < 3; look += 1) expect(changes.note(deployment(1, template()), NOW)).toBeUndefined();
  expect(reads).toBe(0);
  expect(changes.note(deployment(2, template()), NOW)).toBeUndefined();
  expect(reads).toBeGreaterThan(0);
});

it('the template that a write returned is not kept once the cache has it', async () => {
  const changes = new TemplateChanges();
  const written = (): WeakRef<object> => {
    const template = { image: 'a' };
    changes.note(deployment(1, template), NOW);
    return new WeakRef(template);
  };
  const template = written();
  expect(changes.note(deployment(1, { image: 'a' }), NOW)).toBeUndefined();
  expect(await isCollected(template)).toBe(true);
  expect(changes.note(deployment(2, { image: 'a' }), LATER)).toBeUndefined();
});
