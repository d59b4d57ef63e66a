// A registry of npm packages on this machine, for tests: it serves what was published to it, and remembers what it was asked.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** What a package says of itself. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A package in one version. */
export interface Published {
  readonly manifest: Manifest;
  /** The tarball. */
  readonly archive: () => Promise<Buffer>;
  /** As npm compares it; unless given, that of the tarball. */
  readonly integrity?: string;
}

export interface PackageRegistry {
  readonly port: number;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  publish(...packages: readonly Published[]): void;
  /** From now on requests are left without an answer. */
  fallSilent(): void;
  stop(): Promise<void>;
}

/** A package whose files are given, as `npm publish` would pack them. */
export function packageOf(manifest: Manifest, files: Readonly<Record<string, string>>): Published {
  const archive = async (): Promise<Buffer> => {
    const tar = pack();
    const all = { 'package.json': JSON.stringify(manifest), ...files };
    for (const [name, content] of Object.entries(all)) tar.entry({ name: `package/${name}`, mtime: new Date(0) }, content);
    tar.finalize();
    const chunks: Uint8Array[] = [];
    for await (const chunk of tar) chunks.push(chunk as Uint8Array);
    return gzipSync(Buffer.concat(chunks));
  };
  return { manifest, archive };
}

/** Starts it. Whoever started it stops it. */
export async function startPackageRegistry(host = '127.0.0.1'): Promise<PackageRegistry> {
  const all: Published[] = [];
  const asked: string[] = [];
  let isSilent = false;
  const answer = async (path: string): Promise<{ readonly type: string; readonly body: Buffer | string } | undefined> => {
    const archive = all.find(({ manifest }) => path === archivePath(manifest));
    if (archive !== undefined) return { type: 'application/octet-stream', body: await archive.archive() };
    const versions = all.filter(({ manifest }) => path === `/${manifest.name}`);
    if (versions.length === 0) return undefined;
    return { type: 'application/json', body: JSON.stringify(await packument(versions, port())) };
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    asked.push(path);
    if (isSilent) return;
    void answer(path).then((found) => {
      if (found === undefined) response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"error":"Not found"}');
      else response.writeHead(200, { 'Content-Type': found.type }).end(found.body);
    });
  });
  const port = (): number => (server.address() as AddressInfo).port;
  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: port(),
    asked,
    publish: (...packages) => void all.push(...packages),
    fallSilent: () => void (isSilent = true),
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

function archivePath({ name, version }: Manifest): string {
  return `/${name}/-/${name.split('/').at(-1)}-${version}.tgz`;
}

async function packument(published: readonly Published[], port: number): Promise<object> {
  const versions = await Promise.all(published.map(async ({ manifest, archive, integrity }) => {
    const sum = integrity ?? `sha512-${createHash('sha512').update(await archive()).digest('base64')}`;
    return [manifest.version, { ...manifest, dist: { tarball: `http://127.0.0.1:${port}${archivePath(manifest)}`, integrity: sum } }] as const;
  }));
  const newest = published.at(-1)?.manifest;
  return { name: newest?.name, 'dist-tags': { latest: newest?.version }, versions: Object.fromEntries(versions) };
}
