import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../kubernetes/objects.ts';
import { ownership, withOwner } from '../../../reconciler/children/ownership.ts';
import { render } from '../../../charts/render.ts';
import { serverObject } from '../status/situations.ts';

const server = serverObject();
const API_VERSION = 'mcp.example.com/v1alpha1';
const MARK = { 'mcp.example.com/owner': 'tools/demo/uid-1' };

function object(metadata: Partial<KubernetesObject['metadata']>): KubernetesObject {
  return { metadata: { name: 'demo', namespace: 'tools', ...metadata } };
}

function controlledBy(uid: string, name = 'demo', more: { kind?: string; apiVersion?: string } = {}): Partial<KubernetesObject['metadata']> {
  return { ownerReferences: [{ apiVersion: API_VERSION, kind: 'MCPServer', name, uid, controller: true, ...more }] };
}

describe('an existing object', () => {
  it.each<[string, Partial<KubernetesObject['metadata']>, object]>([
    ['is owned when its controller is this MCPServer', controlledBy('uid-1'), { kind: 'owned', attached: true }],
    ['is owned, but detached, when only the mark is left', { annotations: MARK }, { kind: 'owned', attached: false }],
    ['is a leftover when its controller was an MCPServer of the same name', controlledBy('uid-0'), { kind: 'leftover' }],
    ['is foreign when another MCPServer controls it', controlledBy('uid-2', 'other'), { kind: 'foreign', owner: 'owned by MCPServer other' }],
    ['is foreign when something else of the same name controls it', controlledBy('uid-2', 'demo', { kind: 'App', apiVersion: 'example.com/v1' }), { kind: 'foreign', owner: 'owned by App demo' }],
    ['is foreign when a stranger controls it, whatever the marks say', { ...controlledBy('uid-2', 'other'), annotations: { ...MARK, 'mcp.example.com/adopt-by': 'demo' } }, { kind: 'foreign', owner: 'owned by MCPServer other' }],
    ['is foreign when nobody is known to own it', {}, { kind: 'foreign', owner: 'no owner named on it' }],
    ['is foreign when the mark is of a namesake', { annotations: { 'mcp.example.com/owner': 'tools/demo/uid-0' } }, { kind: 'foreign', owner: 'left by an MCPServer that is gone' }],
    ['is foreign when marked, but tracked by Argo CD', { annotations: { ...MARK, 'argocd.argoproj.io/tracking-id': 'x' } }, { kind: 'foreign', owner: 'tracked by argocd.argoproj.io/tracking-id' }],
    ['is adoptable when it consents to this name', { annotations: { 'mcp.example.com/adopt-by': 'demo' } }, { kind: 'adoptable' }],
    ['is foreign when it consents to another name', { annotations: { 'mcp.example.com/adopt-by': 'other' } }, { kind: 'foreign', owner: 'no owner named on it' }],
    ['is foreign when this MCPServer is an owner, but not the controller', { ownerReferences: [{ apiVersion: API_VERSION, kind: 'MCPServer', name: 'demo', uid: 'uid-1' }] }, { kind: 'foreign', owner: 'no owner named on it' }],
  ])('%s', (_name, metadata, expected) => {
    expect(ownership(object(metadata), server)).toEqual(expected);
  });
});

describe('what the operator applies', () => {
  const [manifest] = render(server);
  if (manifest === undefined) throw new Error('nothing was rendered');

  it('is what was rendered, plus a controller reference and its own annotations', () => {
    const { metadata, ...rest } = withOwner(manifest, server);
    const { ownerReferences, annotations, ...others } = metadata;
    const { metadata: rendered, ...renderedRest } = manifest;
    const { annotations: renderedAnnotations = {}, ...renderedOthers } = rendered;
    expect(rest).toEqual(renderedRest);
    expect(others).toEqual(renderedOthers);
    expect(annotations).toEqual({ ...renderedAnnotations, ...MARK, 'mcp.example.com/applied-hash': expect.stringMatching(/^[\da-f]{16}$/) });
    expect(ownerReferences).toEqual([{ apiVersion: API_VERSION, kind: 'MCPServer', name: 'demo', uid: 'uid-1', controller: true }]);
  });

  it('is recognised as owned', () => {
    expect(ownership(withOwner(manifest, server) as KubernetesObject, server)).toEqual({ kind: 'owned', attached: true });
  });

  it('carries the same hash every time, and another one as soon as anything differs', () => {
    const hash = (object: typeof manifest): string | undefined => withOwner(object, server).metadata.annotations?.['mcp.example.com/applied-hash'];
    expect(hash(structuredClone(manifest))).toBe(hash(manifest));
    expect(hash({ ...manifest, extra: true })).not.toBe(hash(manifest));
  });
});
