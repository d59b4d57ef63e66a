import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { renderDocuments } from '../../../reconciler/commands/render/render.ts';
import { isUserError } from '../../../reconciler/commands/user-error.ts';

const ROOT = join(import.meta.dirname, '../../..');
const EXAMPLES = (await readdir(join(ROOT, 'examples'))).filter((file) => file.endsWith('.yaml'));
const SERVER = 'apiVersion: mcp.example.com/v1alpha1\nkind: MCPServer\nmetadata: {name: demo}\nspec: {image: x}\n';

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** The YAML documents of a text, byte for byte. */
function documents(text: string): string[] {
  return text.split(/^---\n/m).filter((document) => document.trim() !== '');
}

function kinds(yaml: string): unknown[] {
  return parseAllDocuments(yaml).map((document) => document.get('kind'));
}

describe('mcp-operator render', () => {
  it.each(EXAMPLES)('prints the same bytes as synth for the MCPServers of %s', async (file) => {
    const rendered = documents(renderDocuments(await readFile(join(ROOT, 'examples', file), 'utf8'), file));
    const synthesized = documents(await readFile(join(ROOT, 'dist', file.replace('.yaml', '.k8s.yaml')), 'utf8'));
    expect(kinds(rendered.join('---\n'))).toContain('Deployment');
    for (const document of rendered) expect(synthesized).toContain(document);
  });

  it('prints every MCPServer of a file and leaves other objects out', () => {
    const other = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n';
    const text = [SERVER, other, '', SERVER.replace('demo', 'other')].join('---\n');
    const rendered = parseAllDocuments(renderDocuments(text, 'f')).map((document) => [document.get('kind'), document.getIn(['metadata', 'name'])]);
    expect(rendered).toEqual(['demo', 'other'].flatMap((name) => [['ServiceAccount', name], ['Service', name], ['Deployment', name]]));
  });

  it('looks into a List, as kubectl get -o yaml prints it', () => {
    const item = `- ${SERVER.trimEnd().replaceAll('\n', '\n  ')}\n`;
    expect(renderDocuments(`apiVersion: v1\nkind: List\nitems:\n${item}`, 'f')).toBe(renderDocuments(SERVER, 'f'));
  });

  it.each<[string, string, RegExp]>([
    ['a document that is no YAML, by its number', `${SERVER}---\na: [\n`, /^f, document 2: /],
    ['another apiVersion of MCPServer', SERVER.replace('v1alpha1', 'v1'), /^f, document 1: apiVersion is mcp\.example\.com\/v1, but only mcp\.example\.com\/v1alpha1 is known$/],
    ['a spec that breaks a rule, with every problem', SERVER.replace('image: x', 'image: "", port: 0, colour: red'), /^MCPServer demo is invalid: .*spec\.image.*spec\.port.*spec\.colour: unknown field/],
    ['an MCPServer without spec', SERVER.replace('spec: {image: x}\n', ''), /^MCPServer demo is invalid: spec/],
    ['an MCPServer without metadata', SERVER.replace('metadata: {name: demo}\n', ''), /^f, document 1: the MCPServer needs a metadata\.name$/],
    ['an MCPServer without name', SERVER.replace('name: demo', ''), /^f, document 1: the MCPServer needs a metadata\.name$/],
    ['a file without any MCPServer', 'kind: Pod\n', /^f holds no MCPServer of mcp\.example\.com\/v1alpha1$/],
    ['an empty file', '', /^f holds no MCPServer/],
  ])('refuses %s', (_name, text, message) => {
    expect(() => renderDocuments(text, 'f')).toThrow(message);
  });

  it.each<[string, string]>([
    ['an alias of nothing', 'a: *b'],
    ['an alias within what it stands for', SERVER.replace('spec: {', 'spec: &a {config: {a: *a}, ')],
    ['a List that holds itself', '&a\nkind: List\nitems: [*a]\n'],
    ['aliases of aliases without end', ['- &a [1,1,1,1,1,1,1,1,1,1]', ...['b', 'c', 'd', 'e'].map((name, index) => `- &${name} [${Array(10).fill(`*${'abcd'[index]}`).join()}]`)].join('\n')],
    ['no end of brackets', '['.repeat(20_000)],
    ['items that are no list', 'kind: List\nitems: 5\n'],
    ['items that are a map', 'kind: List\nitems: {a: b}\n'],
    ['an empty name', SERVER.replace('name: demo', 'name: ""')],
    ['a name JavaScript has a meaning for', SERVER.replace('demo', '__proto__')],
    ['a spec that is none', SERVER.replace('{image: x}', '5')],
  ])("takes %s for a user's mistake, told in one sentence", (_name, text) => {
    const error = thrownBy(() => renderDocuments(text, 'f'));
    expect(error).toSatisfy(isUserError);
    expect((error as Error).message).toMatch(/^[^\n]+$/);
  });
});
