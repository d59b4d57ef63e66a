// Completion: what fits where, and in a real shell.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../../reconciler/commands/command-line.ts';
import { candidateLines, candidatesFor } from '../../../reconciler/commands/completion/candidates.ts';
import { SHELLS } from '../../../reconciler/commands/completion/scripts.ts';
import { folder } from '../../kubernetes/credentials.ts';
import { call, NO_SURROUNDINGS } from './in-process.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../..');
const program = commandLine(NO_SURROUNDINGS);

function words(...typed: string[]): string[] {
  return candidatesFor(program, typed).candidates.map(({ word }) => word);
}

describe('what fits', () => {
  it('are the commands at first', () => {
    expect(words('')).toEqual(expect.arrayContaining(['render', 'verify', 'completion', 'help']));
    expect(words('va')).toEqual(['validate']);
    expect(words('nothing')).toEqual([]);
  });

  it('are the options of the command, and the values that one takes', () => {
    expect(words('run', '--log-l')).toEqual(['--log-level']);
    expect(words('run', '--log-level', 'd')).toEqual(['debug']);
    expect(words('run', '--leader-elect', '--pod-access', '')).toEqual(['auto', 'direct', 'api-server']);
    expect(words('diff', '-f', 'x', '-o', '')).toEqual(['text', 'json']);
    expect(words('completion', '')).toEqual([...SHELLS]);
  });

  it('are files where an option takes one, and nowhere else', () => {
    expect(candidatesFor(program, ['render', '-f', '']).areFiles).toBe(true);
    expect(candidatesFor(program, ['check', '--kubeconfig', '']).areFiles).toBe(true);
    expect(candidatesFor(program, ['run', '--namespace', '']).areFiles).toBe(false);
    expect(candidateLines(candidatesFor(program, ['render', '-f', '']))).toBe(':0\n');
  });

  it('is a name of nothing that is hidden or follows --', () => {
    expect(words('__')).toEqual([]);
    expect(words('verify', '--', '--h')).toEqual([]);
  });
});

describe('a shell', () => {
  it('completes in bash', async () => {
    const dir = await folder({ 'mcp-operator': `#!/bin/sh\nexec '${process.execPath}' '${ROOT}/bin/mcp-operator.js' "$@"\n` });
    await run('chmod', ['+x', join(dir, 'mcp-operator')]);
    const script = `source <(mcp-operator completion bash)
      try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mcp_operator 2>/dev/null; echo "\${COMPREPLY[*]}"; }
      try mcp-operator ver; try mcp-operator run --log-level d; try mcp-operator render -f ''; complete -p mcp-operator`;
    const { stdout } = await run('bash', ['--norc', '-c', script], { env: { PATH: `${dir}:${process.env['PATH']}` } });
    expect(stdout).toBe('verify version\ndebug\n\ncomplete -o default -F _mcp_operator mcp-operator\n');
  });

  it.each(SHELLS)('gets a script for %s', async (shell) => {
    expect(await call(['completion', shell])).toMatchObject({ code: 0, stdout: expect.stringContaining('__complete') as string, stderr: '' });
  });

  it('that is not known is refused', async () => {
    expect(await call(['completion', 'csh'])).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error: .*csh.* is invalid for argument 'shell'\. Allowed choices are bash, zsh, fish\.\n$/) as string });
  });

  it('completes kubectl mcp by the program that kubectl asks for it', async () => {
    const { stdout } = await run(process.execPath, [join(ROOT, 'bin/kubectl_complete-mcp.js'), 'ren'], { env: { PATH: process.env['PATH'] } });
    expect(stdout).toBe('render\tprint the objects the operator would apply for MCPServers\n:4\n');
  });
});
