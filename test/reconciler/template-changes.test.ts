import { expect, it } from 'vitest';
import { TemplateChanges } from '../../reconciler/template-changes.ts';
import { deploymentObject, NOW } from './situations.ts';

it('a template counts from when it was seen to change, not from when it was first seen', () => {
  const changes = new TemplateChanges();
  const [one, other] = ['a', 'b'].map((image) => ({ ...deploymentObject(), spec: { replicas: 1, template: { image } } }));
  if (one === undefined || other === undefined) throw new Error('two Deployments are needed');
  const later = new Date(NOW.getTime() + 1000);
  expect(changes.look('tools/demo', one, NOW)).toBeUndefined();
  expect(changes.look('tools/demo', { ...one, spec: { ...one.spec, replicas: 3 } }, NOW)).toBeUndefined();
  expect([changes.look('tools/demo', other, NOW), changes.look('tools/demo', other, later)]).toEqual([NOW, NOW]);
  changes.forget('tools/demo');
  expect(changes.look('tools/demo', one, later)).toBeUndefined();
});
