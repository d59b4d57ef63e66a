// Servers that answer so as to cost the operator time or memory: what is counted is what costs.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { directExchange } from '../../../reconciler/verification/exchange-direct.ts';
import { handshake } from '../../../reconciler/verification/handshake.ts';
import { counting, exceeds, type AnswerCost } from '../../support/answer-costs.ts';
import { HOSTILE_SERVERS, serveHostile, type HostileServer } from '../../support/hostile-servers.ts';
import type { RunningServer } from '../../support/mcp-servers.ts';

const running: RunningServer[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(running.splice(0).map((each) => each.close()));
});

async function judge(server: HostileServer): Promise<{ reason: string; costs: AnswerCost[]; parses: number }> {
  const up = await serveHostile(server);
  running.push(up);
  const costs: AnswerCost[] = [];
  const parse = vi.spyOn(JSON, 'parse');
  const exchange = counting(directExchange({ ip: '127.0.0.1', port: up.port }), costs);
  const { reason } = await handshake(exchange, { path: '/mcp', host: 'tools', timeoutMs: 2000 });
  // The servers and the counting itself parse questions; of a list, names with escape sequences are parsed by themselves.
  const parses = parse.mock.calls.filter(([text]) => !/^"|"method":"(?!notifications\/message)/.test(text)).length;
  return { reason, costs, parses };
}

describe.each(HOSTILE_SERVERS)('a server that answers with $name', (server) => {
  it(`costs no more than the bounds, and is told as ${server.reason}`, async () => {
    const { reason, costs, parses } = await judge(server);
    expect(reason).toBe(server.reason);
    expect(costs.length).toBeLessThanOrEqual(5);
    expect(costs.filter(exceeds)).toEqual([]);
    // 64 events of a stream, or one body, of each of the two questions whose answers are parsed.
    expect(parses).toBeLessThanOrEqual(2 * 64);
  });
});
