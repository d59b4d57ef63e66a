// The entry in a client's file: put in whole, kept private, taken out again, and never at the cost of what others wrote.
import { chmodSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { placeEntry, type Placed } from '../../../../reconciler/commands/connect/client-file.ts';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'client-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const value = { url: 'http://127.0.0.1:1/mcp' };
const place = (name = 'mcp.json', entry = 'weather'): Promise<Placed> =>
  placeEntry({ file: join(folder, name), label: 'Cursor', section: 'mcpServers', name: entry, value });

it('makes a file where there was none, for its user alone, and takes it away again', async () => {
  const { copy, takeOut } = await place();
  expect(copy).toBeUndefined();
  expect(statSync(join(folder, 'mcp.json')).mode & 0o777).toBe(0o600);
  expect(await takeOut()).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});

it('gives back every byte, with the rights of before, and keeps a copy with the same', async () => {
  const file = join(folder, 'mcp.json');
  const text = '\uFEFF{ // mine\r\n  "big": 12345678901234567890,\r\n  "mcpServers": {"a": {"token": "secret"}}\r\n}';
  writeFileSync(file, text);
  chmodSync(file, 0o640);
  const { copy = '', takeOut } = await place();
  expect(readFileSync(file, 'utf8')).toContain('"weather"');
  expect([readFileSync(copy, 'utf8'), statSync(copy).mode & 0o777, statSync(file).mode & 0o777]).toEqual([text, 0o640, 0o640]);
  expect(await takeOut()).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

it('takes out its own where the client wrote the file anew meanwhile, and leaves what somebody changed', async () => {
  const file = join(folder, 'mcp.json');
  const first = await place();
  writeFileSync(file, JSON.stringify({ mcpServers: { weather: value, later: {} } }));
  expect(await first.takeOut()).toBe(true);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ mcpServers: { later: {} } });
  const second = await place();
  writeFileSync(file, JSON.stringify({ mcpServers: { weather: { url: 'changed' } } }));
  expect(await second.takeOut()).toBe(false);
});

it('two at a time each take out their own', async () => {
  const [first, second] = [await place('mcp.json', 'one'), await place('mcp.json', 'two')];
  expect([await first.takeOut(), await second.takeOut()]).toEqual([true, true]);
  expect(JSON.parse(readFileSync(join(folder, 'mcp.json'), 'utf8'))).toEqual({ mcpServers: {} });
});

it('takes over one of its own that a killed run left', async () => {
  await place();
  const again = await place();
  expect(await again.takeOut()).toBe(true);
  expect(readFileSync(join(folder, 'mcp.json'), 'utf8')).not.toContain('weather');
});

it('follows a link, which stays one', async () => {
  writeFileSync(join(folder, 'real.json'), '{}');
  symlinkSync('real.json', join(folder, 'mcp.json'));
  const { takeOut } = await place();
  expect(lstatSync(join(folder, 'mcp.json')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, 'real.json'), 'utf8')).toContain('weather');
  await takeOut();
  expect(readFileSync(join(folder, 'real.json'), 'utf8')).toBe('{}');
});

it.each<[name: string, prepare: () => void, sentence: RegExp]>([
  ['an entry of somebody else', () => writeFileSync(join(folder, 'mcp.json'), '{"mcpServers":{"weather":{"url":"x"}}}'), /has another entry weather already: .*--entry/],
  ['no JSON', () => writeFileSync(join(folder, 'mcp.json'), 'servers: []'), /is no JSON that can be edited, line 1: .*by hand/],
  ['a folder that is not there', () => rmSync(folder, { recursive: true }), /there is no folder .*--client-file/],
])('%s is told, and nothing is changed', async (_name, prepare, sentence) => {
  prepare();
  const file = join(folder, 'mcp.json');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  await expect(place()).rejects.toThrow(sentence);
  expect(existsSync(file) ? readFileSync(file, 'utf8') : undefined).toBe(before);
  const left = existsSync(folder) ? readdirSync(folder) : [];
  expect(left).toEqual(before === undefined ? [] : ['mcp.json']);
});
