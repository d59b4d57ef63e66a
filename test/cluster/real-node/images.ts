// The image archives a real node runs: our own programs, what the examples call them, and small ones beside them on the same base.
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BASE_ENV, baseLayer } from '../../../images/base.ts';
import { bundle } from '../../../images/bundle/bundle.ts';
import { cacheFolder } from '../../../images/cache-folder.ts';
import { fileEntry, packLayer, type Layer } from '../../../images/layer.ts';
import { packImage } from '../../../images/oci-archive.ts';
import { APP, NODE } from '../../../images/paths.ts';
import { imageConfig, programLayer, programLayers } from '../../../images/program-image.ts';
import { NONROOT, type Program, PROGRAMS } from '../../../images/programs.ts';
import { DEMO_SERVERS, KUBERNETES_MCP_SERVER_IMAGES, OPERATOR_IMAGES, SAMPLE_IMAGE, STDIO_BRIDGE_IMAGES } from '../images.ts';
import { PAUSE_IMAGE } from './configuration.ts';

const SAMPLE = join(import.meta.dirname, '../sample-program.ts');
const NAMES: Readonly<Record<Program['name'], readonly string[]>> = {
  operator: OPERATOR_IMAGES,
  'kubernetes-mcp-server': KUBERNETES_MCP_SERVER_IMAGES,
  'stdio-bridge': STDIO_BRIDGE_IMAGES,
};

/** The layer all of them share. Takes what the distribution has where the locked C libraries cannot be had. */
export function nodeBase(log: (line: string) => void): Promise<Layer> {
  return baseLayer({ cache: cacheFolder(process.env), log, anyVersions: true });
}

/** Writes the archives of our programs, of the small servers of the demonstration and of the sample the examples create to `folder`; returns their paths. `others` are further names of the Kubernetes MCP server. */
export async function packExampleImages(folder: string, base: Layer, others: readonly string[] = []): Promise<string[]> {
  const files: string[] = [];
  for (const program of PROGRAMS) {
    const names = [...NAMES[program.name], ...(program.name === 'kubernetes-mcp-server' ? others : [])];
    const layers = await programLayers(program, base, join(folder, 'bundles'));
    files.push((await packImage({ file: join(folder, `${program.name}.tar`), names, layers, config: imageConfig(program) })).file);
  }
  const sample = await packLayer('the sample program', [await fileEntry(SAMPLE, join(APP, basename(SAMPLE)))]);
  files.push(await packNodeProgram(join(folder, 'sample.tar'), SAMPLE_IMAGE, { layers: [base, sample], program: basename(SAMPLE) }));
  for (const { name, image, main } of DEMO_SERVERS) files.push(await packBundled({ name, main, image }, base, folder));
  return files;
}

/** A program, the source file it starts in from the project's root, and what its image is called. */
type Source = Readonly<Record<'name' | 'main' | 'image', string>>;

/** Writes the archive of a program of the sources, bundled, to `folder`; returns its path. */
export async function packBundled({ name, main, image }: Source, base: Layer, folder: string): Promise<string> {
  const bundles = join(folder, 'bundles');
  const { files } = await bundle({ name, main }, bundles);
  const layers = [base, await programLayer(bundles, files)];
  return packNodeProgram(join(folder, `${name}.tar`), image, { layers, program: `${name}.mjs` });
}

/** Writes the archive of a program that Node runs from /app; returns its path. */
export async function packNodeProgram(
  file: string,
  name: string,
  { layers, program }: { layers: readonly Layer[]; program: string },
): Promise<string> {
  const config = { User: NONROOT, Env: BASE_ENV, WorkingDir: APP, Entrypoint: [NODE, join(APP, program)] };
  return (await packImage({ file, names: [name], layers, config })).file;
}

/** Writes the archive of the container that holds a pod's namespaces, made of its one static program; returns its path. */
export async function packPause(program: string, folder: string): Promise<string> {
  const layer = await packLayer('pause', [{ path: '/pause', type: 'file', mode: 0o755, content: await readFile(program) }]);
  const config = { User: NONROOT, Entrypoint: ['/pause'] };
  return (await packImage({ file: join(folder, 'pause.tar'), names: [PAUSE_IMAGE], layers: [layer], config })).file;
}
