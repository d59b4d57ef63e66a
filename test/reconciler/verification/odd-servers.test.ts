// The table of odd servers: the operator's verdict beside those of real clients.
import { beforeAll, describe, expect, it } from 'vitest';
import { directExchange } from '../../../reconciler/verification/exchange-direct.ts';
import { handshake } from '../../../reconciler/verification/handshake.ts';
import type { HandshakeResult } from '../../../reconciler/verification/handshake-result.ts';
import { amiss, judgeAll, TIMEOUT_MS, type Judge } from '../../support/odd-servers/judgement.ts';
import { ALL, type OddServer } from '../../support/odd-servers/odd-server.ts';
import { ODD_SERVERS } from '../../support/odd-servers/table.ts';
import { judgeV1, judgeV2, type Finding } from '../../support/real-clients.ts';

const operator: Judge<HandshakeResult> = (port, { timeoutMs = TIMEOUT_MS }) =>
  handshake(directExchange({ ip: '127.0.0.1', port }), { path: '/mcp', host: `127.0.0.1:${port}`, timeoutMs });
const client = (judge: (url: URL) => Promise<Finding>): Judge<Finding> => (port) => judge(new URL(`http://127.0.0.1:${port}/mcp`));

/** Whether everybody finds the same: that the server can be used, or that it cannot. */
function isUnanimous({ says, works }: OddServer): boolean {
  return new Set([says === 'Verified', ...ALL.map((client) => works.includes(client))]).size === 1;
}

/** Whether the operator says what the clients of TypeScript find. */
function isOfClients({ says, works }: OddServer): boolean {
  return (says === 'Verified') === (works.includes('v1') || works.includes('v2'));
}

const namesOf = (servers: readonly OddServer[]): string[] => servers.map(({ name }) => name);

describe('the table', () => {
  it('has at least eighty servers, each under a name of its own', () => {
    expect(ODD_SERVERS.length).toBeGreaterThanOrEqual(80);
    expect(new Set(namesOf(ODD_SERVERS)).size).toBe(ODD_SERVERS.length);
  });

  it('gives a reason for every difference, and for nothing else', () => {
    expect(namesOf(ODD_SERVERS.filter((server) => isUnanimous(server) !== (server.why === undefined)))).toEqual([]);
  });

  it('lets the operator differ from the clients of TypeScript only where it reads less, its HTTP is laxer, or it came first', () => {
    expect(namesOf(ODD_SERVERS.filter((server) => !isOfClients(server)))).toEqual([
      'two headers of media types',
      'go ahead before the answer (100), which nobody waited for',
      'one session for everybody',
      'an introduction of 100,000 characters',
      'an introduction of a megabyte',
      'tools that never end',
    ]);
  });
});

describe('of an odd server, operator and clients find what the table says', () => {
  let found: ReadonlyMap<string, (HandshakeResult | Finding)[]>;
  beforeAll(async () => { found = await judgeAll<HandshakeResult | Finding>(ODD_SERVERS, [operator, client(judgeV1), client(judgeV2)]); });

  it.each(ODD_SERVERS.map((server) => [server.name, server] as const))('%s', (name, server) => {
    const [{ reason, message }, v1, v2] = found.get(name) as [HandshakeResult, Finding, Finding];
    expect(amiss(server, { reason, message, clients: { v1, v2 } })).toEqual([]);
  });
});
