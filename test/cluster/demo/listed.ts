// MCPServers as the API server returns them, for tests of what the demonstration shows of them.
import type { Condition } from '../../../charts/api/status.ts';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import type { Listed } from './table.ts';

interface Shown {
  readonly name: string;
  readonly namespace?: string;
  readonly spec?: Partial<MCPServerObject['spec']>;
  readonly status?: Partial<NonNullable<MCPServerObject['status']>>;
  readonly ready?: Pick<Condition, 'status' | 'reason' | 'message'>;
  /** Which generation the conditions speak of; default: the one it has. */
  readonly observedGeneration?: number;
  readonly url?: string;
}

export const VERIFIED = { status: 'True', reason: 'Verified', message: 'It speaks MCP.' } as const;
export const FOUND = 'POST /wrong was answered with HTTP 404 (text/plain: MCP is at /mcp.). POST /mcp works: set spec.path to it.';
export const WRONG_PATH = { status: 'False', reason: 'WrongPath', message: FOUND } as const;

export function listed({ name, namespace = 'default', spec, status, ready, observedGeneration = 3, url }: Shown): Listed {
  const common = { observedGeneration, lastTransitionTime: '2026-11-29T00:00:00Z' };
  const conditions: Condition[] = ready === undefined ? [] : [{ type: 'Ready', ...ready, ...common }];
  const server: MCPServerObject = {
    apiVersion: 'mcp.example.com/v1alpha1',
    kind: 'MCPServer',
    metadata: { name, namespace, uid: name, generation: 3 },
    spec: { image: 'registry.example.com/any:1', ...spec },
    status: { conditions, ...status },
  };
  return { server, url };
}

const pods = { readyReplicas: 1, replicas: 1 };
const serves = (name: string, version: string, protocol: string): object => ({ server: { name, version, protocolVersions: [protocol] } });

export const DICE = listed({ name: 'dice', ready: VERIFIED, status: { phase: 'Ready', ...pods, ...serves('dice', '1.0.0', '2026-07-28') }, url: 'http://127.0.0.1:19976/mcp' });
export const NOTES = listed({ name: 'notes', ready: VERIFIED, status: { phase: 'Ready', ...pods, ...serves('notes', '1.0.0', '2025-11-25') }, url: 'http://127.0.0.1:22156/mcp' });
export const KUBERNETES = listed({
  name: 'kubernetes-mcp-server',
  namespace: 'kubernetes-mcp-server',
  ready: VERIFIED,
  status: { phase: 'Ready', ...pods, ...serves('kubernetes-mcp-server', '0.1.0', '2026-07-28') },
  url: 'http://127.0.0.1:17888/mcp',
});
export const BROKEN = listed({ name: 'broken', spec: { path: '/wrong' }, ready: WRONG_PATH, status: { phase: 'Failed', ...pods }, url: 'http://127.0.0.1:14432/wrong' });
export const DEMO = [DICE, NOTES, KUBERNETES, BROKEN];
