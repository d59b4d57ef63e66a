// `mcp-operator verify` in the test's own process, and what its flags name.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { call, type Ended } from './in-process.ts';

/** Runs it with a text on standard input. */
export function verifyWith(input: string, ...args: readonly string[]): Promise<Ended> {
  return call(['verify', ...args], { input });
}

/** Runs it. */
export function verify(...args: readonly string[]): Promise<Ended> {
  return verifyWith('', ...args);
}

/** A file with a text, until the test ends. */
export function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'verify-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'file'), text);
  return join(folder, 'file');
}

/** For a matcher: a text in which a sentence stands. */
export function says(sentence: RegExp): string {
  return expect.stringMatching(sentence) as string;
}
