// Reads tar archives whole.
import { extract } from 'tar-stream';

/** The files of an archive by path, folders and links left out. */
export async function tarFiles(archive: Uint8Array): Promise<Map<string, Uint8Array>> {
  const tar = extract();
  tar.end(archive);
  const files = new Map<string, Uint8Array>();
  for await (const entry of tar) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    if (entry.header.type === 'file') files.set(entry.header.name, Buffer.concat(chunks));
  }
  return files;
}
