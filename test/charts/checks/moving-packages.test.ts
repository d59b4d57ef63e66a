// What is said of packages without an exact version.
import { expect, test } from 'vitest';
import { movingPackageMessage } from '../../../charts/checks/moving-packages.ts';
import { resolveSpec } from '../../../charts/api/mcpserver.ts';

function said(command: string[], args?: string[]): string | undefined {
  return movingPackageMessage(resolveSpec('server', { image: 'a', transport: 'stdio', command, ...(args && { args }) }));
}

test.each([
  [['npx', '-y', 'server'], undefined, 'The command names no exact version of server, so each start may be of another program: write it as PACKAGE@1.2.3.'],
  [['uvx'], ['server>=1'], 'The command names no exact version of server>=1, so each start may be of another program: write it as PACKAGE==1.2.3.'],
  [['npx', '-p', 'a', '-p', 'b@latest', 'c'], undefined, 'The command names no exact version of a and b@latest, so each start may be of another program: write it as PACKAGE@1.2.3.'],
  [['npx', '-y', 'server@1.0.0'], undefined, undefined],
  [['npx', '-y', 'server@1.0.0'], ['other'], undefined],
  [['node', 'server.js'], undefined, undefined],
])('%j %j', (command, args, message) => {
  expect(said(command, args)).toBe(message);
});
