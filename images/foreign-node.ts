// The Node of another architecture than the machine's, which npm does not install: its package from the registry, kept unpacked.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { BaseUnavailableError } from './debian-packages.ts';
import { tarFiles } from './tar-files.ts';

/** Bounds a dead registry. */
const TIMEOUT_MS = 300_000;
/** What of the package is used. */
const FILES = ['package/package.json', 'package/bin/node', 'package/LICENSE'];

/** A folder below `cache` with package.json, program and licence of the npm package. Nobody has compared the bytes yet. Throws BaseUnavailableError. */
export async function foreignNode(name: string, version: string, cache: string): Promise<string> {
  const folder = join(cache, 'nodes', `${name}-${version}`);
  if ((await readdir(folder).catch(() => [])).length > 0) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(join(dirname(folder), 'download-'));
  try {
    await fetchInto(temporary, `${name}@${version}`);
    // Another process may have been faster: then its folder stays.
    await rename(join(temporary, 'package'), folder).catch(() => undefined);
    return folder;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function fetchInto(folder: string, spec: string): Promise<void> {
  const options = { cwd: folder, timeout: TIMEOUT_MS };
  await promisify(execFile)('npm', ['pack', spec, '--ignore-scripts', '--pack-destination', '.'], options).catch((error: unknown) => {
    const said = String((error as { stderr?: string }).stderr ?? error).trim().split('\n').findLast((line) => !/complete log/.test(line));
    throw new BaseUnavailableError(`npm does not get ${spec}, the Node of the other architecture: ${said}`);
  });
  const [archive = ''] = (await readdir(folder)).filter((file) => file.endsWith('.tgz'));
  const files = await tarFiles(gunzipSync(await readFile(join(folder, archive))));
  for (const path of FILES) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), files.get(path) ?? Buffer.of());
  }
}
