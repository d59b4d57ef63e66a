// The documentation lists the servers that are tested, with the same specs, versions and results.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from './package.json' with { type: 'json' };
import { GUARDED_SERVERS, STDIO_SERVERS, VERIFIED_SERVERS, type PlainSpec, type Server } from './servers.ts';

const DOCUMENT = join(import.meta.dirname, '../../../docs/other-servers.md');

function specCell({ transport, port, command, args, env }: PlainSpec): string {
  const parts = [
    ...(transport === undefined ? [] : [`transport: ${transport}`]),
    ...(port === undefined ? [] : [`port: ${port}`]),
    ...(command === undefined ? [] : [`command: ${JSON.stringify(command)}`]),
    ...(args === undefined ? [] : [`args: ${JSON.stringify(args)}`]),
    ...(env ?? []).map(({ name, value }) => `${name}=${value}`),
  ];
  return parts.map((part) => `\`${part}\``).join('<br>') || 'nothing';
}

function row(server: Server, result: string, because: string): string {
  return `| \`${server.package}\` ${packageJson.dependencies[server.package]} | ${specCell(server.spec)} | ${result} | ${because} |`;
}

test('the table of what was tried has a row for every server that is tested, and no other', () => {
  const verified = VERIFIED_SERVERS.map((server) => row(server, `Ready, Verified, ${server.sessions}`, server.because));
  const guarded = GUARDED_SERVERS.map((server) => row(server, 'Ready, AuthRequired', server.because));
  const stdio = STDIO_SERVERS.map((server) => row(server, `Ready, Verified, ${server.sessions}`, server.because));
  const written = readFileSync(DOCUMENT, 'utf8').split('\n').filter((line) => /^\| `[^`]+` \d/.test(line));
  expect(written).toEqual([...verified, ...guarded, ...stdio]);
});

test('ten servers or more are tried', () => {
  const packages = [...VERIFIED_SERVERS, ...GUARDED_SERVERS, ...STDIO_SERVERS].map((server) => server.package);
  expect(new Set(packages).size).toBeGreaterThanOrEqual(10);
});
