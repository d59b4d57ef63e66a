// One member put into the text of a JSON file and taken out again: nothing else changes.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonError, memberOf, withMember, withoutMember } from '../../../../reconciler/commands/connect/jsonc.ts';

const AT = { section: 'mcpServers', name: 'weather' };
const VALUE = { url: 'http://127.0.0.1:1/mcp' };
const WRITTEN = '"weather": {\n      "url": "http://127.0.0.1:1/mcp"\n    }';

describe('putting in', () => {
  it.each<[name: string, before: string, after: string]>([
    ['no text', '', `{\n  "mcpServers": {\n    ${WRITTEN}\n  }\n}\n`],
    ['an empty object', '{}', `{\n  "mcpServers": {\n    ${WRITTEN}\n  }\n}`],
    ['other settings', '{\n  "theme": "x"\n}\n', `{\n  "mcpServers": {\n    ${WRITTEN}\n  },\n  "theme": "x"\n}\n`],
    ['an empty section', '{\n  "mcpServers": {}\n}\n', `{\n  "mcpServers": {\n    ${WRITTEN}\n  }\n}\n`],
    ['other servers on one line', '{"mcpServers": {"a": {}}}', `{"mcpServers": {\n    ${WRITTEN},\n    "a": {}}}`],
    ['comments and a comma too many', '{\n  // "mcpServers": {\n  "mcpServers": { /* } */\n    "a": "}",\n  },\n}\n', `{\n  // "mcpServers": {\n  "mcpServers": {\n    ${WRITTEN},\n    /* } */\n    "a": "}",\n  },\n}\n`],
  ])('%s', (_name, before, after) => {
    expect(withMember(before, AT, VALUE)).toBe(after);
    expect(memberOf(after, AT)).toEqual(VALUE);
  });

  it('keeps the indentation of the file', () => {
    expect(withMember('{\n\t"a": 1\n}', AT, VALUE)).toContain('\n\t"mcpServers": {\n\t\t"weather": {\n\t\t\t"url"');
  });

  it('leaves one that is there', () => {
    expect(withMember('{"mcpServers": {"weather": {"url": "other"}}}', AT, VALUE)).toBeUndefined();
  });

  it.each(['[]', 'x', '{"a": }', '{"a": 1', '{"a" 1}', '{"mcpServers": []}', '{"a": 1} {}', '{"a": {]}', '{\'a\': 1}', '\0'])('refuses %j', (text) => {
    expect(() => withMember(text, AT, VALUE)).toThrow(JsonError);
  });
});

describe('taking out', () => {
  it('gives back the same settings, whatever they are', () => {
    const name = fc.string({ maxLength: 8 });
    const settings = fc.dictionary(name.filter((each) => each !== 'mcpServers' && each !== '__proto__'), fc.jsonValue(), { maxKeys: 5 });
    const others = fc.dictionary(name.filter((each) => each !== 'weather' && each !== '__proto__'), fc.jsonValue(), { maxKeys: 4 });
    const servers = fc.option(others, { nil: undefined });
    fc.assert(fc.property(settings, servers, fc.constantFrom(undefined, 2, '\t'), (theme, mcpServers, indent) => {
      const text = JSON.stringify({ ...theme, ...(mcpServers && { mcpServers }) }, null, indent);
      // As it is read: JSON has no -0.
      const before = JSON.parse(text) as { mcpServers?: object };
      const added = withMember(text, AT, VALUE) ?? '';
      expect(JSON.parse(added)).toEqual({ ...before, mcpServers: { ...before.mcpServers, weather: VALUE } });
      expect(JSON.parse(withoutMember(added, AT))).toEqual({ ...before, mcpServers: { ...before.mcpServers } });
    }));
  });

  it('takes it out of where another program moved it', () => {
    const moved = '{"mcpServers":{"a":{},"weather":{"url":"http://127.0.0.1:1/mcp"}},"b":1}';
    expect(JSON.parse(withoutMember(moved, AT))).toEqual({ mcpServers: { a: {} }, b: 1 });
    expect(withoutMember('{"b":1}', AT)).toBe('{"b":1}');
  });
});
