import { describe, expect, it } from 'vitest';
import { lackingField } from '../../../reconciler/compare/lacking.ts';

const deployment = (pod: object): object => ({ metadata: { labels: { team: 'a' } }, spec: { template: { spec: pod } } });

describe('the field that a live object lacks', () => {
  it.each<{ what: string; live: object; desired: object; path: string | undefined }>([
    { what: 'nothing, where it holds all and more', live: { hostUsers: true, x: 1 }, desired: { hostUsers: true }, path: undefined },
    { what: 'one that is not there', live: {}, desired: { schedulingGroup: { podGroupName: 'a' } }, path: 'spec.template.spec.schedulingGroup' },
    { what: 'one with another value, as deep as it is', live: { dnsConfig: { searches: ['a'] } }, desired: { dnsConfig: { searches: ['b'] } }, path: 'spec.template.spec.dnsConfig.searches' },
    { what: 'one of an item, by the name of the item', live: { containers: [{ name: 'a', image: 'x' }] }, desired: { containers: [{ name: 'a', image: 'y' }] }, path: 'spec.template.spec.containers[a].image' },
    { what: 'an item that is not there', live: { volumes: [{ name: 'b' }] }, desired: { volumes: [{ name: 'a' }] }, path: 'spec.template.spec.volumes[a]' },
  ])('is $what', ({ live, desired, path }) => {
    expect(lackingField(deployment(live), deployment(desired))).toBe(path);
  });
});
