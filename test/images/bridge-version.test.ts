// One version of the stdio bridge, one set of bytes: pods are replaced where it moves, and only there.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BRIDGE_VERSION } from '../../charts/bridge-version.ts';
import { bundle } from '../../images/bundle/bundle.ts';
import { bridgeDigest, RECORDED, versionFor, withoutVersion } from '../../images/portable/version.ts';

describe("the bridge's version", () => {
  it('is that of the bytes there are: where it is not, run npm run generate', async () => {
    expect(await bridgeDigest()).toBe(RECORDED.digest);
  });

  it('stays with the same bytes, and moves with others', () => {
    expect(versionFor('a', { version: '1.2.9', digest: 'a' })).toEqual({ version: '1.2.9', digest: 'a' });
    expect(versionFor('b', { version: '1.2.9', digest: 'a' })).toEqual({ version: '1.2.10', digest: 'b' });
  });

  it('is not guessed where the recorded one is none', () => {
    expect(() => versionFor('b', { version: '1.2', digest: 'a' })).toThrow("the bridge's version is 1.2: expected three numbers");
  });

  it('is in the code once, and no part of what it follows', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stdio-bridge-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { files } = await bundle({ name: 'stdio-bridge', main: 'mcp-server/stdio-bridge/main.ts' }, folder);
    const code = files.filter((file) => file.endsWith('.mjs')).map((file) => readFileSync(join(folder, file), 'utf8')).join('');
    expect(code.split(BRIDGE_VERSION)).toHaveLength(2);
    expect(code).not.toContain(RECORDED.digest);
    expect(withoutVersion(code, BRIDGE_VERSION).includes(BRIDGE_VERSION)).toBe(false);
  });
});
