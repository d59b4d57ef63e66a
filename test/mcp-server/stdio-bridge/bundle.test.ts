// The bridge is copied into pods: it needs nothing but Node, and is small.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bundle } from '../../../images/bundle/bundle.ts';

test('its bundle has no package in it, and less than 200 KiB', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stdio-bridge-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { files, packages } = await bundle({ name: 'stdio-bridge', main: 'mcp-server/stdio-bridge/main.ts' }, folder);
  const bytes = files.filter((file) => file.endsWith('.mjs')).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  expect(packages).toEqual([]);
  expect(bytes).toBeLessThan(200 * 1024);
});
