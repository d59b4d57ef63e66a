// Everything this repository fetches, found in its own text, against the table in docs/security.md: each has a row, and bytes that are held.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import lock from '../../images/base-packages.json' with { type: 'json' };
import { OFFICIAL_RELEASE } from '../cluster/download.ts';

const ROOT = join(import.meta.dirname, '../..');
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
const TRACKED = files.filter((file) => existsSync(join(ROOT, file)));
/** Programs and recipes; of tests it is those that could fetch, too. */
const CODE = TRACKED.filter((file) => /\.(?:ts|js|mjs|sh)$|^\.ci\/|(?:^|\/)Dockerfile$/.test(file) && !file.startsWith('imports/'));

/** Programs that fetch, as others start them: the first argument of a call, or the first word of a command in a recipe. */
const FETCHERS = 'npm|npx|pnpm|yarn|bun|go|apt-get|apt|git|curl|wget|docker|podman|pip3?|cargo|skopeo|crane|oras';
const CALL = new RegExp(`\\(\\s*(?:'(?:${FETCHERS})'|"(?:${FETCHERS})"|\`(?:${FETCHERS}) )`);
const COMMAND = new RegExp(`(?:^|&&|\\|\\||;|\\bRUN)[ \\t]*(?:sudo )?(?:${FETCHERS}) (?!-v\\b)`, 'm');
/** The npm and uv of our own images, which are started by their files. */
const OURS = /npm-cli\.js'|\/bin\/uv'/;
/** An address of somebody else in code: not of this machine, of no made-up host, and behind no comment. */
const ADDRESS = /(?<![\w/])https?:\/\/(?![\w.-]*\b(?:example\.(?:com|org|net)|example|test|invalid|local|localhost|svc|internal)\b)([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})\//g;
/** Asks the host of a URL that a user names, which stands in no code. */
const ASKS_A_URL = /\bimport\b.*\bhttpGet\b/;
/** Addresses that are names: nobody asks them. */
const NAMES_ONLY = ['in-toto.io', 'slsa.dev', 'cyclonedx.org', 'json-schema.org', 'modelcontextprotocol.io', 'opencontainers.org', 'www.debian.org', 'www.w3.org'];
/** What starts such a program and fetches nothing, and why. */
const FETCH_NOTHING: Readonly<Record<string, string>> = {
  'images/packages/registry-words.ts': 'sentences about what npm says',
  'images/source.ts': 'git tells the commit',
  'test/charts/synth.test.ts': 'npm pkg set changes a file',
  'test/images/downloads.test.ts': 'git lists files; what is seeded is text',
  'test/images/provenance.test.ts': 'git makes a repository',
  'test/library/installation.ts': 'npm install --offline, from an empty cache',
  'test/library/library.test.ts': 'npx --no-install',
  'test/library/packed.ts': 'npm pack',
  'test/mcp-server/stdio-bridge/packages.test.ts': 'npm is a program that the bridge is to start, with a registry of the test',
  'test/readme.test.ts': 'npx --no-install',
};

/** Whether a file fetches: by a program that does, or from an address it names. */
function fetches(file: string, text: string): boolean {
  const code = text.split('\n').filter((line) => !/^\s*(?:\/\/|\/?\*|#(?!!))/.test(line)).join('\n');
  const isRecipe = !/\.(?:ts|js|mjs)$/.test(file);
  const addresses = [...code.matchAll(ADDRESS)].map(([, host = '']) => host).filter((host) => !NAMES_ONLY.includes(host));
  const starts = CALL.test(code) || OURS.test(code) || ASKS_A_URL.test(code);
  return starts || (isRecipe && (COMMAND.test(code) || /^FROM /m.test(code))) || (addresses.length > 0 && /\bfetch\(|\brequest\(|\bget\(/.test(code));
}

/** The rows of the table: what, where from, how its bytes are held, and the files that fetch it. */
function rows(): { what: string; held: string; by: string[] }[] {
  const [, table = ''] = /^## What is fetched.*?^\|---.*?\n(.*?)\n\n/ms.exec(textOf('docs/security.md')) ?? [];
  return table.split('\n').map((row) => {
    const [, what = '', , held = '', by = ''] = row.split('|').map((cell) => cell.trim());
    return { what, held, by: [...by.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file) };
  });
}

describe('what this repository fetches', () => {
  it('stands in the table of docs/security.md, file by file, and nothing else does', () => {
    const found = CODE.filter((file) => fetches(file, textOf(file)) && FETCH_NOTHING[file] === undefined);
    const told = new Set(rows().flatMap(({ by }) => by));
    expect(found.filter((file) => !told.has(file))).toEqual([]);
    expect([...told].filter((file) => !found.includes(file))).toEqual([]);
  });

  it('is excused by a reason only where a program that could fetch is started', () => {
    expect(Object.keys(FETCH_NOTHING).filter((file) => !fetches(file, textOf(file)))).toEqual([]);
  });

  it.each([
    ['images/a.ts', "await exec('curl', ['-O', url]);"],
    ['test/a.ts', "spawnSync('npm', ['install'])"],
    ['test/a.ts', 'execSync(`git clone ${url}`)'],
    ['test/a.ts', "await fetch('https://dl.k8s.io/release/x');"],
    ['images/a.ts', "const BASE = 'https://nodejs.org/dist/';\nawait fetch(`${BASE}x`);"],
    ['images/a.ts', "run([process.execPath, join(folder, 'npm/bin/npm-cli.js'), 'ci'])"],
    ['images/a.ts', "run([join(folder, 'usr/local/bin/uv'), 'pip'])"],
    ['reconciler/a.ts', "import { httpGet } from './http-get.ts';"],
    ['.ci/run', 'set -e\nnpm ci\n'],
    ['.ci/other', 'cd x && wget -q x\n'],
    ['test/x/Dockerfile', 'FROM scratch\n'],
    ['Dockerfile', 'RUN apt-get install -y curl\n'],
  ])('is seen in %s: %s', (file, text) => {
    expect(fetches(file, text)).toBe(true);
  });

  it.each([
    ['charts/a.ts', "// see https://kubernetes.io/docs/x\nawait fetch(url);"],
    ['test/a.ts', "await fetch('http://127.0.0.1:1/x'); await fetch('https://registry.example.com/x');"],
    ['images/a.ts', "const TYPE = 'https://slsa.dev/provenance/v1';\nawait fetch(url);"],
  ])('is not seen in %s: %s', (file, text) => {
    expect(fetches(file, text)).toBe(false);
  });
});

function isHeld(integrity = ''): boolean {
  return /^sha512-[\w+/]{86}==$/.test(integrity);
}

/** The package of a lockfile inside which another one may lie. */
function outermost(path: string): string {
  return /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? '';
}

describe('every download has a checksum that stands in the repository', () => {
  it.each(TRACKED.filter((file) => file.endsWith('package-lock.json')))('each npm package of %s by SHA-512, or inside one that has', (file) => {
    const { packages } = JSON.parse(textOf(file)) as { packages: Record<string, { integrity?: string; inBundle?: boolean }> };
    const without = Object.entries(packages).filter(([path, { integrity }]) => path !== '' && !isHeld(integrity));
    expect(without.filter(([path, { inBundle }]) => inBundle !== true || !isHeld(packages[outermost(path)]?.integrity))).toEqual([]);
    expect(Object.keys(packages).length).toBeGreaterThan(1);
  });

  it('npm is kept from other places than a registry with checksums: no package comes from an address or from git', () => {
    const locks = TRACKED.filter((file) => file.endsWith('package-lock.json')).map(textOf);
    expect(locks.length).toBeGreaterThan(1);
    for (const text of locks) expect(text.match(/"resolved": "(?!https:\/\/registry\.npmjs\.org\/)[^"]*"/g)).toBeNull();
  });

  it.each(TRACKED.filter((file) => file.endsWith('/go.mod')))('each Go module of %s, by the go.sum beside it', (file) => {
    const sums = textOf(join(dirname(file), 'go.sum')).trim().split('\n').map((line) => line.split(' '));
    for (const [, , sum] of sums) expect(sum).toMatch(/^h1:[\w+/]{43}=$/);
    const known = new Set(sums.map(([name, version]) => `${name} ${version?.replace('/go.mod', '')}`));
    const mod = textOf(file);
    const replaced = new Set([...mod.matchAll(/^\s*(?:replace )?(\S+)(?: v\S+)? => \S+ v\S+$/gm)].map(([, name]) => name));
    const required = [...mod.matchAll(/^(?:require )?\s*(\S+\.\S+) (v\S+)(?: \/\/.*)?$/gm)].filter(([, name]) => !replaced.has(name));
    expect(required.map(([, name, version]) => `${name} ${version}`).filter((each) => !known.has(each))).toEqual([]);
    expect(required.length).toBeGreaterThan(0);
  });

  it('Debian packages and the programs of a control plane', () => {
    for (const { sha256 } of lock) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    for (const hash of Object.values(OFFICIAL_RELEASE.envtestSha512)) expect(hash).toMatch(/^[0-9a-f]{128}$/);
    for (const hash of Object.values(OFFICIAL_RELEASE.managerSha256)) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });
});
