import { describe, expect, test } from 'vitest';
import { apiVersionOf, CONFIG_MAPS, DEPLOYMENTS, NODES, PODS, resourcePath } from '../../kubernetes/objects.ts';

describe('the request path', () => {
  test('of the core group starts with /api/v1, of any other with /apis', () => {
    expect(resourcePath(CONFIG_MAPS, { namespace: 'demo', name: 'x' })).toBe('/api/v1/namespaces/demo/configmaps/x');
    expect(resourcePath(DEPLOYMENTS, { namespace: 'demo', name: 'x' })).toBe('/apis/apps/v1/namespaces/demo/deployments/x');
    expect(apiVersionOf(CONFIG_MAPS)).toBe('v1');
    expect(apiVersionOf(DEPLOYMENTS)).toBe('apps/v1');
  });

  test('without a name is a collection, without a namespace all namespaces', () => {
    expect(resourcePath(PODS, { namespace: 'demo' })).toBe('/api/v1/namespaces/demo/pods');
    expect(resourcePath(PODS, {})).toBe('/api/v1/pods');
  });

  test('of a cluster-scoped type has no namespace', () => {
    expect(resourcePath(NODES, { namespace: 'demo', name: 'n1' })).toBe('/api/v1/nodes/n1');
  });

  test('ends with the subresource', () => {
    expect(resourcePath(PODS, { namespace: 'demo', name: 'x', subresource: 'log' })).toBe('/api/v1/namespaces/demo/pods/x/log');
  });

  test('escapes what a name may carry', () => {
    expect(resourcePath(PODS, { namespace: 'demo', name: 'x?watch=1#%2f' })).toBe('/api/v1/namespaces/demo/pods/x%3Fwatch%3D1%23%252f');
  });

  test.each(['', '.', '..', 'a/b', '../secrets'])('refuses the name %j', (name) => {
    expect(() => resourcePath(PODS, { namespace: 'demo', name })).toThrow(RangeError);
    expect(() => resourcePath(PODS, { namespace: name, name: 'x' })).toThrow(RangeError);
  });

  test('of a namespaced object needs a namespace', () => {
    expect(() => resourcePath(PODS, { name: 'x' })).toThrow('Pod x needs a namespace');
  });
});
