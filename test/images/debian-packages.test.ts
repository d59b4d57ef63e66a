// Where the packages of the base come from, with a stand-in for apt-get and the real dpkg-deb.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contentsOf, DebianPackages } from '../../images/debian-packages.ts';
import { tarEntries } from '../support/image-archive.ts';

const hasDpkg = spawnSync('dpkg-deb', ['--version']).error === undefined;

let folder: string;
let cache: string;
let lines: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'debian-'));
  cache = join(folder, 'cache');
  lines = [];
  mkdirSync(join(folder, 'bin'));
  vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A package with one file. */
function build(name: string, version: string): { file: string; sha256: string } {
  const tree = join(folder, `${name}-${version}`);
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
  mkdirSync(join(tree, 'lib'));
  writeFileSync(join(tree, 'lib/greeting'), `hello from ${version}`);
  writeFileSync(join(tree, 'DEBIAN/control'), `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\nMaintainer: x <x@example.com>\nDescription: x\n`);
  const file = join(folder, `${name}_${version}_amd64.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', '--build', tree, file]);
  return { file, sha256: createHash('sha256').update(readFileSync(file)).digest('hex') };
}

/** An apt-get that offers one file under the given names, from the start or after an update, and notes what it was asked. */
function offer(names: readonly string[], file: string, afterUpdate = false): void {
  const updated = join(folder, 'updated');
  const script = `#!/bin/sh
shift 2
echo "$*" >> ${join(folder, 'asked')}
[ "$1" = update ] && touch ${updated} && exit 0
for name in ${names.join(' ')}; do
  if [ "$2" = "$name" ] && ${afterUpdate ? `[ -e ${updated} ]` : 'true'}; then cp ${file} .; exit 0; fi
done
echo "E: Version for '$2' was not found" >&2
exit 100
`;
  writeFileSync(join(folder, 'bin/apt-get'), script);
  chmodSync(join(folder, 'bin/apt-get'), 0o755);
}

function asked(): string[] {
  return readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n');
}

function debian(): DebianPackages {
  return new DebianPackages({ folder: cache, log: (line) => lines.push(line) });
}

describe.skipIf(!hasDpkg)('a package of the lock file', () => {
  it('is fetched from apt once, and then comes from the cache', async () => {
    const { file, sha256 } = build('greeting', '1.0');
    offer(['greeting=1.0'], file);
    const first = await debian().locked({ name: 'greeting', version: '1.0', sha256 });
    expect(await debian().locked({ name: 'greeting', version: '1.0', sha256 })).toEqual(first);
    expect(asked()).toEqual(['download greeting=1.0']);
    const files = (await tarEntries(await contentsOf(first))).map(({ header, content }) => [header.name, content.toString()]);
    expect(files).toContainEqual(['./lib/greeting', 'hello from 1.0']);
  });

  it('is fetched again where the cached file is damaged', async () => {
    const { file, sha256 } = build('greeting', '1.0');
    offer(['greeting=1.0'], file);
    const first = await debian().locked({ name: 'greeting', version: '1.0', sha256 });
    writeFileSync(first.file, 'damaged');
    await debian().locked({ name: 'greeting', version: '1.0', sha256 });
    expect(asked()).toHaveLength(2);
    expect(readFileSync(first.file).equals(readFileSync(file))).toBe(true);
  });

  it('is looked for once more after an update of the lists', async () => {
    const { file, sha256 } = build('greeting', '1.0');
    offer(['greeting=1.0'], file, true);
    await debian().locked({ name: 'greeting', version: '1.0', sha256 });
    expect(asked()).toEqual(['download greeting=1.0', 'update --quiet', 'download greeting=1.0']);
    expect(lines).toEqual(['apt does not offer greeting=1.0: updating its lists']);
  });

  it('is refused with other contents, and leaves nothing half done', async () => {
    const { file } = build('greeting', '1.0');
    offer(['greeting=1.0'], file);
    await expect(debian().locked({ name: 'greeting', version: '1.0', sha256: '0'.repeat(64) })).rejects.toThrow('greeting 1.0 has other contents than the lock file says');
    expect(readdirSync(cache).filter((name) => !name.endsWith('.deb'))).toEqual([]);
  });

  it('that can no longer be had is said in a sentence that names the ways out; lists are updated once', async () => {
    const { file } = build('greeting', '2.0');
    offer(['greeting'], file);
    const packages = debian();
    const gone = { name: 'greeting', version: '1.0', sha256: '0'.repeat(64) };
    await expect(packages.locked(gone)).rejects.toThrow(/^apt does not offer greeting=1\.0: Version for 'greeting=1\.0' was not found\. .* --any-base-versions, for good with --update-base$/);
    await expect(packages.locked(gone)).rejects.toThrow('apt does not offer');
    expect(asked().filter((line) => line.startsWith('update'))).toHaveLength(1);
    expect(await packages.offered('greeting')).toMatchObject({ name: 'greeting', version: '2.0' });
  });
});

describe('without apt', () => {
  it('a sentence says what is missing', async () => {
    vi.stubEnv('PATH', join(folder, 'bin'));
    await expect(debian().offered('libc6')).rejects.toThrow('apt-get is missing: the base is made of Debian packages');
  });
});
