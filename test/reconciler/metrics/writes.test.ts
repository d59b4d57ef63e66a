import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { counted, type ReconcilingClient, type Write } from '../../../reconciler/children/counted-client.ts';
import { writeCounter } from '../../../reconciler/metrics/writes.ts';
import { ApiError, type ApiErrorKind } from '../../../kubernetes/errors.ts';
import { DEPLOYMENTS, type KubernetesObject } from '../../../kubernetes/objects.ts';

const NAMED = { metadata: { namespace: 'ns', name: 'a' } };
const OPTIONS = { fieldManager: 'test' };

function version(resourceVersion: string): KubernetesObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...NAMED.metadata, resourceVersion } };
}

/** What is told of an apply of an object that was `before`, and that is answered so. */
async function applied(before: KubernetesObject | undefined, answer: KubernetesObject | ApiErrorKind, options = {}): Promise<Write[]> {
  const told: Write[] = [];
  const apply = async (): Promise<unknown> => {
    if (typeof answer === 'string') throw new ApiError(answer, 'no');
    return answer;
  };
  const ledger = { before: () => before, onWrite: (write: Write) => void told.push(write), purpose: 'test' };
  const { client } = counted({ apply } as unknown as ReconcilingClient, ledger);
  await client.apply(DEPLOYMENTS, NAMED as KubernetesObject, { ...OPTIONS, ...options }).catch(() => undefined);
  return told;
}

describe('of an apply is told', () => {
  it.each<[string, KubernetesObject | undefined, KubernetesObject | ApiErrorKind]>([
    ['created', undefined, version('1')],
    ['changed', version('1'), version('2')],
    ['unchanged', version('2'), version('2')],
    ['conflict', version('1'), 'Conflict'],
    ['conflict', undefined, 'AlreadyExists'],
    ['refused', version('1'), 'Invalid'],
    ['refused', version('1'), 'Forbidden'],
    ['failed', version('1'), 'Timeout'],
    ['failed', version('1'), 'Network'],
  ])('that it was %s', async (outcome, before, answer) => {
    expect(await applied(before, answer)).toEqual([{ verb: 'apply', kind: 'Deployment', outcome }]);
  });

  it('nothing when it was only tried', async () => {
    expect(await applied(version('1'), version('2'), { dryRun: true })).toEqual([]);
  });
});

describe('the metrics of writes', () => {
  it('are there from the start, so that the first increase is visible', async () => {
    const registry = new Registry();
    writeCounter(registry);
    const text = await registry.metrics();
    expect(text).toContain('mcp_operator_applies_total{kind="MCPServer",outcome="refused"} 0');
    expect(text).toContain('mcp_operator_writes_total{cause="None"} 0');
  });

  it('count as without a cause what no change explains, and what changed nothing; what was refused is no write', async () => {
    const registry = new Registry();
    const count = writeCounter(registry);
    count({ verb: 'apply', kind: 'Deployment', outcome: 'changed' }, 'Generation');
    count({ verb: 'delete', kind: 'ConfigMap', outcome: 'changed' }, undefined);
    count({ verb: 'apply', kind: 'Deployment', outcome: 'unchanged' }, 'Object');
    count({ verb: 'apply', kind: 'Service', outcome: 'refused' }, 'Object');
    const lines = (await registry.metrics()).split('\n');
    for (const line of [
      'mcp_operator_writes_total{cause="Generation"} 1',
      'mcp_operator_writes_total{cause="None"} 2',
      'mcp_operator_writes_total{cause="Object"} 0',
      'mcp_operator_applies_total{kind="Deployment",outcome="unchanged"} 1',
      'mcp_operator_applies_total{kind="Service",outcome="refused"} 1',
      'mcp_operator_applies_total{kind="ConfigMap",outcome="changed"} 0',
    ]) expect(lines).toContain(line);
  });
});
