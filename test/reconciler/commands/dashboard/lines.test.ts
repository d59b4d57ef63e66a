// What the page gives to copy: command lines that a shell reads as they were meant, and configurations that are JSON, whatever the names.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { connectionsOf } from '../../../../reconciler/commands/dashboard/connections.ts';
import { commandLineOf, objectLine, podLines, serverLines, shellWord, stepOf } from '../../../../reconciler/commands/dashboard/lines.ts';
import type { MCPServerObject } from '../../../../reconciler/kinds.ts';

const ODD = ['', 'a b', "it's", '$(touch /tmp/x)', '`id`', '"; rm -rf ~ #', 'a\nb', '\\', '!!', '*', '~', '-n', 'é', '\u202Eabc', '{a,b}', 'x=y', '<in', '>out', '&', '|'];
const PLACE = { platform: 'linux', home: '/home/ada', cwd: '/work', env: {} } as const;

test('a shell reads each word as it is', () => {
  const read = execFileSync('sh', ['-c', `for word in ${ODD.map(shellWord).join(' ')}; do printf '%s\\0' "$word"; done`], { encoding: 'utf8' });
  expect(read.split('\0').slice(0, -1)).toEqual(ODD);
});

test('harmless words stay as people type them', () => {
  expect(commandLineOf(['kubectl', '-n', 'tools', 'get', 'pods', '-l', 'mcp.example.com/server=weather'], {})).toBe('kubectl -n tools get pods -l mcp.example.com/server=weather');
});

test('every command names the cluster that is shown', () => {
  const flags = { kubeconfig: '/my files/config', context: 'prod;x' };
  const told = { namespace: 'tools', name: 'weather' };
  const commands = [
    ...serverLines(told, flags).map(({ command }) => command),
    ...podLines('tools', 'weather-1', flags).map(({ command }) => command),
    objectLine('tools', { kind: 'Deployment', name: 'weather' }, flags),
    stepOf('Read what its pods say: mcp-operator logs weather -n tools', flags).command,
  ];
  for (const command of commands) expect(command).toMatch(/ --kubeconfig '\/my files\/config' --context 'prod;x'$/);
});

test('a step without a command is a sentence', () => {
  const sentence = 'Nothing has to be done but to wait; the operator goes on by itself.';
  expect(stepOf(sentence, {})).toEqual({ sentence, command: null });
});

test('configurations are JSON with the address in it, for every client', () => {
  const metadata = { name: 'weather', namespace: 'tools', uid: '1', generation: 1 };
  const server = { apiVersion: 'mcp.example.com/v1alpha1', kind: 'MCPServer', metadata, spec: { image: 'x', port: 9000, path: '/a"b' } } as unknown as MCPServerObject;
  const { here, inside, lines } = connectionsOf(server, { place: PLACE, flags: {} });
  expect(here.map(({ label }) => label)).toEqual(['Claude Code', 'Claude Desktop', 'Cursor', 'Gemini CLI', 'VS Code', 'Windsurf', 'Zed']);
  expect(inside).toEqual([]);
  for (const { text } of here) expect(JSON.stringify(JSON.parse(text))).toContain(JSON.stringify('http://127.0.0.1:9000/a"b'));
  expect(lines.map(({ command }) => command)).toContain('claude mcp add --transport http weather \'http://127.0.0.1:9000/a"b\'');
});
