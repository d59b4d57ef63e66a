// The body of a request, as far as it may be long.
import type { IncomingMessage } from 'node:http';

/** Undefined where it is longer, ends before its end, or is no UTF-8. */
export async function readText(request: IncomingMessage, mostBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= mostBytes) chunks.push(chunk);
    else resolve(false);
  });
  request.on('end', () => resolve(true)).on('error', () => resolve(false)).on('close', () => resolve(false));
  const isWhole = await promise;
  // Whatever more comes is thrown away until the connection ends.
  if (!isWhole) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return undefined;
  }
}
