// Where unix sockets lie: with their owner alone, and at paths the kernel takes.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { socketFolder } from './sockets.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sockets-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder whose path has so many bytes. */
function folderOf(bytes: number): string {
  const parent = temporaryFolder();
  const folder = join(parent, 'x'.repeat(bytes - parent.length - 1));
  mkdirSync(folder);
  return folder;
}

const modeOf = (folder: string): string => (statSync(folder).mode & 0o777).toString(8);

/** Whether the longest name a socket gets there is one the kernel takes. */
function listens(folder: string): Promise<boolean> {
  const server = createServer();
  onTestFinished(() => void server.close());
  mkdirSync(join(folder, '10.244.255.254'));
  return new Promise((resolve) => server.once('error', () => resolve(false)).listen(join(folder, '10.244.255.254/localhost-65535'), () => resolve(true)));
}

test.each([40, 66, 67, 68, 90, 200])('below a folder with a path of %i bytes, or in a short one, sockets can be made, and nobody else can enter', async (bytes) => {
  const dir = folderOf(bytes);
  const folder = await socketFolder(dir);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  expect(folder.startsWith(`${dir}/`)).toBe(bytes <= 66);
  expect(modeOf(folder)).toBe('700');
  expect(await listens(folder)).toBe(true);
});

test('where no short folder can be made either, a sentence says what to do', async () => {
  const dir = folderOf(100);
  await expect(socketFolder(dir, ['/nowhere', '/proc'])).rejects.toThrow(`no short folder can be made in /nowhere, /proc: use a shorter folder than ${dir}`);
});

test('a folder that an earlier start left open is closed', async () => {
  const dir = temporaryFolder();
  mkdirSync(join(dir, 'sockets'));
  chmodSync(join(dir, 'sockets'), 0o777);
  expect(modeOf(await socketFolder(dir))).toBe('700');
});

test('what somebody has put in its place is refused', async () => {
  const dir = temporaryFolder();
  symlinkSync(temporaryFolder(), join(dir, 'sockets'));
  await expect(socketFolder(dir)).rejects.toThrow("sockets is not a folder of one's own");
});
