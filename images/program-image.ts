// What an image of ours holds above the base: the files of a bundle, and how they are started.
import { join, posix } from 'node:path';
import { BASE_ENV } from './base.ts';
import { fileEntry, packLayer, type Layer } from './layer.ts';
import type { ImageConfig } from './oci-archive.ts';
import { APP } from './paths.ts';
import type { Program } from './programs.ts';

/** The layer with the files of a bundle, which lie in `folder`. */
export async function programLayer(folder: string, files: readonly string[]): Promise<Layer> {
  const entries = await Promise.all(files.map((file) => fileEntry(join(folder, file), posix.join(APP, file))));
  return packLayer(`COPY ${files[0]} and what belongs to it to ${APP}/`, entries);
}

/** The configuration of a program's image on our base. */
export function imageConfig({ config }: Program): ImageConfig {
  return { ...config, Env: [...BASE_ENV, ...(config.Env ?? [])] };
}
