// What the page is told of tools and results, whatever a server says; and what it may ask for.
import { expect, test } from 'vitest';
import { askingOf, callingOf } from '../../../../../reconciler/commands/dashboard/tools/asking.ts';
import { resultOf, toolOf } from '../../../../../reconciler/commands/dashboard/tools/telling.ts';

const MIB = 1024 * 1024;

test('a tool is told with its claims, in plain text', () => {
  const annotations = { readOnlyHint: false, destructiveHint: true, idempotentHint: 'yes', openWorldHint: true };
  expect(toolOf({ name: 'a\u202Eb', title: '<b>x</b>', description: 'one\n\ntwo', annotations, inputSchema: { type: 'object', properties: {} } })).toEqual({
    name: 'a\u202Eb', label: 'ab', title: '<b>x</b>', description: 'one two', fields: [], problem: null,
    hints: ['may change something', 'may destroy something', 'reaches into the world outside'],
  });
});

test.each([null, 7, [], {}, { name: '' }, { name: 7 }, { name: 'x'.repeat(300) }])('what cannot be called is no tool: %j', (tool) => {
  expect(toolOf(tool)).toBeUndefined();
});

test.each([
  { name: 'a', inputSchema: { type: 'object', properties: { a: { 'type': 'string', 'x-mcp-header': 'A' } } } },
  { name: 'a', inputSchema: { type: 'object' }, execution: { taskSupport: 'required' } },
])('what this page cannot call says so: %j', (tool) => {
  expect(toolOf(tool)?.problem).toMatch(/which this page does not/);
});

test('a result is text, JSON, and what is not shown', () => {
  const { parts, isError, isCut } = resultOf({
    isError: true,
    content: [
      { type: 'text', text: '<b>a</b>\r\n\tb\u202E\u001B[2J\u0000' }, { type: 'image', data: 'A'.repeat(46_000), mimeType: 'image/png' }, { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
      { type: 'resource_link', uri: 'file:///etc/passwd', name: 'x' }, { type: 'resource', resource: { uri: 'a://b', text: 'held' } }, { type: 'text', text: 7 }, null,
    ],
    structuredContent: { a: 1 },
  });
  expect({ isError, isCut }).toEqual({ isError: true, isCut: false });
  expect(parts).toEqual([
    { kind: 'text', text: '<b>a</b>\n\tb[2J' },
    { kind: 'hidden', text: 'image/png, 34 KB: not shown' },
    { kind: 'hidden', text: 'audio/wav, 3 B: not shown' },
    { kind: 'hidden', text: 'resource_link, of file:///etc/passwd: not shown' },
    { kind: 'hidden', text: 'resource, 4 B, of a://b: not shown' },
    { kind: 'hidden', text: 'text: not shown' },
    { kind: 'hidden', text: 'something: not shown' },
    { kind: 'structured', text: '{\n  "a": 1\n}' },
  ]);
});

test('of a result 1 MiB is shown, and 200 pieces', () => {
  const long = resultOf({ content: [{ type: 'text', text: 'a'.repeat(2 * MIB) }, { type: 'text', text: 'more' }] });
  expect(long.parts.map(({ text }) => text.length)).toEqual([MIB]);
  expect(long.isCut).toBe(true);
  const many = resultOf({ content: Array.from({ length: 1000 }, () => ({ type: 'text', text: 'a' })) });
  expect([many.parts.length, many.isCut]).toEqual([200, true]);
});

test.each([{}, { content: 7 }, { content: null, structuredContent: 7 }])('a result of nothing is nothing: %j', (result) => {
  expect(resultOf(result)).toMatchObject({ parts: [], isError: false, isCut: false });
});

test('structured content of 100,000 levels is not written out', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`) as object;
  expect(resultOf({ structuredContent: deep }).parts).toEqual([{ kind: 'structured', text: 'JSON of too many levels to be shown' }]);
});

const CALL = { namespace: 'tools', name: 'weather', header: { name: 'X-Key', value: 'c4n4ry' }, tool: 'say', arguments: { a: 1 } };

test('what the page asks for is read', () => {
  expect(callingOf(JSON.stringify(CALL))).toEqual({ ...CALL, header: { name: 'x-key', value: 'c4n4ry' } });
  expect(askingOf('{"namespace":"tools","name":"weather"}')).toEqual({ namespace: 'tools', name: 'weather', header: null });
});

test.each<object>([
  { name: '../x' }, { namespace: 'A' }, { name: 7 }, { tool: '' }, { tool: 7 }, { tool: 'x'.repeat(300) },
  { arguments: [] }, { arguments: null }, { header: 7 },
  { header: { name: 'Host', value: 'x' } }, { header: { name: 'mcp-session-id', value: 'x' } }, { header: { name: 'Content-Length', value: '0' } },
  { header: { name: 'a b', value: 'x' } }, { header: { name: 'x-key', value: 'c4n4ry\r\nhost: x' } }, { header: { name: 'x-key', value: 'c4n4ry\u00E9' } },
  { header: { name: 'x-key', value: 'c4n4ry'.repeat(9000) } }, { header: { name: 'x-key' } },
])('nothing is done for %j', (wrong) => {
  let sentence = '';
  try {
    callingOf(JSON.stringify({ ...CALL, ...wrong }));
  } catch (error) {
    sentence = String(error);
  }
  expect(sentence).toMatch(/^UserError: [A-Z].*\.$/);
  expect(sentence).not.toContain('c4n4ry');
});

test.each(['', 'x', '[]', 'null', '"x"'])('what is no request is refused: %s', (body) => {
  expect(() => callingOf(body)).toThrow(/no JSON object/);
});
