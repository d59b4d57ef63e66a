// What the span of a request to the API server says: never which object it was about.
import { expect, it } from 'vitest';
import { requestSpan } from '../../../mcp-server/tracing/request-span.ts';

it.each([
  ['/api/v1/nodes', '/api/v1/nodes'],
  ['/readyz', '/readyz'],
  ['/api/v1/namespaces/shop/pods', '/api/v1/namespaces/{namespace}/pods'],
  ['/api/v1/namespaces/pods/pods/pods', '/api/v1/namespaces/{namespace}/pods/{name}'],
  ['/api/v1/namespaces/namespaces/pods/log/log', '/api/v1/namespaces/{namespace}/pods/{name}/log'],
])('the path %s is %s', (path, template) => {
  const { name, attributes } = requestSpan({ method: 'GET', path, status: 200, seconds: 1 });
  expect([name, attributes]).toEqual([`GET ${template}`, { 'http.request.method': 'GET', 'url.template': template, 'http.response.status_code': 200 }]);
});

it('a path that is not known is not told', () => {
  expect(requestSpan({ method: 'GET', path: '/api/v1/secrets/hunter2', status: 200, seconds: 1 })).toEqual({
    name: 'GET', attributes: { 'http.request.method': 'GET', 'http.response.status_code': 200 },
  });
});

it.each([
  [{ status: 404 }, { 'http.response.status_code': 404, 'error.type': '404' }],
  [{ status: 302 }, { 'http.response.status_code': 302 }],
  [{ status: undefined, failure: 'Timeout' as const }, { 'error.type': 'Timeout' }],
  [{ status: undefined }, { 'error.type': 'cancelled' }],
])('an end of %j says %j', (end, attributes) => {
  expect(requestSpan({ method: 'GET', path: '/readyz', seconds: 1, ...end }).attributes).toEqual({ 'http.request.method': 'GET', 'url.template': '/readyz', ...attributes });
});
