// The official conformance suite over the bridge, before a stdio server with every fixture; what Shared mode fails is listed with its reason.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fixture, startBridge, untilReady } from './bridge-process.ts';

const SUITE = join(import.meta.dirname, '../../../node_modules/@modelcontextprotocol/conformance/dist/index.js');
/** Scenarios for servers, those that are pending among them. */
const ALL = 32;

/** What a server that is shared cannot do for many: it would tell, or ask, one of them unasked. */
const NOT_SHARED = [
  'elicitation-sep1034-defaults',
  'elicitation-sep1330-enums',
  'logging-set-level',
  'resources-subscribe',
  'resources-unsubscribe',
  'tools-call-elicitation',
  'tools-call-sampling',
  'tools-call-with-logging',
];

/** Scenarios by their outcome, of a bridge in a mode. The suite ends no session it begins: there are as many as scenarios. */
async function outcomes(mode: string): Promise<{ passed: string[]; failed: string[] }> {
  const results = mkdtempSync(join(tmpdir(), 'mcp-conformance-'));
  const bridge = await startBridge(fixture('full'), ['--sessions', mode, '--max-sessions', '50']);
  onTestFinished(async () => {
    rmSync(results, { recursive: true });
    expect(await bridge.stop()).toBe(0);
  });
  await untilReady(bridge);
  const args = [SUITE, 'server', '--url', bridge.url.href, '--suite', 'all', '-o', results];
  const stdout = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { timeout: 100_000, maxBuffer: 64 * 1024 * 1024 }, (_error, output) => resolve(output));
  });
  const named = (mark: string): string[] => [...stdout.matchAll(new RegExp(`^${mark} ([a-z0-9-]+): \\d`, 'gm'))].map(([, name = '']) => name).toSorted();
  return { passed: named('✓'), failed: named('✗') };
}

test('passes all of it with a process for each session', async () => {
  const { passed, failed } = await outcomes('PerSession');
  expect([failed, passed.length]).toEqual([[], ALL]);
});

test('fails in Shared mode what one process cannot do for many, and nothing else', async () => {
  const { passed, failed } = await outcomes('Shared');
  expect([failed, passed.length]).toEqual([NOT_SHARED, ALL - NOT_SHARED.length]);
});
