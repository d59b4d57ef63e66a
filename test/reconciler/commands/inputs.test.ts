// What -f takes: files, folders, several of them, standard input and URLs, each within its bounds.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { fetchText } from '../../../reconciler/commands/inputs/fetch-text.ts';
import { serversIn } from '../../../reconciler/commands/inputs/mcpservers.ts';
import { readInputs } from '../../../reconciler/commands/inputs/read-inputs.ts';
import { isUserError } from '../../../reconciler/commands/user-error.ts';
import { Authority } from '../../kubernetes/authority.ts';
import { folder } from '../../kubernetes/credentials.ts';
import { serveHttp } from '../../support/mcp-servers.ts';
import { call, NO_SURROUNDINGS } from './in-process.ts';
import { start } from './program.ts';

const server = (name: string): string => `apiVersion: mcp.example.com/v1alpha1\nkind: MCPServer\nmetadata: {name: ${name}}\nspec: {image: x}\n`;

/** Names of the MCPServers that are read. */
async function namesIn(filename: readonly string[], recursive = false): Promise<string[]> {
  return serversIn(await readInputs({ filename, recursive }, NO_SURROUNDINGS)).map(({ manifest }) => manifest.metadata.name);
}

/** What a user is told. */
async function told(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(() => new Error('nothing was refused'), (each: unknown) => each);
  expect(error).toSatisfy(isUserError);
  return (error as Error).message;
}

async function listening(listener: RequestListener): Promise<string> {
  const { port, close } = await serveHttp(listener);
  onTestFinished(close);
  return `http://127.0.0.1:${port}`;
}

describe('files and folders', () => {
  it('are read in the order in which they are given, folders by name', async () => {
    const json = JSON.stringify(parse(server('c')));
    const dir = await folder({ 'b.yaml': server('b'), 'a.yml': server('a'), 'c.json': json, 'notes.txt': 'a: [' });
    const other = join(await folder({ 'z.yaml': server('z') }), 'z.yaml');
    expect(await namesIn([other, dir])).toEqual(['z', 'a', 'b', 'c']);
  });

  it('below a folder are read if asked, and links to folders never, which may lead in a circle', async () => {
    const dir = await folder({ 'a.yaml': server('a') });
    await mkdir(join(dir, 'below'));
    await writeFile(join(dir, 'below/b.yaml'), server('b'));
    await symlink(dir, join(dir, 'below/circle'));
    expect(await namesIn([dir])).toEqual(['a']);
    expect(await namesIn([dir], true)).toEqual(['a', 'b']);
  });

  it.each<[string, string[], RegExp]>([
    ['nothing', ['/nonexistent'], /^cannot read \/nonexistent: there is no such file; give a YAML file with MCPServers$/],
    ['no end', ['/dev/zero'], /^cannot read \/dev\/zero: it is longer than 16 MiB; /],
    ['no manifest', ['/usr'], /^\/usr holds no file that ends with \.yaml, \.yml or \.json; folders in it are read with --recursive alone$/],
    ['standard input twice', ['-', '-'], /^standard input can be read once/],
    ['no name', [''], /^cannot read a file without a name/],
  ])('with %s are refused', async (_what, filename, message) => {
    expect(await told(namesIn(filename))).toMatch(message);
  });

  it('that are too long together are refused', async () => {
    const dir = await folder(Object.fromEntries(['a', 'b', 'c'].map((name) => [`${name}.yaml`, `# ${'x'.repeat(6 * 1024 * 1024)}\n${server(name)}`])));
    expect(await told(namesIn([dir]))).toBe('what -f names is longer than 16 MiB together; give less at a time');
  });

  it('that hold the same MCPServer twice are refused, in whatever way they come to it', async () => {
    const file = join(await folder({ 'a.yaml': `${server('a')}---\n${server('b')}` }), 'a.yaml');
    expect(await told(namesIn([file, file]))).toBe(`${file}, document 1: MCPServer a stands in ${file}, document 1, too: remove one of them`);
    const twins = join(await folder({ 'a.yaml': `${server('a')}---\n${server('a').replace('name: a', 'name: a, namespace: tools')}` }), 'a.yaml');
    expect(await namesIn([twins])).toEqual(['a', 'a']);
    const inOne = readInputs({ filename: [twins] }, NO_SURROUNDINGS).then((inputs) => serversIn(inputs, { namespace: 'tools' }));
    expect(await told(inOne)).toMatch(/MCPServer tools\/a stands in /);
  });

  it('are all rendered, and standard input among them', async () => {
    const file = join(await folder({ 'a.yaml': server('a') }), 'a.yaml');
    const { code, stdout } = await call(['render', '-f', file, '-f', '-'], { input: server('b') });
    expect([code, stdout.match(/^kind: Deployment/gm)?.length]).toEqual([0, 2]);
  });
});

describe('a URL', () => {
  it('is fetched, up to three redirects on its own host', async () => {
    const url = await listening(({ url: path = '' }, response) => {
      const left = Number(path.slice(1));
      if (left === 0) response.end(server('far'));
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    expect(await namesIn([`${url}/3`])).toEqual(['far']);
    expect(await told(namesIn([`${url}/4`]))).toBe(`cannot fetch ${url}/4: it is redirected more than 3 times; give the URL where it leads in the end`);
  });

  it.each<[string, RequestListener, string]>([
    ['leads to another host', (_, response) => response.writeHead(301, { location: 'https://example.com/a.yaml' }).end(), 'it is redirected to another host, example.com; give the URL there, if you trust it'],
    ['leads to a file', (_, response) => response.writeHead(301, { location: 'file:///etc/passwd' }).end(), 'it is redirected to file://, which is not fetched'],
    ['is not there', (_, response) => response.writeHead(404).end(), 'it was answered with HTTP 404; check the URL'],
    ['is a web page', (_, response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>'), 'it is a web page; give the URL of the file itself, which may be called "raw"'],
    ['is too long', (_, response) => response.end('x'.repeat(1024 * 1024 + 1)), 'it is longer than 1 MiB'],
    ['is packed', (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'), 'it was sent compressed, which nobody asked for; download it, and give the file'],
    ['breaks off', (_, response) => response.writeHead(200, { 'content-length': '10' }).write('x', () => response.destroy()), 'the connection was broken off'],
  ])('that %s is refused', async (_what, listener, message) => {
    const url = await listening(listener);
    expect(await told(fetchText(`${url}/a.yaml?token=hidden`, { env: {} }))).toBe(`cannot fetch ${url}/a.yaml: ${message}`);
  });

  it.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    ['sends a byte at a time', (_, response) => void setInterval(() => response.write('#'), 20).unref()],
  ])('that %s has its time, and no more', async (_what, listener) => {
    const url = await listening(listener);
    expect(await told(fetchText(url, { env: {} }, { timeoutMs: 300 }))).toBe(`cannot fetch ${url}/: it did not come within 0.3 s; download it, and give the file`);
  });

  it.each<[string, string]>([
    ['http://example.com/a.yaml', 'cannot fetch http://example.com/a.yaml: only https is fetched, and http from this machine alone'],
    ['ftp://example.com/a.yaml', 'cannot fetch ftp://example.com/a.yaml: only https is fetched, and http from this machine alone'],
    ['https://me:hidden@example.com/a.yaml', 'cannot fetch https://example.com/a.yaml: credentials in a URL are not sent; download it, and give the file'],
    ['https://', 'cannot fetch what is given as URL: it is none'],
    ['http://127.0.0.1:1/', 'cannot fetch http://127.0.0.1:1/: nothing listens there'],
  ])('%s is refused', async (url, message) => {
    expect(await told(namesIn([url]))).toBe(message);
  });

  it('over https is trusted by SSL_CERT_FILE, and not without', async () => {
    const authority = await Authority.make();
    onTestFinished(() => authority.remove());
    const https = createServer(await authority.issue('server'), (_, response) => response.end(server('secret')));
    onTestFinished(() => void https.close());
    await new Promise<void>((resolve) => void https.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(https.address() as AddressInfo).port}/a.yaml`;
    const env = { SSL_CERT_FILE: join(await folder({ 'ca.pem': authority.ca }), 'ca.pem') };
    expect(await fetchText(url, { env })).toBe(server('secret'));
    expect(await told(fetchText(url, { env: {} }))).toMatch(/nobody who is trusted issued its certificate; name that authority in NODE_EXTRA_CA_CERTS or SSL_CERT_FILE$/);
    expect(await start(['render', '-f', url], { env: { NODE_EXTRA_CA_CERTS: env.SSL_CERT_FILE } })).toMatchObject({ code: 0, stderr: '' });
    expect(await told(fetchText(url, { env: { SSL_CERT_FILE: '/nonexistent' } }))).toMatch(/^SSL_CERT_FILE names \/nonexistent, which cannot be read \(ENOENT\)/);
  });

  it('that hangs ends with Ctrl-C', async () => {
    const asked = Promise.withResolvers<void>();
    const url = await listening(() => asked.resolve());
    const ended = await start(['render', '-f', url], { onStart: (child) => void asked.promise.then(() => child.kill('SIGINT')) });
    expect(ended).toEqual({ code: null, signal: 'SIGINT', stdout: '', stderr: '' });
  });
});
