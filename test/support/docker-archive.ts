// An OCI archive in the form that `docker save` has had for ten years, for tests where there is no Docker.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { readImage } from './image-archive.ts';

/** Where it is written, under which name, and with what changed of its configuration. */
export interface Saved {
  readonly file: string;
  readonly name: string;
  readonly changes?: object;
}

/** Writes the image of an archive as Docker would. */
export async function saveAsDocker(archive: string, { file, name, changes = {} }: Saved): Promise<void> {
  const { configuration, layers } = await readImage(archive);
  const config = Buffer.from(JSON.stringify({ ...configuration, ...changes }));
  const id = createHash('sha256').update(config).digest('hex');
  const named = layers.map((content) => [`${createHash('sha256').update(content).digest('hex')}/layer.tar`, content] as const);
  const tar = pack();
  for (const [path, content] of named) tar.entry({ name: path }, content);
  tar.entry({ name: `${id}.json` }, config);
  tar.entry({ name: 'manifest.json' }, JSON.stringify([{ Config: `${id}.json`, RepoTags: [name], Layers: named.map(([path]) => path) }]));
  tar.finalize();
  await pipeline(tar, createWriteStream(file));
}
