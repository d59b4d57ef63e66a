import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { exposeAges, handshakeCounter } from '../../../reconciler/verification/metrics.ts';

describe('the metrics of verification', () => {
  it('count handshakes by outcome and reason', async () => {
    const registry = new Registry();
    const count = handshakeCounter(registry);
    count({ outcome: 'Failed', reason: 'Hang', message: '' });
    count({ outcome: 'Failed', reason: 'Hang', message: '' });
    expect(await registry.metrics()).toContain('mcp_operator_handshakes_total{outcome="Failed",reason="Hang"} 2');
  });

  it('show the age of the last pass of those MCPServers only that are still there', async () => {
    const registry = new Registry();
    let ages = [{ key: 'ns/a', seconds: 5 }, { key: 'ns/b', seconds: 9 }];
    exposeAges(registry, () => ages);
    expect(await registry.metrics()).toContain('mcp_operator_last_passed_handshake_age_seconds{namespace="ns",name="b"} 9');
    ages = [{ key: 'ns/a', seconds: 6 }];
    const text = await registry.metrics();
    expect(text).toContain('{namespace="ns",name="a"} 6');
    expect(text).not.toContain('name="b"');
  });
});
