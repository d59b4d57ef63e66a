// The table of odd servers: the operator's verdict beside those of real clients.
import { beforeAll, describe, expect, it } from 'vitest';
import { judgeDirectly } from '../../support/odd-servers/direct.ts';
import { judgeAll } from '../../support/odd-servers/judgement.ts';
import { ALL, type OddServer } from '../../support/odd-servers/odd-server.ts';
import { ODD_SERVERS } from '../../support/odd-servers/table.ts';

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

  it('speaks of the way through the API server only where something else is found there', () => {
    expect(namesOf(ODD_SERVERS.filter(({ says, proxied }) => proxied?.[0] === says))).toEqual([]);
  });

  it('lets the operator differ from the clients of TypeScript only where it reads less, its HTTP is laxer, or it came first', () => {
    expect(namesOf(ODD_SERVERS.filter((server) => !isOfClients(server)))).toEqual([
      'events for an id that can be resumed, closed before the reply',
      'two headers of media types',
      'a compressed body, and says so',
      'go ahead before the answer (100), which nobody waited for',
      'one session for everybody',
      'an introduction of 100,000 characters',
      'an introduction of a megabyte',
      'tools that never end',
    ]);
  });
});

describe('of an odd server, operator and clients find what the table says', () => {
  let found: ReadonlyMap<string, readonly string[]>;
  beforeAll(async () => { found = await judgeAll(ODD_SERVERS, judgeDirectly); });

  it.each(namesOf(ODD_SERVERS))('%s', (name) => {
    expect(found.get(name)).toEqual([]);
  });
});
