// The folder of `npm start`: the same at each start, its user's alone, empty, and another one for a second start at a time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { stateHome, takeStateFolder, type StateFolder } from './state-folder.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'state-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Takes a folder, and releases it when the test is over. */
async function take(home: string, temporary?: string): Promise<StateFolder> {
  const taken = await takeStateFolder({ XDG_STATE_HOME: home }, temporary);
  onTestFinished(() => taken.release());
  return taken;
}

const modeOf = (path: string): string => (lstatSync(path).mode & 0o777).toString(8);
const rootOf = (home: string): string => join(home, 'mcp-server-operator');

test.each([
  [{ XDG_STATE_HOME: '/x', HOME: '/home/ada' }, '/x'],
  [{ HOME: '/home/ada' }, '/home/ada/.local/state'],
  [{ XDG_STATE_HOME: '', HOME: '/home/ada' }, '/home/ada/.local/state'],
  // The specification has relative ones ignored.
  [{ XDG_STATE_HOME: 'x', HOME: '/home/ada' }, '/home/ada/.local/state'],
  [{ HOME: '' }, undefined],
  [{}, undefined],
])('%j leads to %s', (env, folder) => {
  expect(stateHome(env)).toBe(folder);
});

test('it is the same at each start, empty, with the same token, and nobody else can enter', async () => {
  const home = temporaryFolder();
  const first = await take(home);
  expect([first.dir, first.turn, first.remarks]).toEqual([join(rootOf(home), 'demo'), 1, []]);
  expect([rootOf(home), first.dir, join(rootOf(home), 'token')].map(modeOf)).toEqual(['700', '700', '600']);
  writeFileSync(join(first.dir, 'kubeconfig'), 'secret');
  await first.release();
  expect(readdirSync(rootOf(home))).toEqual(['token']);
  chmodSync(rootOf(home), 0o777);
  const second = await take(home);
  expect([second.dir, second.token, readdirSync(second.dir), modeOf(rootOf(home))]).toEqual([first.dir, first.token, [], '700']);
});

test('a second start at a time gets another, and is told; a tenth is refused', async () => {
  const home = temporaryFolder();
  const taken = await Promise.all(Array.from({ length: 9 }, () => take(home)));
  const names = ['demo', ...[2, 3, 4, 5, 6, 7, 8, 9].map((turn) => `demo-${turn}`)];
  expect(taken.map(({ dir }) => dir).toSorted()).toEqual(names.map((name) => join(rootOf(home), name)));
  expect(new Set(taken.map(({ token }) => token)).size).toBe(1);
  const second = taken.find(({ turn }) => turn === 2);
  expect(second?.remarks).toEqual([`another npm start runs: this one uses ${second?.dir}, and other ports`]);
  await expect(take(home)).rejects.toThrow('9 starts of npm start run already');
  await second?.release();
  expect((await take(home)).turn).toBe(2);
});

test('what a start left that was killed is emptied by the next one, which gets the same folder', async () => {
  const home = temporaryFolder();
  const code = `import { takeStateFolder } from ${JSON.stringify(join(import.meta.dirname, 'state-folder.ts'))};
    const { dir } = await takeStateFolder({ XDG_STATE_HOME: ${JSON.stringify(home)} });
    (await import('node:fs')).writeFileSync(dir + '/left', '');
    console.log(dir); setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [dir] = (await once(child.stdout, 'data')) as [Buffer];
  expect((await take(home)).turn).toBe(2);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const next = await take(home);
  expect([next.dir, readdirSync(next.dir)]).toEqual([dir.toString().trim(), []]);
});

describe('what is not the user\'s own folder is refused, and stays as it is', () => {
  test.each(['', 'demo'])('a link in place of mcp-server-operator/%s', async (name) => {
    const [home, other] = [temporaryFolder(), temporaryFolder()];
    writeFileSync(join(other, 'precious'), '');
    const path = join(rootOf(home), name);
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { recursive: true, force: true });
    symlinkSync(other, path.replace(/\/$/, ''));
    await expect(take(home)).rejects.toThrow(/mcp-server-operator(\/demo)? is a link: remove it, or set XDG_STATE_HOME to a folder of yours\.$/);
    expect(existsSync(join(other, 'precious'))).toBe(true);
  });

  test('a link that leads nowhere', async () => {
    const home = temporaryFolder();
    symlinkSync('/nowhere', rootOf(home));
    await expect(take(home)).rejects.toThrow('mcp-server-operator is a link');
  });

  test('a file', async () => {
    const home = temporaryFolder();
    writeFileSync(rootOf(home), 'mine');
    await expect(take(home)).rejects.toThrow('mcp-server-operator is no folder: remove it');
    expect(readFileSync(rootOf(home), 'utf8')).toBe('mine');
  });

  test.skipIf(process.getuid?.() !== 0)('a folder of somebody else', async () => {
    const home = temporaryFolder();
    mkdirSync(join(rootOf(home), 'demo'), { recursive: true });
    chownSync(join(rootOf(home), 'demo'), 65_534, 65_534);
    await expect(take(home)).rejects.toThrow(/demo is a folder of user 65534, not of 0: remove it/);
    chownSync(rootOf(home), 65_534, 65_534);
    await expect(take(home)).rejects.toThrow(/mcp-server-operator is a folder of user 65534/);
  });
});

test('without a folder that can be written a temporary one is used, and what is the matter is said', async () => {
  for (const env of [{ HOME: '/nonexistent' }, { XDG_STATE_HOME: '/proc/nothing' }, {}]) {
    const temporary = temporaryFolder();
    const taken = await takeStateFolder(env, temporary);
    expect(dirname(taken.dir)).toBe(temporary);
    expect(taken.remarks).toEqual([expect.stringMatching(/ cannot be made \(E\w+\)|neither XDG_STATE_HOME nor HOME names a folder/)]);
    await taken.release();
    expect(readdirSync(temporary)).toEqual([]);
  }
  expect(existsSync('/nonexistent')).toBe(false);
});

test.each<[string, (file: string, other: string) => void]>([
  ['others could read', (file) => chmodSync(file, 0o644)],
  ['is damaged', (file) => writeFileSync(file, 'x')],
  ['is a link', (file, other) => {
    rmSync(file);
    symlinkSync(other, file);
  }],
  ['is a folder', (file) => {
    rmSync(file);
    mkdirSync(file);
  }],
])('a token that %s is replaced', async (_what, spoil) => {
  const home = temporaryFolder();
  const other = join(temporaryFolder(), 'other');
  writeFileSync(other, 'A'.repeat(43), { mode: 0o600 });
  const first = await take(home);
  await first.release();
  const file = join(rootOf(home), 'token');
  spoil(file, other);
  const next = await take(home);
  expect(next.token).toMatch(/^[\w-]{43}$/);
  expect([first.token, 'A'.repeat(43)]).not.toContain(next.token);
  expect([readFileSync(file, 'utf8'), modeOf(file), readFileSync(other, 'utf8')]).toEqual([next.token, '600', 'A'.repeat(43)]);
});
