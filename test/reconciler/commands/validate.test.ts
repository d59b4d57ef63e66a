import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judge, type Verdict } from '../../../reconciler/commands/validate/judge.ts';
import { reportOf } from '../../../reconciler/commands/validate/report.ts';
import { folder } from '../../kubernetes/credentials.ts';
import { call } from './in-process.ts';

const TEXT = `apiVersion: v1
kind: List
items:
- apiVersion: mcp.example.com/v1alpha1
  kind: MCPServer
  metadata: {name: demo, namespace: a}
  spec:
    image: x
    replica: 3
    config: {a.b: 5}
---
apiVersion: mcp.example.com/v1
kind: MCPServer
metadata: {name: other}
---
apiVersion: mcp.example.com/v1alpha1
kind: MCPServer
metadata: {name: loose}
spec:
  image: x
  securityProfile: None
  podTemplate: {spec: {hostNetwork: true}}
---
apiVersion: mcp.example.com/v1alpha1
kind: MCPServer
metadata: {name: misplaced}
spec: {image: x}
replicas: 3
`;

describe('mcp-operator validate', () => {
  const verdict = judge([{ name: 'a,b:c.yaml', text: TEXT }]);

  it('names file, line and field of every mistake, and warns of what is allowed', () => {
    expect(reportOf(verdict, 'text').split('\n')).toEqual([
      'a,b:c.yaml:9: error: MCPServer a/demo: spec.replica: unknown field: check the spelling, or remove it',
      expect.stringMatching(/^a,b:c\.yaml:10: error: MCPServer a\/demo: spec\.config\.a\.b: .*: put it in quotes/),
      'a,b:c.yaml:12: error: apiVersion is mcp.example.com/v1, but only mcp.example.com/v1alpha1 is known',
      expect.stringMatching(/^a,b:c\.yaml:19: warning: MCPServer loose: spec: The pods do not meet Pod Security restricted/),
      'a,b:c.yaml:28: error: MCPServer misplaced: replicas: unknown field of an MCPServer: check the spelling, or indent what belongs into its spec',
      '3 MCPServers in 1 file: 4 mistakes',
      '',
    ]);
  });

  it('prints workflow commands in which nothing of a file can be one', () => {
    const hostile = judge([{ name: 'x.yaml', text: 'apiVersion: mcp.example.com/v1alpha1\nkind: MCPServer\nmetadata: {name: "a,b::\\n::error ::x"}\nspec: {image: x, "50%\\n::error::y": 1}\n' }]);
    const lines = reportOf(hostile, 'github').trim().split('\n');
    expect(lines).toHaveLength(hostile.findings.length);
    for (const line of lines) expect(line).toMatch(/^::error file=x\.yaml,line=\d+,title=MCPServer a%2Cb%3A%3A %3A%3Aerror %3A%3Ax::/);
    expect(lines.join('\n')).toContain('spec.50%25 ::error::y: unknown field');
    expect(reportOf(verdict, 'github')).toContain('::error file=a%2Cb%3Ac.yaml,line=9,title=MCPServer a/demo::spec.replica: unknown field');
  });

  it('has one object for programs', () => {
    const { findings, ...rest } = JSON.parse(reportOf(verdict, 'json')) as Verdict;
    expect(rest).toEqual({ valid: false, servers: 3, files: 1 });
    const message = 'unknown field: check the spelling, or remove it';
    expect(findings).toContainEqual({ severity: 'error', file: 'a,b:c.yaml', line: 9, server: 'a/demo', field: 'spec.replica', message });
  });

  it.each<[string, Record<string, string>, number, RegExp, RegExp]>([
    ['only valid MCPServers', { 'a.yaml': TEXT.split('---\n')[2] ?? '' }, 0, /1 MCPServer in 1 file: valid\n$/, /^$/],
    ['a mistake', { 'a.yaml': TEXT }, 1, /: 4 mistakes\n$/, /^$/],
    ['what is no YAML', { 'a.yaml': 'a: [\n' }, 1, /a\.yaml:2: error: /, /^$/],
    ['no MCPServer', { 'a.yaml': 'kind: Pod\n' }, 2, /^$/, /^error: .*a\.yaml holds no MCPServer of mcp\.example\.com\/v1alpha1\n$/],
    ['no MCPServer in many files', { 'a.yaml': 'kind: Pod\n', 'b.yaml': '' }, 2, /^$/, /^error: none of 2 files holds an MCPServer of /],
    ['nothing', {}, 2, /^$/, /^error: .* holds no file that ends with/],
  ])('ends for a folder with %s as scripts expect it', async (...[, files, code, stdout, stderr]) => {
    const ended = await call(['validate', '-f', await folder(files)]);
    expect(ended).toEqual({ code, signal: null, stdout: expect.stringMatching(stdout), stderr: expect.stringMatching(stderr) });
  });

  it('reads standard input, and knows no other format', async () => {
    expect(await call(['validate', '-f', '-', '-o', 'json'], { input: TEXT })).toMatchObject({ code: 1, stderr: '' });
    expect(await call(['validate', '-f', join('/', 'x'), '-o', 'xml'])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^error: option '-o, --output <format>' argument 'xml' is invalid/) });
  });
});
