// Stdio servers whose images have nothing that the bridge could use: one static program alone, and one with another C library.
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../../images/cache-folder.ts';
import { DebianPackages } from '../../../images/debian-packages.ts';
import { packLayer, type Entry } from '../../../images/layer.ts';
import { packImages } from '../../../images/oci-archive.ts';
import { imageOf, NONROOT } from '../../../images/programs.ts';
import { goBuild } from '../../cluster/go-build.ts';
import { builtFolder, fillFolder, unlessCached } from '../../cluster/program-cache.ts';

type Log = (line: string) => void;

/** Images that are one program and what it needs. */
export const STATIC_IMAGE = imageOf('e2e-static');
export const MUSL_IMAGE = imageOf('e2e-musl');
/** Where the program lies in them. */
export const SERVER = '/usr/local/bin/server';

const SOURCE = join(import.meta.dirname, 'go');
const STATIC = 'static';
const DYNAMIC = 'dynamic';
/** The C library of Alpine, which is also its loader, as Debian has it. */
const MUSL = 'ld-musl-x86_64.so.1';
const MUSL_PACKAGES = ['musl', 'musl-dev', 'musl-tools'];

/** Writes one archive with both images to `folder`; returns its path. The programs are built once, half a minute of processor time, and kept in the user's cache. */
export async function packServers(folder: string, log: Log): Promise<string> {
  const programs = await obtainPrograms(log);
  const program = async (path: string, name: string): Promise<Entry> => {
    return { path, type: 'file', mode: 0o755, content: await readFile(join(programs, name)) };
  };
  const alone = await packLayer('a static program', [await program(SERVER, STATIC)]);
  const musl = await packLayer('a program and musl', [await program(SERVER, DYNAMIC), await program(`/lib/${MUSL}`, MUSL)]);
  const config = { User: NONROOT, Entrypoint: [SERVER] };
  const archive = join(folder, 'stdio-servers.tar');
  await packImages(archive, [{ names: [STATIC_IMAGE], layers: [alone], config }, { names: [MUSL_IMAGE], layers: [musl], config }]);
  return archive;
}

async function obtainPrograms(log: Log): Promise<string> {
  const { env } = process;
  const dir = await builtFolder('stdio-servers', { source: SOURCE, files: ['go.mod', 'go.sum', 'main.go'], env });
  const { signal } = new AbortController();
  const programs = [STATIC, DYNAMIC, MUSL];
  await unlessCached(dir, programs, { log, signal, make: () => fillFolder(dir, programs, (temporary) => build(temporary, log)) });
  return dir;
}

async function build(dir: string, log: Log): Promise<void> {
  const musl = join(dir, 'musl');
  await mkdir(musl);
  try {
    log('building stdio servers with Go: half a minute on two cores, once');
    const debian = new DebianPackages({ folder: join(cacheFolder(process.env), 'debian'), log });
    for (const name of MUSL_PACKAGES) await promisify(execFile)('dpkg-deb', ['--extract', (await debian.offered(name)).file, musl]);
    const libc = join(musl, 'lib/x86_64-linux-musl');
    await copyFile(join(libc, 'libc.so'), join(dir, MUSL));
    await chmod(join(dir, MUSL), 0o755);
    const settings = { signal: new AbortController().signal, source: SOURCE, log };
    await goBuild({ packagePath: '.', output: join(dir, STATIC) }, { ...settings, env: process.env });
    const env = { ...process.env, CC: `gcc -specs ${await compilerSpecs(musl)} -L${libc}` };
    await goBuild({ packagePath: '.', output: join(dir, DYNAMIC), cgo: true, linkerFlags: '-linkmode external' }, { ...settings, env });
  } finally {
    await rm(musl, { recursive: true });
  }
}

/** By these gcc takes the headers and libraries of musl, which here lie in a folder of their own. */
async function compilerSpecs(musl: string): Promise<string> {
  const text = await readFile(join(musl, 'usr/lib/x86_64-linux-musl/musl-gcc.specs'), 'utf8');
  const file = join(musl, 'gcc.specs');
  await writeFile(file, text.replaceAll(' /usr/', ` ${musl}/usr/`).replaceAll('-L/usr/', `-L${musl}/usr/`));
  return file;
}
