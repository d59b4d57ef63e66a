import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../../../charts/api/mcpserver.ts';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import { claimMessage } from '../../../charts/checks/claims.ts';

const storage = (...names: string[]): Pick<MCPServerSpec, 'storage'> => ({
  storage: names.map((claimName, index) => ({ mountPath: `/data/${index}`, persistentVolumeClaim: { claimName } })),
});
const told = (fields: Partial<MCPServerSpec>): string | undefined => claimMessage(resolveSpec('demo', { image: 'example.com/server:1', ...fields }));

describe('of claims is told', () => {
  it.each<[string, Partial<MCPServerSpec>, string]>([
    ['that one for a single node needs Recreate', storage('data'),
      'A rolling update starts the new pod while the old one has claim data: if only one node can mount it (ReadWriteOnce, ReadWriteOncePod), set strategy: {type: Recreate}, so that the new pod does not wait for the old one.'],
    ['the same of one in podTemplate', { podTemplate: { spec: { volumes: [{ name: 'a', persistentVolumeClaim: { claimName: 'data' } }] } } },
      'A rolling update starts the new pod while the old one has claim data: if'],
    ['the same while no pod is wanted', { ...storage('data'), replicas: 0 }, 'A rolling update starts the new pod while the old one has claim data: if'],
    ['the same for a stdio server', { ...storage('data'), transport: 'stdio', command: ['server'] }, 'A rolling update starts the new pod while the old one has claim data: if'],
    ['the same for autoscaling that goes to one pod at most', { ...storage('data'), autoscaling: { minReplicas: 1, maxReplicas: 1, targetCPUUtilizationPercentage: 70 } },
      'A rolling update starts the new pod while the old one has claim data: if'],
    ['each of several, once', storage('data', 'cache', 'data'), 'A rolling update starts the new pod while the old one has claims data, cache: if only one node can mount one of them ('],
    ['that several pods need one that several nodes can mount', { ...storage('data'), replicas: 2 },
      'More than one pod can run with claim data: if only one node can mount it (ReadWriteOnce), pods on other nodes wait for ever, and with ReadWriteOncePod all but one: keep to one replica with strategy: {type: Recreate}, or use a claim that several nodes can mount (ReadWriteMany).'],
    ['the same with autoscaling', { ...storage('data', 'cache'), autoscaling: { minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 70 } },
      'More than one pod can run with claims data, cache: if only one node can mount one of them ('],
    ['the same where something else scales', { ...storage('data'), scaling: 'External' }, 'More than one pod can run with claim data: if'],
  ])('%s', (_name, fields, sentence) => {
    const message = told(fields) ?? '';
    expect(message.slice(0, sentence.length)).toBe(sentence);
    expect(message).toMatch(/^[^.]+\.$/);
  });

  it.each<[string, Partial<MCPServerSpec>]>([
    ['where there is none', {}],
    ['where storage lives as long as the pod', { storage: [{ mountPath: '/data', emptyDir: { sizeLimit: '1Gi' } }] }],
    ['where all old pods go first', { ...storage('data'), strategy: { type: 'Recreate' } }],
    ['where all old pods go first, however many there are', { ...storage('data'), strategy: { type: 'Recreate' }, replicas: 2 }],
  ])('nothing %s', (_name, fields) => {
    expect(told(fields)).toBeUndefined();
  });
});
