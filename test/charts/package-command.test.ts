// What is understood of commands that start packages, and what is started as it is written.
import { describe, expect, test } from 'vitest';
import { movingPackages, needsCache, packageCommand } from '../../charts/package-command.ts';

const words = (text: string): string[] => text.split(' ');

describe('a command that starts a package', () => {
  test.each([
    ['npx -y @modelcontextprotocol/server-filesystem@2026.8.31 /data --flag', { by: 'npm', packages: ['@modelcontextprotocol/server-filesystem@2026.8.31'], name: '@modelcontextprotocol/server-filesystem', args: ['/data', '--flag'] }],
    ['npx server@1.0.0', { by: 'npm', packages: ['server@1.0.0'], name: 'server' }],
    ['/usr/local/bin/npx --yes -- server@1.0.0 -- x', { by: 'npm', packages: ['server@1.0.0'], name: 'server', args: ['--', 'x'] }],
    ['npx -y -p @a/b@1.0.0 --package=c@2.0.0 program --x', { by: 'npm', packages: ['@a/b@1.0.0', 'c@2.0.0'], name: '@a/b', program: 'program', args: ['--x'] }],
    ['npx --registry https://r.example.com --registry=https://s.example.com -y a@1.0.0', { by: 'npm', packages: ['a@1.0.0'], name: 'a', options: ['--registry', 'https://r.example.com', '--registry=https://s.example.com'] }],
    ['npm exec -y -- server@1.0.0 --x', { by: 'npm', packages: ['server@1.0.0'], name: 'server', args: ['--x'] }],
    ['npm x --registry r --package a@1.0.0 -- b', { by: 'npm', packages: ['a@1.0.0'], name: 'a', program: 'b', options: ['--registry', 'r'] }],
    ['uvx mcp-server-time==2026.10.19 --local-timezone UTC', { by: 'uv', packages: ['mcp-server-time==2026.10.19'], name: 'mcp-server-time', args: ['--local-timezone', 'UTC'] }],
    ['uv tool run mcp-server-time@2026.10.19', { by: 'uv', packages: ['mcp-server-time@2026.10.19'], name: 'mcp-server-time' }],
    ['uvx --python 3.11 --with x==1 --from mcp[cli]==2.3.0 mcp run', { by: 'uv', packages: ['mcp[cli]==2.3.0'], name: 'mcp', program: 'mcp', options: ['--python', '3.11', '--with', 'x==1'], args: ['run'] }],
    ['uvx --index=https://i.example.com/simple a.b_c', { by: 'uv', packages: ['a.b_c'], name: 'a.b_c', options: ['--index=https://i.example.com/simple'] }],
  ])('%s', (text, expected) => {
    expect(packageCommand(words(text))).toEqual({ program: undefined, options: [], args: [], ...expected });
  });
});

test.each([
  'node server.js', 'npm start', 'npm exec server@1.0.0 --x', 'npx', 'npx -y', 'npx -c server', 'npx --no-install server', 'npx --unknown server',
  'npx ./server', 'npx ../server', 'npx github:a/b', 'npx a/b', 'npx https://example.com/a.tgz', 'npx a@npm:b@1.0.0', 'npx -p', 'npx -p a@1.0.0',
  'npx -p a@1.0.0 ../b', 'npx -p a@1.0.0 ..', 'uv run server.py', 'uv tool install a', 'uvx --from git+https://example.com/a a', 'uvx --from ./a a', 'uvx --from a==1 b/c',
  'uvx python -m x', 'uvx python3.12', 'uvx --from a==1 python', 'uvx --with-editable . a', 'uvx a;b', 'pipx run a', 'sh -c npx', '',
])('started as it is written: %s', (text) => {
  expect(packageCommand(words(text))).toBeUndefined();
  expect(movingPackages(words(text))).toEqual([]);
});

test.each([
  ['npx -y a@1.2.3', []],
  ['npx -y @a/b@1.2.3-beta.1+build', []],
  ['npx -y a@v1.2.3', []],
  ['npx -y a', ['a']],
  ['npx -y @a/b', ['@a/b']],
  ['npx -y a@latest', ['a@latest']],
  ['npx -y a@^1.2.3', ['a@^1.2.3']],
  ['npx -y a@1', ['a@1']],
  ['npx -y a@1.2.x', ['a@1.2.x']],
  ['npx -y -p a@1.2.3 -p b c', ['b']],
  ['uvx a==1', []],
  ['uvx a@1.2.3', []],
  ['uvx --from a[x]==1.2 a', []],
  ['uvx a===1.2', []],
  ['uvx --from a>=1,==1.2 a', []],
  ['uvx a', ['a']],
  ['uvx a@latest', ['a@latest']],
  ['uvx a==1.*', ['a==1.*']],
  ['uvx a>=1', ['a>=1']],
  ['uvx a~=1.2', ['a~=1.2']],
])('packages of "%s" that may be others tomorrow: %j', (text, moving) => {
  expect(movingPackages(words(text))).toEqual(moving);
});

test.each([['npx', true], ['/usr/bin/uvx', true], ['npm', true], ['uv', true], ['node', false], ['npx.js', false]])('%s keeps a cache: %s', (program, keeps) => {
  expect(needsCache([program])).toBe(keeps);
});

test('a server without a command keeps none', () => {
  expect(needsCache(undefined)).toBe(false);
});
