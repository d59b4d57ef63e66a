// The images in which npx and uvx start servers, unpacked and run as a container runs them, but for its isolation.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheFolder } from '../../images/cache-folder.ts';
import { RUNTIMES, runtimeLayers } from '../../images/runtimes/runtimes.ts';
import { TOOLS } from '../../images/runtimes/tools.ts';

/** Commands, and what is in their answers. */
const NODE = [[['npx', '--version'], TOOLS.npm.version], [['node', '-p', 'process.version'], 'v24.']] as const;
const LOOK = 'import ssl, sqlite3, lzma, bz2, ctypes, uuid, asyncio; print(len(ssl.create_default_context().get_ca_certs()) > 50)';
const PYTHON = [[['uvx', '--version'], TOOLS.uv.version], [['python3', '-c', LOOK], 'True']] as const;
const PACKING_LIMIT_MS = 5 * 60_000;
const run = promisify(execFile);

describe.each(RUNTIMES)('$name', (runtime) => {
  let root: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'runtime-'));
    // The user without rights is to come in.
    await chmod(root, 0o755);
    const { layers } = await runtimeLayers(runtime, { cache: cacheFolder(process.env), log: () => undefined, anyVersions: true });
    for (const { blob } of layers) await unpack(gunzipSync(blob), root);
    await mkdir(join(root, 'proc'), { recursive: true });
  }, PACKING_LIMIT_MS);
  afterAll(() => rm(root, { recursive: true }));

  /** Needs root, as tests of images do that unpack them. */
  async function inImage(...command: readonly string[]): Promise<string> {
    const isolated = ['--fork', '--pid', '--mount', `--mount-proc=${join(root, 'proc')}`, 'chroot', '--userspec=65532:65532', root];
    const env = ['/usr/bin/env', '-i', 'HOME=/', 'PATH=/usr/local/bin:/usr/bin:/bin', 'npm_config_cache=/tmp', 'UV_CACHE_DIR=/tmp'];
    return (await run('unshare', [...isolated, ...env, ...command], { timeout: 60_000 })).stdout.trim();
  }

  test('has sh, env, dirname and realpath, and of BusyBox nothing else by name', async () => {
    const links: string[] = [];
    for (const folder of ['bin', 'usr/bin', 'usr/local/bin']) {
      for (const name of await readdir(join(root, folder)).catch(() => [])) {
        const target = await readlink(join(root, folder, name)).catch(() => '');
        if (target.endsWith('busybox')) links.push(name);
      }
    }
    expect(links.toSorted()).toEqual(['dirname', 'env', 'realpath', 'sh']);
    expect(await inImage('sh', '-c', 'dirname $(realpath /bin/sh)')).toBe('/bin');
  });

  test('runs its installer as a user without rights', async () => {
    for (const [command, answer] of runtime.name === 'node-runtime' ? NODE : PYTHON) expect(await inImage(...command)).toContain(answer);
  });

  test('lists what it is made of', async () => {
    const bill = JSON.parse(await readFile(join(root, `usr/share/sbom/${runtime.name}.cdx.json`), 'utf8')) as { components: { name: string }[] };
    const tool = runtime.name === 'node-runtime' ? 'npm' : 'uv';
    expect(bill.components.map(({ name }) => name).toSorted()).toEqual([...runtime.packages, tool].toSorted());
  });
});

async function unpack(archive: Buffer, root: string): Promise<void> {
  const tar = extract();
  tar.end(archive);
  for await (const entry of tar) {
    const { name, type, linkname, mode } = entry.header;
    const path = join(root, name);
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    await mkdir(type === 'directory' ? path : dirname(path), { recursive: true, mode: type === 'directory' ? mode : 0o755 });
    if (type === 'symlink') await symlink(linkname ?? '', path);
    else if (type === 'file') await writeFile(path, Buffer.concat(chunks), { mode });
  }
}
