// Which program of a package is the server, how the image starts it, and which packages cannot run as they are installed.
import { describe, expect, test } from 'vitest';
import { mustBeHeld, mustNeedNoScript, mustRunOn, type Scripted } from '../../../images/packages/npm-checks.ts';
import { chosenProgram, programsOf, startOf } from '../../../images/packages/npm-program.ts';
import { chosenEntryPoint, entryPoints, launcher, metadataOf, portableRecord } from '../../../images/packages/pypi-program.ts';

const SCRIPT = { name: 'a', file: 'dist/index.js' };
const chosen = (bin: string | Record<string, string>, wanted?: string): string =>
  chosenProgram('a@1.0.0', programsOf({ name: '@s/a', bin }), { own: 'a', wanted }).name;
const start = (content: string | Buffer): unknown => startOf(SCRIPT, Buffer.from(content), 'amd64');

function elf(machine: number): Buffer {
  const content = Buffer.alloc(64);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46]).copy(content);
  content.writeUInt16LE(machine, 18);
  return content;
}

describe('the program of an npm package', () => {
  test('is the only one, or that of its name, or the one that is wanted', () => {
    const two = { a: 'x.js', b: 'y.js' };
    expect([chosen('x.js'), chosen({ b: 'x.js' }), chosen(two), chosen(two, 'b'), chosen({ '@s/a': 'x.js' })]).toEqual(['a', 'b', 'a', 'b', 'a']);
  });

  test('is asked for where there are several, and where there is none that is said', () => {
    expect(() => chosen({ b: 'x.js', c: 'y.js' })).toThrow('a@1.0.0 has 2 programs: name one with --bin, which are b, c');
    expect(() => chosen({ b: 'x.js' }, 'd')).toThrow('a@1.0.0 has no program d: it has b');
    expect(() => chosen({})).toThrow('is a library');
    for (const name of ['node', 'sh', '../../etc/passwd/..', '']) expect(() => chosen({ [name]: 'x.js' })).toThrow('as one of the image is');
  });

  test.each([
    ['#!/usr/bin/env node\nx', { by: 'itself' }],
    ['#!/bin/sh\nx', { by: 'itself' }],
    ['#!/usr/bin/env -S node --no-warnings\r\nx', { by: 'words', words: ['/nodejs/bin/node', '--no-warnings'] }],
    ['#!/opt/local/bin/node\nx', { by: 'words', words: ['/nodejs/bin/node'] }],
    ['import x', { by: 'words', words: ['/nodejs/bin/node'] }],
    [elf(62), { by: 'itself' }],
  ])('is started by what its file begins with', (content, expected) => {
    expect(start(content)).toEqual(expected);
  });

  test('is refused where the image has nothing that runs it', () => {
    expect(() => start('#!/usr/bin/env bash\n')).toThrow('a is started by bash, which the image does not have: it has Node and sh');
    expect(() => start('#!/usr/bin/python3\n')).toThrow('started by python3');
    expect(() => start(elf(183))).toThrow('for another processor than amd64');
    expect(() => startOf({ name: 'a', file: 'a' }, Buffer.of(), 'amd64')).toThrow('does not say what runs it');
  });
});

describe('an npm package', () => {
  const scripted: Scripted = { name: 'native', version: '1.0.0', scripts: { install: 'prebuild-install || node-gyp rebuild' }, prebuilds: [], optional: false };
  const judge = (changes: Partial<Scripted>, accepted: string[] = []) => (): void =>
    mustNeedNoScript([{ ...scripted, ...changes }], accepted, 'arm64');

  test('that runs something when it is installed is named with that, unless it is accepted or optional', () => {
    expect(judge({})).toThrow(/^native@1\.0\.0 runs "prebuild-install \|\| node-gyp rebuild" when it is installed, .* image for arm64 .* --accept native; /);
    expect(judge({ scripts: {} })).toThrow('runs "node-gyp rebuild"');
    expect(judge({ optional: true })).not.toThrow();
    expect(judge({}, ['native'])).not.toThrow();
  });

  test('that only looks for a file that was built before needs the one for the architecture', () => {
    expect(judge({ scripts: { install: 'node-gyp-build' }, prebuilds: ['linux-arm64', 'linux-x64'] })).not.toThrow();
    expect(judge({ scripts: { install: 'node-gyp-build' }, prebuilds: ['linux-x64'] })).toThrow('runs "node-gyp-build"');
    expect(judge({ scripts: { install: 'node-gyp-build', postinstall: 'node x.js' }, prebuilds: ['linux-arm64'] })).toThrow('runs "node x.js"');
  });

  test('is not packed where nothing says which bytes it needs', () => {
    const held = { version: '1.0.0', integrity: 'sha512-AAAA' };
    expect(() => mustBeHeld({ packages: { '': {}, 'node_modules/b': held, 'node_modules/b/node_modules/c': { inBundle: true } } }, 'a@1.0.0')).not.toThrow();
    expect(() => mustBeHeld({ packages: { 'node_modules/@s/b': { version: '1.0.0' } } }, 'a@1.0.0')).toThrow('a@1.0.0 needs @s/b, of which');
    expect(() => mustBeHeld({ packages: { 'node_modules/b': { ...held, resolved: 'git+ssh://x' } } }, 'a@1.0.0')).toThrow('needs b');
  });

  test('that needs a later Node is named with it', () => {
    expect(() => mustRunOn('24.21.0', [{ name: 'b', version: '2.0.0', engines: { node: '>=26' } }])).toThrow('b@2.0.0 needs Node >=26, and the image has 24.21.0');
    expect(() => mustRunOn('24.21.0', [])).not.toThrow();
  });
});

describe('the program of a Python package', () => {
  const points = entryPoints('[gui_scripts]\nx = x:x\n\n[console_scripts]\nmcp-time = mcp_time.server:Main.run [extra]\nplain = mcp_time\nbroken\n[other]\ny = y:y\n');

  test('is one that its entry points name', () => {
    expect(points.map(({ name }) => name)).toEqual(['mcp-time', 'plain']);
    expect(chosenEntryPoint('mcp_time==1', points, { own: 'mcp_time', wanted: undefined }).name).toBe('mcp-time');
    expect(chosenEntryPoint('x==1', points, { own: 'x', wanted: 'plain' }).name).toBe('plain');
    expect(() => chosenEntryPoint('x==1', points, { own: 'x', wanted: undefined })).toThrow('x==1 has 2 programs: name one with --bin, which are mcp-time, plain');
    expect(() => chosenEntryPoint('x==1', [], { own: 'x', wanted: undefined })).toThrow('is a library');
  });

  test('is started by a file that is the same on every machine', () => {
    expect(points.map(launcher)).toEqual([
      '#!/usr/bin/python3\nimport sys\nfrom mcp_time.server import Main\nsys.exit(Main.run())\n',
      '#!/usr/bin/python3\nimport mcp_time\n',
    ]);
    expect(portableRecord('a/__init__.py,sha256=x,1\nbin/a,sha256=y,2\n../../bin/b,sha256=y,2\na/__pycache__/x.pyc,,\nbinary/a.py,sha256=z,3\n')).toBe('a/__init__.py,sha256=x,1\nbinary/a.py,sha256=z,3\n');
  });
});

test.each([
  ['Name: A\nVersion: 1\nLicense-Expression: MIT\nLicense: text\n\nLicense: not this', 'MIT'],
  ['Name: A\nVersion: 1\nLicense: BSD-3-Clause\n', 'BSD-3-Clause'],
  [`Name: A\nVersion: 1\nLicense: ${'long '.repeat(50)}\nClassifier: License :: OSI Approved :: MIT License\n`, 'MIT License'],
  ['Name: A\nVersion: 1\n', ''],
])('what a Python package says of its licence is found: %#', (text, licence) => {
  expect(metadataOf(text)).toEqual({ name: 'A', version: '1', licence });
});
