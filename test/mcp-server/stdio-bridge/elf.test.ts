// What of a program must be copied: as much as the system loads, judged by programs that then run.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadedPart } from '../../../mcp-server/stdio-bridge/elf.ts';

test('Node runs without what lies behind the part that is loaded', ({ skip }) => {
  if (process.platform !== 'linux') skip('no program of Linux here');
  const program = readFileSync(process.execPath);
  const part = loadedPart(program);
  expect(part?.length).toBeLessThan(program.length);
  const folder = mkdtempSync(join(tmpdir(), 'elf-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const copy = join(folder, 'node');
  writeFileSync(copy, Buffer.concat([part?.header ?? Buffer.of(), program.subarray(part?.header.length, part?.length)]));
  chmodSync(copy, 0o755);
  const code = 'process.stdout.write(process.version + new Intl.NumberFormat("de").format(0.5) + await (await fetch("data:,1")).text())';
  expect(execFileSync(copy, ['--input-type=module', '--eval', code], { encoding: 'utf8' })).toBe(`${process.version}0,51`);
});

const START = Buffer.alloc(64 + 56);
START.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
START.writeBigUInt64LE(64n, 32);
START.writeUInt16LE(56, 54);
START.writeUInt16LE(1, 56);
const changed = (change: (start: Buffer) => void): Buffer => {
  const start = Buffer.from(START);
  change(start);
  return start;
};

test('the part ends where the last segment does, or the table of segments', () => {
  expect(loadedPart(START)?.length).toBe(120);
  const later = changed((start) => {
    start.writeBigUInt64LE(1000n, 64 + 8);
    start.writeBigUInt64LE(24n, 64 + 32);
  });
  expect(loadedPart(later)?.length).toBe(1024);
});

test.each([
  ['nothing', Buffer.of()],
  ['a text', Buffer.from('#!/bin/sh\n'.repeat(20))],
  ['a program of 32 bits', changed((start) => start.writeUInt8(1, 4))],
  ['a program with the other order of bytes', changed((start) => start.writeUInt8(2, 5))],
  ['a program without segments', changed((start) => start.writeUInt16LE(0, 56))],
  ['a table that lies further behind', changed((start) => start.writeBigUInt64LE(2n ** 53n, 32))],
  ['a start that is cut off', START.subarray(0, 100)],
])('%s is copied whole', (_what, start) => {
  expect(loadedPart(start)).toBeUndefined();
});
