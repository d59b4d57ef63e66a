// What a client reads when the cluster refuses: one sentence and what to do.
import { describe, expect, test } from 'vitest';
import { ApiError, type ApiErrorKind } from '../../kubernetes/errors.ts';
import type { Action } from '../../mcp-server/cluster/port.ts';
import { explain } from '../../mcp-server/errors.ts';

const create: Action = { verb: 'create', resource: 'pods', namespace: 'shop', name: 'web' };
const logs: Action = { verb: 'get', resource: 'pods/log', namespace: 'shop', name: 'web' };
const nodes: Action = { verb: 'list', resource: 'nodes' };

const cases: [ApiErrorKind, { message: string; action: Action }, string][] = [
  ['NotFound', { message: 'pods "web" not found', action: logs }, 'k8s://namespace/shop/pods'],
  ['NotFound', { message: 'namespaces "shop" not found', action: create }, 'Namespace "shop" may not exist'],
  ['AlreadyExists', { message: 'pods "web" already exists', action: create }, 'delete-pod'],
  ['Forbidden', { message: 'User "x" cannot create resource "pods"', action: create }, 'a Role in namespace "shop" (or a ClusterRole) with the rule apiGroups: [""], resources: ["pods"], verbs: ["create"]'],
  ['Forbidden', { message: 'cannot list resource "nodes"', action: nodes }, 'a ClusterRole with the rule apiGroups: [""], resources: ["nodes"], verbs: ["list"]'],
  ['Forbidden', { message: 'cannot get resource "pods/log"', action: logs }, 'resources: ["pods/log"], verbs: ["get"]'],
  ['Forbidden', { message: 'pods "web" is forbidden: violates PodSecurity "restricted:latest"', action: create }, 'enforces a Pod Security level'],
  ['Forbidden', { message: 'pods "web" is forbidden: exceeded quota: small', action: create }, 'ResourceQuota'],
  ['Unauthorized', { message: 'Unauthorized', action: create }, 'may have expired'],
  ['BadRequest', { message: 'a container name must be specified', action: logs }, 'argument container'],
  ['Invalid', { message: 'spec is bad', action: create }, 'Change the arguments'],
  ['Server', { message: 'dial tcp: no route to host', action: logs }, 'kubelet'],
  ['Server', { message: 'etcd is gone', action: create }, 'try again'],
  ['Network', { message: 'ECONNREFUSED', action: nodes }, 'could not be reached'],
  ['Timeout', { message: 'no answer', action: nodes }, 'could not be reached'],
  ['Conflict', { message: 'changed', action: create }, 'try again'],
];

describe('an error of the API server', () => {
  test.each(cases)('%s: %j', (kind, { message, action }, hint) => {
    const { text, expected } = explain(new ApiError(kind, message), action);
    const [sentence, advice, ...rest] = text.split('\n');
    expect(sentence).toMatch(/^Could not .*\.$/);
    expect(sentence).toContain(message);
    expect(advice).toMatch(/^Hint: /);
    expect(advice).toContain(hint);
    expect([rest, expected]).toEqual([[], true]);
  });

  test('says when to try again if the API server did', () => {
    expect(explain(new ApiError('TooManyRequests', 'busy', { retryAfterSeconds: 7 }), nodes).text).toContain('in 7 s');
  });
});

test('an unexpected error tells the client nothing of its message', () => {
  const { text, expected } = explain(new TypeError('password hunter2 is undefined'), create);
  expect(text).toBe('Could not create pod "web" in namespace "shop" because of an internal error. The log of the Kubernetes MCP server has the details.');
  expect(expected).toBe(false);
});
