import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { exposeHeld, handshakeCounter } from '../../../reconciler/metrics/handshakes.ts';

describe('the metrics of handshakes', () => {
  it('count them by outcome and reason, and measure them by reason', async () => {
    const registry = new Registry();
    const count = handshakeCounter(registry);
    count({ outcome: 'Failed', reason: 'Hang', message: '' }, 10);
    count({ outcome: 'Failed', reason: 'Hang', message: '' }, 0.2);
    const lines = (await registry.metrics()).split('\n');
    expect(lines).toContain('mcp_operator_handshakes_total{outcome="Failed",reason="Hang"} 2');
    expect(lines).toContain('mcp_operator_handshake_duration_seconds_bucket{le="0.25",reason="Hang"} 1');
    expect(lines).toContain('mcp_operator_handshake_duration_seconds_count{reason="Hang"} 2');
  });

  it('show at each scrape how many verdicts are held', async () => {
    const registry = new Registry();
    let held = 3;
    exposeHeld(registry, () => held);
    expect(await registry.metrics()).toContain('mcp_operator_held_verdicts 3');
    held = 0;
    expect(await registry.metrics()).toContain('mcp_operator_held_verdicts 0');
  });
});
