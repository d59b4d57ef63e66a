// `mcp-operator verify` as a process of its own.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';

/** The operator's program. */
export const MAIN = join(import.meta.dirname, '../../reconciler/main.ts');

/** How the process ended, and what it printed. */
interface Ended { code: number | null; stdout: string; stderr: string }

/** Runs `mcp-operator verify` with a text on standard input. */
export function verifyWith(input: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, 'verify', ...args], { timeout: 60_000 }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
    child.stdin?.on('error', () => {}).end(input);
  });
}

/** Runs `mcp-operator verify`. */
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
