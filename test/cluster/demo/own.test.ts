// What somebody brings to `npm start` is looked at before anything starts: each mistake is one sentence that names the file and what to do.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { architectureHere, type Architecture } from '../../../images/architecture.ts';
import { packLayer } from '../../../images/layer.ts';
import { packMultiImage } from '../../../images/oci-archive.ts';
import { archiveIn } from './own/archive.ts';
import { ownManifests } from './own/manifests.ts';
import { readOwn, type OwnFlags, type OwnOptions } from './own/own.ts';
import { standIn, wordsOf } from './own/programs.ts';
import { saveAsDocker } from '../../support/docker-archive.ts';

const HERE = architectureHere() ?? 'amd64';
const OTHER: Architecture = HERE === 'amd64' ? 'arm64' : 'amd64';
const NAME = 'registry.example.com/team/a:1';
const SERVER = `apiVersion: mcp.example.com/v1alpha1\nkind: MCPServer\nmetadata: {name: a}\nspec: {image: "${NAME}"}\n`;

let folder: string;
const at = (name: string): string => join(folder, name);

function write(name: string, text: string | Uint8Array): string {
  writeFileSync(at(name), text);
  return at(name);
}

function read(flags: Partial<OwnFlags>, options: Partial<OwnOptions> = {}): ReturnType<typeof readOwn> {
  return readOwn({ image: [], apply: [], program: [], ...flags }, { kind: 'real', known: ['known:1'], folder, path: '/usr/bin:/bin', ...options });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'own-'));
  const layers = [await packLayer('a file', [{ path: '/a', type: 'file', content: Buffer.from('a') }])];
  await packMultiImage(at('here.tar'), { names: [NAME], config: {}, layers: { [HERE]: layers } });
  await packMultiImage(at('both.tar'), { names: [NAME, 'b'], config: {}, layers: { amd64: layers, arm64: layers } });
  await packMultiImage(at('other.tar'), { names: [NAME], config: {}, layers: { [OTHER]: layers } });
  await saveAsDocker(at('here.tar'), { file: at('docker.tar'), name: 'team/a:1' });
  await saveAsDocker(at('here.tar'), { file: at('docker-other.tar'), name: 'team/a:1', changes: { architecture: 's390x' } });
  write('compressed.tar.gz', gzipSync(readFileSync(at('both.tar'))));
  write('damaged.tar', readFileSync(at('both.tar')).subarray(0, 1500));
  write('text.tar', 'no archive at all');
  write('empty.tar', '');
  write('server.yaml', SERVER);
  execFileSync('tar', ['cf', at('files.tar'), '-C', folder, 'server.yaml']);
  mkdirSync(at('nothing'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an image archive', () => {
  test.each([
    ['here.tar', [NAME], [HERE]],
    ['both.tar', [NAME, 'docker.io/library/b:latest'], ['amd64', 'arm64']],
    ['compressed.tar.gz', [NAME, 'docker.io/library/b:latest'], ['amd64', 'arm64']],
    ['docker.tar', ['docker.io/team/a:1'], [HERE]],
  ])('%s is looked into: its names, and what it runs on', async (file, names, architectures) => {
    expect(await archiveIn(at(file))).toMatchObject({ names, architectures });
  });

  test.each([
    ['gone.tar', /cannot be read: there is no such file; --image takes an image archive/],
    ['nothing', /cannot be read: it is not a file/],
    ['text.tar', /is not an image archive/],
    ['empty.tar', /holds no image/],
    ['damaged.tar', /is not an image archive/],
    ['files.tar', /is a tar file, but holds no image: make one with npm run images/],
    ['server.yaml', /is not an image archive/],
    ['other.tar', new RegExp(`is for ${OTHER}, and this machine runs ${HERE}: build it for linux/${HERE}`)],
    ['docker-other.tar', /is for s390x/],
  ])('%s is none that runs here, which is said', async (file, sentence) => {
    await expect(read({ image: [at(file)], apply: [at('server.yaml')] })).rejects.toThrow(sentence);
  });
});

describe('manifests', () => {
  test('are read from files and folders, and namespaces that they name are made', async () => {
    mkdirSync(at('several'));
    write('several/1.yaml', SERVER.replace('{name: a}', '{name: a, namespace: tools}'));
    write('several/2.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'tools' } }] }));
    write('several/notes.txt', 'not read');
    const { texts, images } = await ownManifests([at('several'), at('server.yaml')]);
    expect([...texts.keys()]).toEqual(['namespaces', at('several/1.yaml'), at('several/2.json'), at('server.yaml')]);
    expect(texts.get('namespaces')).toBe('apiVersion: v1\nkind: Namespace\nmetadata:\n  name: tools\n');
    expect(images.map(({ image }) => image)).toEqual([NAME, NAME]);
  });

  test.each([
    ['gone.yaml', undefined, /gone\.yaml cannot be read: there is no such file; --apply takes files of YAML, or a folder/],
    ['empty.yaml', '', /empty\.yaml is empty/],
    ['half.yaml', 'a: [', /half\.yaml, document 1: /],
    ['text.yaml', 'hello', /document 1 is no Kubernetes object/],
    ['list.yaml', '- a', /document 1 is no Kubernetes object/],
    ['kind.yaml', 'kind: MCPServer', /document 1 has no apiVersion/],
    ['name.yaml', 'apiVersion: v1\nkind: Pod\nmetadata: {}', /the Pod has no metadata\.name/],
    ['pod.yaml', 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}', /holds no MCPServer/],
    ['old.yaml', SERVER.replace('v1alpha1', 'v9'), /apiVersion is mcp\.example\.com\/v9/],
    ['wrong.yaml', SERVER.replace('{image:', '{replicas: -1, prot: 3, image:'), /wrong\.yaml: MCPServer a is invalid: spec\.replicas.*; spec\.prot: unknown field/],
    ['large.yaml', `${SERVER}# ${'x'.repeat(1024 * 1024)}`, /has \d+ bytes, and a manifest at most 1048576/],
    ['nothing', undefined, /holds no file that ends in \.yaml/],
  ])('with a mistake are refused: %s', async (name, text, sentence) => {
    if (text !== undefined) write(name, text);
    const refused: unknown = await ownManifests([at(name)]).catch((error: unknown) => error);
    expect((refused as Error).message).toMatch(sentence);
    expect((refused as Error).message).not.toContain('\n');
  });
});

describe('programs of this machine', () => {
  test('stand in for an image, with their files from the folder they were named in', () => {
    expect(standIn('team/a:1=sh -c "echo \'a b\'" server.yaml --x=y', { folder, path: '/usr/bin:/bin' })).toEqual({
      image: 'docker.io/team/a:1', command: [expect.stringMatching(/bin\/sh$/), '-c', "echo 'a b'", at('server.yaml'), '--x=y'],
    });
    expect(wordsOf(`a ''  b"c d"e`)).toEqual(['a', '', 'bc de']);
  });

  test.each([['a:1', /is not IMAGE=COMMAND/], ['a:1=', /is not IMAGE=COMMAND/], ['A B=sh', /is not the name of an image/], ['a:1=nonesuch', /no program nonesuch on the PATH/], ['a:1=./server.yaml', /is no program/], ["a:1=sh 'x", /has a ' without/]])('and %s is none', (text, sentence) => {
    expect(() => standIn(text, { folder, path: '/usr/bin:/bin' })).toThrow(sentence);
  });
});

describe('all of it together', () => {
  test('is what MCPServers name: images by archive or by program, under whichever way of writing the name', async () => {
    expect(await read({})).toEqual({ manifests: new Map(), archives: [], programs: {} });
    expect(await read({ image: [at('both.tar')], apply: [at('server.yaml')] })).toMatchObject({ archives: [at('both.tar')], programs: {} });
    write('short.yaml', SERVER.replace(NAME, 'team/a:1'));
    const own = await read({ program: ['docker.io/team/a:1=sh x'], apply: [at('short.yaml')] }, { kind: 'process' });
    expect(own.programs).toEqual({ 'team/a:1': [expect.stringMatching(/sh$/), 'x'] });
  });

  test.each([
    [{ image: ['here.tar'] }, 'real', /--image brings what MCPServers run: name these as well, with --apply FILE/],
    [{ program: ['a=sh'], apply: ['server.yaml'] }, 'real', /--program is for local processes.*--image FILE/],
    [{ image: ['here.tar'], apply: ['server.yaml'] }, 'process', new RegExp(`--image needs containers.*--program ${NAME}=COMMAND`)],
    [{ apply: ['server.yaml'] }, 'real', new RegExp(`server\\.yaml names the image ${NAME}, which nothing here fetches: bring it with --image FILE`)],
    [{ image: ['docker.tar'], apply: ['server.yaml'] }, 'real', /what is brought is docker\.io\/team\/a:1: bring it/],
    [{ program: ['b=sh'], apply: ['server.yaml'] }, 'process', /name a program for it with --program/],
  ] as const)('and what does not fit is said: %j on a node of kind %s', async (flags, kind, sentence) => {
    const { image = [], apply = [], program = [] } = flags as Partial<OwnFlags>;
    await expect(read({ image: image.map(at), apply: apply.map(at), program }, { kind })).rejects.toThrow(sentence);
  });
});
