// The official conformance suite against the real process; what it may fail stands in conformance-baseline.yml.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type ServerProcess } from './server-process.ts';

const suite = join(import.meta.dirname, '../../node_modules/@modelcontextprotocol/conformance/dist/index.js');
const results = mkdtempSync(join(tmpdir(), 'mcp-conformance-'));
let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
  rmSync(results, { recursive: true });
});

test('fails only what the baseline lists, and passes what every server must', { timeout: 60_000 }, async () => {
  const args = ['server', '--url', server.url, '--expected-failures', join(import.meta.dirname, 'conformance-baseline.yml'), '-o', results];
  const { verdict, stdout } = await new Promise<{ verdict: string; stdout: string }>((resolve) => {
    execFile(process.execPath, [suite, ...args], { timeout: 50_000, maxBuffer: 16 * 1024 * 1024 }, (error, stdout) => {
      resolve({ verdict: error === null ? 'as the baseline says' : stdout.slice(stdout.indexOf('SUMMARY')), stdout });
    });
  });
  expect(verdict).toBe('as the baseline says');
  const passed = stdout.split('\n').flatMap((line) => /^✓ ([a-z-]+): [1-9]\d* passed, 0 failed/.exec(line)?.[1] ?? []);
  expect(passed).toEqual(expect.arrayContaining(['server-initialize', 'ping', 'tools-list', 'prompts-list', 'resources-list', 'dns-rebinding-protection']));
});
