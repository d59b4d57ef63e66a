import { expect, test } from 'vitest';
import { steppingStone } from '../../../reconciler/children/make-way.ts';
import { renderSpec } from '../../support/rendered.ts';

const outside = { loadBalancerClass: 'a', externalTrafficPolicy: 'Local' as const, loadBalancerSourceRanges: ['192.0.2.0/24'], nodePort: 30_001 };
const service = renderSpec({ service: { type: 'LoadBalancer', port: 80, ...outside } }).find('Service')!;

test('on the way to another load balancer the Service is none, and otherwise what it will be', () => {
  expect(steppingStone(service, ['spec.loadBalancerClass'])).toEqual(renderSpec({ service: { port: 80 } }).find('Service'));
});

test('no other immutable field, and no other kind, is changed by a detour', () => {
  expect(steppingStone(service, ['spec.loadBalancerClass', 'spec.clusterIP'])).toBeUndefined();
  expect(steppingStone({ ...service, kind: 'Deployment' }, ['spec.loadBalancerClass'])).toBeUndefined();
});
