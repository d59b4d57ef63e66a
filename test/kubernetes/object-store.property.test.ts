// Whatever happens to a store, an index answers as a filter over all objects would.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ObjectStore } from '../../kubernetes/object-store.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';

/** Few of each, so that names are taken again, keys are shared and left, and namespaces empty themselves. */
const NAMESPACES = ['one', 'two'];
const COLOURS = ['red', 'blue', '__proto__', ''];

const object: fc.Arbitrary<KubernetesObject> = fc.record({
  metadata: fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    namespace: fc.constantFrom(...NAMESPACES),
    uid: fc.constantFrom('first', 'second'),
    resourceVersion: fc.constantFrom('1', '2', '3', '4', '5'),
    labels: fc.dictionary(fc.constantFrom('body', 'trim'), fc.constantFrom(...COLOURS)),
  }, { requiredKeys: ['name', 'namespace', 'uid', 'resourceVersion'] }),
});

type Step = readonly ['put' | 'remove', KubernetesObject] | readonly ['replace', KubernetesObject[], string | undefined];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('put' as const), object) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('remove' as const), object) },
  { weight: 1, arbitrary: fc.option(fc.constantFrom(...NAMESPACES), { nil: undefined }).chain((namespace): fc.Arbitrary<Step> => {
    const items = fc.uniqueArray(object, { selector: ({ metadata }) => `${metadata.namespace}/${metadata.name}` });
    const inside = items.map((all) => all.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace));
    return fc.tuple(fc.constant('replace' as const), inside, fc.constant(namespace));
  }) },
);

/** Under no key, under one, or under two that may be the same. */
function coloursOf({ metadata: { labels = {} } }: KubernetesObject): string[] {
  return Object.values(labels);
}

function follow(store: ObjectStore<KubernetesObject, 'colour'>, [kind, subject, namespace]: Step): void {
  if (kind === 'replace') store.replace(subject, namespace);
  else if (kind === 'put') store.put(subject);
  else store.remove(subject);
}

function expectAnswersOfAFilter(store: ObjectStore<KubernetesObject, 'colour'>): void {
  const all = store.list();
  for (const colour of [...COLOURS, 'never']) {
    expect(new Set(store.byIndex('colour', colour)), colour).toEqual(new Set(all.filter((each) => coloursOf(each).includes(colour))));
  }
  for (const namespace of [...NAMESPACES, 'three']) {
    expect(new Set(store.list(namespace))).toEqual(new Set(all.filter(({ metadata }) => metadata.namespace === namespace)));
  }
}

test('after any sequence of puts, removals and relists an index answers as a filter does, also to those who are told of the changes', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const store = new ObjectStore<KubernetesObject, 'colour'>(() => expectAnswersOfAFilter(store), { colour: coloursOf });
    for (const each of steps) {
      follow(store, each);
      expectAnswersOfAFilter(store);
      expect(store.byIndex('colour', 'red').length).toBe(new Set(store.byIndex('colour', 'red')).size);
    }
  }), { numRuns: 300 });
});

function at(namespace: string, name: string): KubernetesObject {
  return { metadata: { namespace, name, uid: 'u', resourceVersion: '1', labels: { body: 'red' } } };
}

test('a relist of one namespace leaves the others as they are', () => {
  const changes: string[] = [];
  const store = new ObjectStore<KubernetesObject, 'colour'>(
    ({ type, object: { metadata } }) => changes.push(`${type} ${metadata.namespace}/${metadata.name}`),
    { colour: coloursOf },
  );
  store.replace([at('one', 'a'), at('two', 'a')]);
  store.replace([at('one', 'b')], 'one');
  expect(changes).toEqual(['ADDED one/a', 'ADDED two/a', 'DELETED one/a', 'ADDED one/b']);
  expect(store.byIndex('colour', 'red')).toEqual([at('two', 'a'), at('one', 'b')]);
});
