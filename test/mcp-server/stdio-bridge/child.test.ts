// A process that the system does not start is one that has ended, for whatever reason it does not.
import { expect, test } from 'vitest';
import { Child, type ChildEnd } from '../../../mcp-server/stdio-bridge/child.ts';
import { createLog } from '../../../mcp-server/stdio-bridge/log.ts';
import { Metrics } from '../../../mcp-server/stdio-bridge/metrics.ts';

test.each([
  ['a command that is not there', '/no/such/command', [], 'command not found: /no/such/command', 'CommandNotFound'],
  ['a command that is a folder', '/tmp', [], 'command may not be executed: /tmp', 'CommandNotStarted'],
  ['more arguments than there may be', process.execPath, ['x'.repeat(300_000)], 'command could not be started: spawn E2BIG', 'CommandNotStarted'],
  ['an argument that none can be', process.execPath, ['a\0b'], expect.stringContaining('without null bytes') as string, 'CommandNotStarted'],
])('%s', async (...[, command, args, how, unstartable]) => {
  const told: ChildEnd[] = [];
  const log = createLog('error', () => undefined);
  const child = new Child({ command, args, env: process.env, maxMessageBytes: 1000, log, metrics: new Metrics() });
  child.assign('test', { onMessage: () => undefined, onLong: () => undefined, onEnd: (end) => void told.push(end) });
  expect(await child.ended).toEqual({ how, unstartable, lastWords: [], asked: false });
  expect([child.send('x'), told.length]).toEqual([false, 1]);
  await child.stop();
});
