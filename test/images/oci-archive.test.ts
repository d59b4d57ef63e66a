// The archive format: names, digests and order, on small images.
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderEntries, packLayer, type Entry } from '../../images/layer.ts';
import { imageName } from '../../images/image-name.ts';
import { packImage, packImages } from '../../images/oci-archive.ts';
import { readImage, sha256, tarEntries } from '../support/image-archive.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oci-archive-'));
});
afterAll(() => rm(folder, { recursive: true }));

const HELLO: Entry = { path: '/app/hello', type: 'file', mode: 0o755, content: Buffer.from('hello') };
const CONFIG = { User: '65532:65532', Entrypoint: ['/app/hello'] };

describe('an image archive', () => {
  it('has one manifest under each of its names, by which containerd and others know it', async () => {
    const layers = [await packLayer('hello', [HELLO])];
    const { names, digest } = await packImage({ file: join(folder, 'names.tar'), names: ['hello', 'your-registry/hello:v1.0.0', 'localhost:5000/a/b:1'], layers, config: CONFIG });
    const { manifests } = await readImage(join(folder, 'names.tar'));
    expect(names).toEqual(['docker.io/library/hello:latest', 'docker.io/your-registry/hello:v1.0.0', 'localhost:5000/a/b:1']);
    expect(manifests.map(({ annotations }) => annotations?.['io.containerd.image.name'])).toEqual(names);
    expect(manifests.map(({ annotations }) => annotations?.['org.opencontainers.image.ref.name'])).toEqual(['latest', 'v1.0.0', '1']);
    expect(manifests.map((each) => each.digest)).toEqual([digest, digest, digest]);
  });

  it('holds every blob under its digest and with its size, and tells what the layers are unpacked', async () => {
    const layers = [await packLayer('one', [HELLO]), await packLayer('two', [{ path: '/b', type: 'directory' }])];
    await packImage({ file: join(folder, 'blobs.tar'), names: ['a'], layers, config: CONFIG });
    const image = await readImage(join(folder, 'blobs.tar'));
    const { files, manifests, manifest, configuration } = image;
    const described = [...manifests, manifest.config, ...manifest.layers];
    for (const { digest, size } of described) {
      const blob = files.get(`blobs/${digest.replace(':', '/')}`);
      expect(blob?.length).toBe(size);
      expect(blob && sha256(blob)).toBe(digest);
    }
    expect([...files.keys()].filter((name) => name.startsWith('blobs/'))).toHaveLength(described.length);
    expect(configuration.rootfs.diff_ids).toEqual(image.layers.map(sha256));
    expect(configuration).toMatchObject({ architecture: 'amd64', os: 'linux', created: '1970-01-01T00:00:00Z', config: CONFIG });
    expect(configuration.history.map(({ created_by }) => created_by)).toEqual(['one', 'two']);
    expect(files.get('oci-layout')?.toString()).toBe('{"imageLayoutVersion":"1.0.0"}');
  });

  it('holds several images, each under its name, and the layers they share once', async () => {
    const [shared, own] = [await packLayer('one', [HELLO]), await packLayer('two', [{ path: '/b', type: 'directory' }])];
    const [one, two] = [{ names: ['one:1'], layers: [shared], config: CONFIG }, { names: ['two:2'], layers: [shared, own], config: CONFIG }];
    await packImages(join(folder, 'several.tar'), [one, two]);
    const { manifests, files } = await readImage(join(folder, 'several.tar'));
    const alone = await Promise.all([one, two].map((image) => packImage({ file: join(folder, `${image.layers.length}.tar`), ...image })));
    expect(manifests.map(({ annotations, digest }) => [annotations?.['io.containerd.image.name'], digest])).toEqual(
      alone.map(({ names, digest }) => [names[0], digest]),
    );
    expect([...files.keys()].filter((name) => name.startsWith('blobs/'))).toHaveLength(2 * 2 + 2);
  });

  it('holds a layer that is used twice once', async () => {
    const layer = await packLayer('one', [HELLO]);
    await packImage({ file: join(folder, 'twice.tar'), names: ['a'], layers: [layer, layer], config: CONFIG });
    expect([...(await readImage(join(folder, 'twice.tar'))).files.keys()].filter((name) => name.startsWith('blobs/'))).toHaveLength(3);
  });
});

describe('a layer', () => {
  it('has the same bytes whatever order its entries come in', async () => {
    const entries: Entry[] = [HELLO, { path: '/app/a', type: 'symlink', target: 'hello' }, { path: '/tmp', type: 'directory', mode: 0o1777 }];
    expect(await packLayer('x', entries.toReversed())).toEqual(await packLayer('x', entries));
  });

  it('gives everything to root, at the beginning of time, with the folders above it', async () => {
    const { blob } = await packLayer('x', [HELLO, { path: '/tmp', type: 'directory', mode: 0o1777 }]);
    const { gunzipSync } = await import('node:zlib');
    const headers = (await tarEntries(gunzipSync(blob))).map(({ header }) => header);
    expect(headers.map(({ name, mode, type }) => [name.replace(/\/$/, ''), mode, type])).toEqual([
      ['app', 0o755, 'directory'],
      ['app/hello', 0o755, 'file'],
      ['tmp', 0o1777, 'directory'],
    ]);
    for (const { uid, gid, mtime } of headers) expect([uid, gid, mtime.getTime()]).toEqual([0, 0, 0]);
  });

  it('takes folders of this machine: files, executable or not, folders and links', async () => {
    const source = join(folder, 'source');
    await mkdir(join(source, 'bin'), { recursive: true });
    await writeFile(join(source, 'bin/run'), 'x', { mode: 0o700 });
    await writeFile(join(source, 'data'), 'y', { mode: 0o600 });
    await symlink('bin/run', join(source, 'link'));
    const entries = await folderEntries(source, '/srv');
    expect(entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: '/srv/bin', type: 'directory' },
      { path: '/srv/bin/run', type: 'file', mode: 0o755, content: Buffer.from('x') },
      { path: '/srv/data', type: 'file', mode: 0o644, content: Buffer.from('y') },
      { path: '/srv/link', type: 'symlink', target: 'bin/run' },
    ]);
  });

  it('takes of a folder what is wanted', async () => {
    const source = join(folder, 'partly');
    await mkdir(source);
    for (const name of ['program.js', 'program.js.map']) await writeFile(join(source, name), 'x');
    const entries = await folderEntries(source, '/srv', (path) => !path.endsWith('.map'));
    expect(entries.map(({ path }) => path)).toEqual(['/srv/program.js']);
  });

  it('refuses a path that comes twice', async () => {
    await expect(packLayer('x', [HELLO, HELLO])).rejects.toThrow('/app/hello is in the layer twice');
  });

  it('is compressed once: the cache gives the same bytes, and is made again where it is damaged', async () => {
    const cache = join(folder, 'cache');
    const first = await packLayer('x', [HELLO], { cache });
    const file = join(cache, `${first.diffId.slice('sha256:'.length)}.tar.gz`);
    expect(await packLayer('x', [HELLO])).toEqual(first);
    expect((await readFile(file)).equals(first.blob)).toBe(true);
    await writeFile(file, 'damaged');
    expect(await packLayer('x', [HELLO], { cache })).toEqual(first);
  });
});

describe('the name of an image', () => {
  it.each([
    ['operator', 'docker.io/library/operator:latest'],
    ['operator:1', 'docker.io/library/operator:1'],
    ['tools/operator', 'docker.io/tools/operator:latest'],
    ['docker.io/operator', 'docker.io/library/operator:latest'],
    ['localhost/operator:1', 'localhost/operator:1'],
    ['registry.example.com:5000/a/b/c:v1', 'registry.example.com:5000/a/b/c:v1'],
  ])('%s is written out as %s', (name, full) => {
    expect(imageName(name).full).toBe(full);
  });

  it.each(['', 'Operator', 'a b', 'a:', 'a:b:c', 'example.com/', '/a', 'a@sha256:00'])('%j is refused', (name) => {
    expect(() => imageName(name)).toThrow('is not the name of an image');
  });
});
