// Twenty hostile clients of each kind against the real process: it lives, it answers others, and it holds no more than it may.
import { expect, onTestFinished, test } from 'vitest';
import { attack, HOSTILE_CLIENTS } from '../support/hostile-clients.ts';
import { startTarget } from '../support/mcp-under-attack.ts';
import { rpc } from './server-process.ts';

const MIB = 1024 * 1024;
/** The memory limit that an MCPServer has by default. */
const LIMIT_BYTES = 512 * MIB;
/** What docs/security.md says of each. */
const BOUNDS = { mcp_server_connections: 512, mcp_server_bodies_bytes: 8 * MIB, mcp_server_answers_bytes: 16 * MIB };
/** How often others ask meanwhile. */
const ASKED = 8;

test.each(HOSTILE_CLIENTS)('twenty clients that $name stop nobody', async (client) => {
  const target = await startTarget();
  onTestFinished(() => target.stop());
  const begun = attack(client, target.server.port);
  const most = { mcp_server_connections: 0, mcp_server_bodies_bytes: 0, mcp_server_answers_bytes: 0 };
  let healthy = 0;
  try {
    for (let time = 0; time < ASKED; time += 1) {
      await target.health();
      healthy += 1;
      for (const name of Object.keys(most) as (keyof typeof most)[]) most[name] = Math.max(most[name], await target.metric(name));
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    // Another client is served, too.
    const answer = await rpc(target.server.port, { jsonrpc: '2.0', id: 7, method: 'tools/list' });
    expect([healthy, answer.status, target.server.child.exitCode]).toEqual([ASKED, 200, null]);
  } finally {
    begun.stop();
  }
  for (const [name, bound] of Object.entries(BOUNDS)) expect(most[name as keyof typeof most], name).toBeLessThanOrEqual(bound);
  expect(target.peakBytes()).toBeLessThan(LIMIT_BYTES);
  expect(target.server.log().filter(({ level }) => level === 'error')).toEqual([]);
});
