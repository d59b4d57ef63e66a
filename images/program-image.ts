// What an image of ours holds above the base: the files of a bundle, and how they are started.
import { join, posix } from 'node:path';
import { BASE_ENV } from './base.ts';
import { bundle } from './bundle/bundle.ts';
import { fileEntry, packLayer, type Entry, type Layer } from './layer.ts';
import { portableLinks } from './portable/links.ts';
import type { ImageConfig } from './oci-archive.ts';
import { APP } from './paths.ts';
import type { Program } from './programs.ts';

/** The layer with the files of a bundle, which lie in `folder`, and with further entries. */
export async function programLayer(folder: string, files: readonly string[], others: readonly Entry[] = []): Promise<Layer> {
  const entries = await Promise.all(files.map((file) => fileEntry(join(folder, file), posix.join(APP, file))));
  return packLayer(`COPY ${files[0]} and what belongs to it to ${APP}/`, [...entries, ...others]);
}

/** All layers of a program's image on `base`; its bundle is written to `folder`. */
export async function programLayers(program: Program, base: Layer, folder: string): Promise<Layer[]> {
  const { files } = await bundle(program, folder);
  return [base, await programLayer(folder, files, program.portable ? portableLinks(base.paths) : [])];
}

/** The configuration of an image of ours, with the environment of the base. */
export function imageConfig({ config }: { readonly config: ImageConfig }): ImageConfig {
  return { ...config, Env: [...BASE_ENV, ...(config.Env ?? [])] };
}
