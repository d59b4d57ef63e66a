// The table of odd servers, judged by Python's client.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningServer } from '../support/mcp-servers.ts';
import { start } from '../support/odd-servers/odd-server.ts';
import { ODD_SERVERS } from '../support/odd-servers/table.ts';
import { judgeWithPython, pythonWithClient, type Findings } from './python.ts';

const running: RunningServer[] = [];
let found: Findings;

beforeAll(async () => {
  const python = await pythonWithClient();
  const urls: Record<string, string> = {};
  for (const server of ODD_SERVERS) {
    const up = await start(server);
    running.push(up);
    urls[server.name] = `http://127.0.0.1:${up.port}/mcp`;
  }
  found = await judgeWithPython(python, urls);
});
afterAll(async () => { await Promise.all(running.map((each) => each.close())); });

it.each(ODD_SERVERS.map((server) => [server.name, server] as const))('Python\'s client finds what the table says: %s', (name, { works }) => {
  expect(found[name]).toMatch(works.includes('python') ? /^works$/ : /^fails: /);
});
