// The metrics of handshakes with all pods together.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { HandshakeResult } from '../verification/handshake-result.ts';

/** From a pod on the same node to one that takes all of its time. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Counts and measures handshakes; give it to the Verifier as `onHandshake`. Reasons are of a closed set. */
export function handshakeCounter(registry: Registry): (result: HandshakeResult, seconds: number) => void {
  const counter = new Counter({
    registers: [registry], labelNames: ['outcome', 'reason'],
    name: 'mcp_operator_handshakes_total', help: 'MCP handshakes with pods by outcome and reason.',
  });
  const duration = new Histogram({
    registers: [registry], labelNames: ['reason'],
    name: 'mcp_operator_handshake_duration_seconds', help: 'Length of MCP handshakes with pods by reason.', buckets: BUCKETS,
  });
  return ({ outcome, reason }, seconds) => {
    counter.inc({ outcome, reason });
    duration.observe({ reason }, seconds);
  };
}

/** Shows, at every scrape, for how many MCPServers the operator rather suspects itself. */
export function exposeHeld(registry: Registry, held: () => number): void {
  const gauge: Gauge = new Gauge({
    registers: [registry], name: 'mcp_operator_held_verdicts',
    help: 'MCPServers out of reach whose status is held, because so many are at once that the operator is suspected to be cut off.',
    collect: () => gauge.set(held()),
  });
}
