// The metrics of verification.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { HandshakeResult } from './handshake-result.ts';

/** Counts handshakes by outcome and reason; give it to the Verifier as `onHandshake`. */
export function handshakeCounter(registry: Registry): (result: HandshakeResult) => void {
  const counter = new Counter({
    registers: [registry], labelNames: ['outcome', 'reason'],
    name: 'mcp_operator_handshakes_total', help: 'MCP handshakes with serving pods.',
  });
  return ({ outcome, reason }) => counter.inc({ outcome, reason });
}

/** Shows, at every scrape, for how many MCPServers the operator rather suspects itself. */
export function exposeHeld(registry: Registry, held: () => number): void {
  const gauge: Gauge = new Gauge({
    registers: [registry], name: 'mcp_operator_held_verdicts',
    help: 'MCPServers out of reach whose status is held, because so many are at once that the operator is suspected to be cut off.',
    collect: () => gauge.set(held()),
  });
}

/** Shows, at every scrape, how long ago a handshake with each MCPServer last passed. */
export function exposeAges(registry: Registry, ages: () => Iterable<{ key: string; seconds: number }>): void {
  const gauge: Gauge = new Gauge({
    registers: [registry], labelNames: ['namespace', 'name'],
    name: 'mcp_operator_last_passed_handshake_age_seconds', help: 'Seconds since a handshake with the MCPServer last passed.',
    collect: () => {
      gauge.reset();
      for (const { key, seconds } of ages()) {
        const [namespace = '', name = ''] = key.split('/');
        gauge.set({ namespace, name }, seconds);
      }
    },
  });
}
