import { describe, expect, it } from 'vitest';
import type { PodObject } from '../../../reconciler/kinds.ts';
import { existingContainers, servingPods, startingPods } from '../../../reconciler/verification/serving-pods.ts';
import { podObject } from '../status/situations.ts';

const PORTS = [{ name: 'metrics', containerPort: 9000 }, { name: 'mcp', containerPort: 8080 }];

function pod(more: Partial<PodObject> = {}): PodObject {
  return { ...podObject('demo-1'), spec: { containers: [{ name: 'sidecar' }, { name: 'mcp-server', ports: PORTS }] }, ...more };
}

describe('a pod serves', () => {
  it('when it is ready, at its own address and the port named mcp', () => {
    expect(servingPods([pod()])).toEqual([{ namespace: 'tools', name: 'demo-1', uid: 'uid-demo-1', ip: '10.244.0.1', port: 8080, restarts: 0 }]);
  });

  it('as another server after each restart of its container', () => {
    const status = { ...pod().status, containerStatuses: [{ name: 'sidecar', restartCount: 7 }, { name: 'mcp-server', restartCount: 2 }] };
    expect(servingPods([pod({ status })])).toMatchObject([{ restarts: 2 }]);
  });
});

describe('a pod does not serve', () => {
  const { podIP: _, ...unaddressed } = pod().status ?? {};
  it.each<[string, Partial<PodObject>]>([
    ['while it is not ready', { status: { ...pod().status, conditions: [{ type: 'Ready', status: 'False' }] } }],
    ['without conditions', { status: { podIP: '10.244.0.1' } }],
    ['without an address', { status: unaddressed }],
    ['when it is being deleted', { metadata: { ...pod().metadata, deletionTimestamp: '2030-01-01T00:00:00Z' } }],
    ['without an MCP port', { spec: { containers: [{ name: 'mcp-server' }] } }],
    ['when only another container has such a port', { spec: { containers: [{ name: 'sidecar', ports: PORTS }, { name: 'mcp-server' }] } }],
  ])('%s', (_name, more) => {
    expect(servingPods([pod(more)])).toEqual([]);
  });
});

describe('a pod is starting', () => {
  const running = { name: 'mcp-server', restartCount: 1, state: { running: {} } };
  const unready = (more: Partial<PodObject> = {}): PodObject =>
    pod({ status: { ...pod().status, conditions: [{ type: 'Ready', status: 'False' }], containerStatuses: [running] }, ...more });

  it('while its container runs and it is not ready', () => {
    expect(startingPods([unready(), pod()])).toMatchObject([{ name: 'demo-1', ip: '10.244.0.1', port: 8080, restarts: 1 }]);
  });

  it.each<[string, PodObject]>([
    ['once it is ready', pod({ status: { ...pod().status, containerStatuses: [running] } })],
    ['while its container does not run', pod({ status: { ...unready().status, containerStatuses: [{ name: 'mcp-server', state: { waiting: {} } }] } })],
    ['when it is being deleted', unready({ metadata: { ...pod().metadata, deletionTimestamp: '2030-01-01T00:00:00Z' } })],
    ['without an MCP port', unready({ spec: { containers: [{ name: 'mcp-server' }] } })],
  ])('not %s', (_name, object) => {
    expect(startingPods([object])).toEqual([]);
  });
});

describe('a container exists', () => {
  it('whether or not it serves, as another one after each restart, until its pod has ended', () => {
    const inState = (status: PodObject['status']): PodObject => pod({ status: { ...pod().status, ...status } });
    const restarted = inState({ conditions: [], containerStatuses: [{ name: 'mcp-server', restartCount: 2 }] });
    expect(existingContainers([pod(), restarted, inState({ phase: 'Failed' }), inState({ phase: 'Succeeded' })])).toEqual(['uid-demo-1/0', 'uid-demo-1/2']);
  });
});
