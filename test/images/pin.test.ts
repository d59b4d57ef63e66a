// `npm run images:pin` against a registry of our own on loopback, which speaks the distribution protocol with tokens.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imagesOf, pinned } from '../../images/pin/dockerfile.ts';
import { digestOfTag, MAX_MANIFEST_BYTES, MAX_TOKEN_BYTES } from '../../images/pin/registry.ts';
import { sha256 } from '../support/image-archive.ts';

const MAIN = join(import.meta.dirname, '../../images/pin/main.ts');
const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [] });
const DIGEST = sha256(Buffer.from(MANIFEST));

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let host: string;
let folder: string;
/** What the registry is asked, in order. */
let asked: { url: string; authorization: string | undefined; accept: string }[];
/** What replaces an answer, by path. */
let answers: Record<string, Answer>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pin-'));
  asked = [];
  answers = {};
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    const { authorization, accept = '' } = request.headers;
    asked.push({ url: request.url ?? '', authorization, accept });
    const replaced = answers[pathname];
    if (replaced !== undefined) replaced(request, response);
    else if (pathname === '/token') response.end(JSON.stringify({ token: `for ${searchParams.get('scope')}`.replaceAll(' ', '-') }));
    else if (!/^\/v2\/library\/(?:node|base)\/manifests\/(?:24|nonroot)$/.test(pathname)) response.writeHead(404).end('{}');
    else if (authorization === `Bearer for-repository:${pathname.split('/')[3]}:pull`) manifest(response);
    else challenge(response, `http://${host}/token`, pathname.split('/')[3] ?? '');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await rm(folder, { recursive: true });
});

function manifest(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': INDEX, 'docker-content-digest': DIGEST, ...headers }).end(MANIFEST);
}

function challenge(response: ServerResponse, realm: string, name: string): void {
  const header = `Bearer realm="${realm}",service="registry",scope="repository:${name}:pull"`;
  response.writeHead(401, { 'www-authenticate': header }).end('{"errors":[]}');
}

function long(bytes: number, headers: Record<string, string>): Answer {
  return (_request, response) => void response.writeHead(200, headers).end(Buffer.alloc(bytes, ' '));
}

function dockerfile(digest = ''): string {
  return `ARG BUILD_IMAGE=${host}/library/node:24${digest}\nARG BASE_IMAGE=${host}/library/base:nonroot${digest}\n\nFROM \${BUILD_IMAGE} AS build\n` +
    'RUN true\nFROM ${BASE_IMAGE} AS operator\nCOPY --from=build /a /b\n';
}

async function pin(text: string): Promise<{ text: string; stdout: string; stderr: string }> {
  const file = join(folder, 'Dockerfile');
  await writeFile(file, text);
  const ended = await promisify(execFile)(process.execPath, [MAIN, '--file', file]).catch((error: { stdout: string; stderr: string }) => error);
  return { text: await readFile(file, 'utf8'), stdout: ended.stdout, stderr: ended.stderr };
}

function ask(name = 'node'): Promise<string> {
  const [image] = imagesOf(`FROM ${host}/library/${name}:24`);
  if (image === undefined) throw new Error('no image');
  return digestOfTag(image);
}

describe('npm run images:pin', () => {
  it('writes to each image which digest its tag has, with a token for it, and touches nothing else', async () => {
    const { text, stdout } = await pin(dockerfile());
    expect(text).toBe(dockerfile(`@${DIGEST}`));
    expect(stdout).toBe(`${host}/library/node:24@${DIGEST}  was not pinned\n${host}/library/base:nonroot@${DIGEST}  was not pinned\n`);
    expect(asked.slice(0, 3).map(({ url, authorization }) => [url, authorization])).toEqual([
      ['/v2/library/node/manifests/24', undefined],
      ['/token?service=registry&scope=repository%3Anode%3Apull', undefined],
      ['/v2/library/node/manifests/24', 'Bearer for-repository:node:pull'],
    ]);
    expect(asked[0]?.accept).toMatch(/^application\/vnd\.oci\.image\.index\.v1\+json, .*manifest\.list\.v2\+json, /);
  });

  it('follows a tag that moved, and says what it was', async () => {
    const old = `sha256:${'0'.repeat(64)}`;
    const { text, stdout } = await pin(dockerfile(`@${old}`));
    expect(text).toBe(dockerfile(`@${DIGEST}`));
    expect(stdout).toContain(`@${DIGEST}  was ${old}`);
    expect((await pin(text)).stdout).toContain(`@${DIGEST}  as before`);
  });

  it('changes nothing when one image cannot be had', async () => {
    const broken = dockerfile().replace('base:nonroot', 'base:gone');
    const { text, stderr } = await pin(broken);
    expect(text).toBe(broken);
    expect(stderr).toBe(`error: ${host}/library/base:gone: the registry answered 404\n`);
  });
});

describe('a registry is not believed', () => {
  const path = '/v2/library/node/manifests/24';

  it.each<[string, { at: string; answer: Answer; said: string }]>([
    ['that says another digest', { at: path, answer: (_, response) => manifest(response, { 'docker-content-digest': `sha256:${'1'.repeat(64)}` }), said: 'but what it sent has' }],
    ['that sends a page', { at: path, answer: (_, response) => manifest(response, { 'content-type': 'text/html; charset=utf-8' }), said: 'answered with text/html, which is no manifest' }],
    ['that sends too much', { at: path, answer: long(MAX_MANIFEST_BYTES + 1, { 'content-type': INDEX }), said: `more than ${MAX_MANIFEST_BYTES} bytes` }],
    ['that wants a password', { at: path, answer: (_, response) => void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(), said: 'not the token protocol' }],
    ['that sends to plain HTTP elsewhere', { at: path, answer: (_, response) => challenge(response, 'http://registry.example.com/token', 'x'), said: 'which is not https' }],
    ['that redirects', { at: path, answer: (_, response) => void response.writeHead(307, { location: '/v2/library/base/manifests/nonroot' }).end(), said: 'unexpected redirect' }],
    ['that refuses the token', { at: path, answer: (_, response) => challenge(response, `http://${host}/token`, 'other'), said: 'the registry answered 401' }],
    ['that cuts off', { at: path, answer: (request) => void request.socket.destroy(), said: 'other side closed' }],
    ['whose tokens are too long', { at: '/token', answer: long(MAX_TOKEN_BYTES + 1, {}), said: `more than ${MAX_TOKEN_BYTES} bytes` }],
    ['whose tokens are none', { at: '/token', answer: (_, response) => void response.end('"\\n"'), said: 'answered without a token' }],
    ['whose tokens would be headers', { at: '/token', answer: (_, response) => void response.end('{"token":"a\\r\\nb: c"}'), said: 'answered without a token' }],
  ])('%s', async (_what, { at, answer, said }) => {
    answers[at] = answer;
    await expect(ask()).rejects.toThrow(said);
    await expect(ask()).rejects.toThrow(`${host}/library/node:24: `);
  });

  it('that gives no answer longer than it is waited for', async () => {
    answers[path] = () => undefined;
    const [image] = imagesOf(`FROM ${host}/library/node:24`);
    const stop = new AbortController();
    server.once('request', () => stop.abort(new Error('no answer in time')));
    await expect(digestOfTag(image as NonNullable<typeof image>, stop.signal)).rejects.toThrow('library/node:24: no answer in time');
  });
});

describe('the images of a Dockerfile', () => {
  it('are arguments, first lines of stages and sources of copies, without stages and what only a build knows', () => {
    const text = 'ARG BASE=r.example.com/a:1\nARG VERSION=1.2\nARG UNUSED=r.example.com/unused:1\nFROM $BASE AS one\nfrom --platform=linux/amd64 r.example.com:5000/b/c:2 AS two\n' +
      'FROM scratch\nCOPY --from=one /a /b\nCOPY --from=0 /a /b\nCOPY --chown=1 --from=r.example.com/d:3 /a /b\n# FROM r.example.com/comment:1\n';
    expect(imagesOf(text).map(({ tagged }) => tagged)).toEqual(['r.example.com/a:1', 'r.example.com:5000/b/c:2', 'r.example.com/d:3']);
    const digests = new Map(['r.example.com/a:1', 'r.example.com:5000/b/c:2', 'r.example.com/d:3'].map((each) => [each, DIGEST]));
    expect(pinned(text, digests).match(/@sha256:/g)).toHaveLength(3);
    expect(pinned(pinned(text, digests), digests)).toBe(pinned(text, digests));
  });

  it.each(['node:24', 'node', 'docker.io/library/node', 'library/node:24'])('%s is refused: what it is depends on who builds', (image) => {
    expect(() => imagesOf(`FROM ${image}`)).toThrow(`${image} names no registry or no tag`);
  });

  it.each([
    ['FROM ${BASE}', 'FROM ${BASE} cannot be pinned: no ARG gives it a default'],
    ['ARG V=1\nFROM r.example.com/a:${V}', 'FROM r.example.com/a:${V} cannot be pinned: only a build knows the image'],
  ])('%j is refused: only a build knows it', (text, said) => {
    expect(() => imagesOf(text)).toThrow(said);
  });

  it('of this project are all found', async () => {
    const text = await readFile(join(import.meta.dirname, '../../Dockerfile'), 'utf8');
    expect(imagesOf(text).map(({ registry, repository }) => `${registry}/${repository}`)).toEqual(['docker.io/library/node', 'gcr.io/distroless/nodejs24-debian12']);
  });
});
