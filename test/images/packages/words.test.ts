// What a user writes to name a package, what is called after it, and what npm and uv say, as one sentence each.
import { describe, expect, test } from 'vitest';
import { uvEnvironment } from '../../../images/packages/index-settings.ts';
import { namesOf, NoVersionError, npmSpec, pypiSpec, written } from '../../../images/packages/package-spec.ts';
import { npmFailure, uvFailure } from '../../../images/packages/registry-words.ts';
import { serverManifest } from '../../../images/packages/server-manifest.ts';
import { renderDocuments } from '../../../reconciler/commands/render/render.ts';

const ended = { hung: false, missing: false };
const fromNpm = (of: string, ...lines: string[]): string => {
  const stderr = lines.map((line) => `npm error ${line}`).join('\n');
  return npmFailure({ of, outcome: { ...ended, stderr } }).message;
};
const fromUv = (of: string, stderr: string): string => uvFailure({ of, outcome: { ...ended, stderr } }, ' for arm64').message;

describe('a package is named', () => {
  test.each(['a@1.0.0', '@scope/name@2026.8.31', 'a@1.0.0-rc.1+build.5'])('by its npm name and version: %s', (text) => {
    expect(written(npmSpec(text))).toBe(text);
  });

  test.each(['a==1', 'A_b.c==2026.10.19', 'a[http,cli]==1.0rc1.post2', 'a==1!2.0+local.1'])('by its name and version on PyPI: %s', (text) => {
    expect(written(pypiSpec(text))).toBe(text);
  });

  test.each(['a', 'a@latest', 'a@^1.0.0', 'a@1', '@s/a', 'a@1.x', 'a@>=1 <2'])('of npm by one version, and %s is none', (text) => {
    expect(() => npmSpec(text)).toThrow(NoVersionError);
  });

  test.each(['a', 'a>=1', 'a==1.*', 'a@1', 'a~=1.0', 'a[x]'])('of PyPI by one version, and %s is none', (text) => {
    expect(() => pypiSpec(text)).toThrow(NoVersionError);
  });

  test.each(['', '@', 'github:a/b', 'git+https://x/y.git', './a', '/a', '../a@1.0.0', 'a b@1.0.0', '-x', 'a@file:../b', 'a@npm:b@1.0.0', '@a/b/c@1.0.0', `${'a'.repeat(300)}@1.0.0`])('by no other place of npm: %j', (text) => {
    expect(() => npmSpec(text)).toThrow(/is not a package of the registry|no exact version/);
    expect(() => npmSpec(text)).not.toThrow(TypeError);
  });

  test.each(['', 'a @ https://x/y.whl', '-r x', 'a==1; python_version>"3"', './a', 'a==1\n--index-url http://x'])('by no other place of PyPI: %j', (text) => {
    expect(() => pypiSpec(text)).toThrow(/is not a package of the index|no exact version/);
  });

  test('and who takes the one for the other is told', () => {
    expect(() => npmSpec('mcp-server-time==1.0')).toThrow('--pypi mcp-server-time==1.0');
    expect(() => pypiSpec('@scope/a@1.0.0')).toThrow('--npm @scope/a@1.0.0');
  });
});

test('image, files and MCPServer are called after it, whatever is in its name', () => {
  expect(namesOf(npmSpec('@modelcontextprotocol/server-everything@2026.8.31'))).toEqual({
    file: 'modelcontextprotocol-server-everything-2026.8.31', image: 'modelcontextprotocol/server-everything', tag: '2026.8.31', server: 'server-everything',
  });
  expect(namesOf(npmSpec('@playwright/mcp@0.0.83')).server).toBe('playwright-mcp');
  expect(namesOf(npmSpec('3d_Tool~x@1.0.0+b'))).toEqual({ file: '3d-tool-x-1.0.0-b', image: '3d-tool-x', tag: '1.0.0-b', server: 'd-tool-x' });
  expect(namesOf(pypiSpec('A_b.c==1!2')).image).toBe('a-b-c');
  for (const name of ['-', '@s/_', '7', 'x'.repeat(200), `${'x'.repeat(39)}-y`]) {
    const { server } = namesOf({ ecosystem: 'npm', name, version: '1', extras: '' });
    expect(server).toMatch(/^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/);
  }
});

describe('npm says', () => {
  test('that there is no such package, or that one is missing that it needs', () => {
    const lost = ['404 Not Found - GET https://registry.example.com/@s%2fa', '404', "404  The requested resource '@s/a@1.0.0' could not be found or you do not have permission to access it."];
    expect(fromNpm('@s/a@1.0.0', 'code E404', ...lost)).toBe('the registry has no package @s/a: is its name right? npm search knows more');
    expect(fromNpm('b@1.0.0', 'code E404', ...lost)).toBe('b@1.0.0 needs @s/a, which the registry does not have');
  });

  test('that there is no such version', () => {
    expect(fromNpm('a@9.0.0', 'code ETARGET', 'notarget No matching version found for a@9.0.0.')).toBe('the registry has no a@9.0.0');
    expect(fromNpm('b@1.0.0', 'code ETARGET', 'notarget No matching version found for a@9.0.0.')).toBe('b@1.0.0 needs a@9.0.0, a version that the registry does not have');
  });

  test.each([
    [['code EALLOWGIT', 'Fetching packages of type "git" have been disabled', 'Refusing to fetch "x@github:a/b"'], 'a@1.0.0 needs x@github:a/b, which comes from no registry, so that nothing says which bytes it has: it is not packed'],
    [['code ECONNREFUSED', 'FetchError: request to http://127.0.0.1:1/is-odd failed, reason: connect ECONNREFUSED 127.0.0.1:1', '    at ClientRequest.<anonymous> (x.js:1)'], 'npm cannot reach its registry: http://127.0.0.1:1 says connect ECONNREFUSED 127.0.0.1:1'],
    [['code EUSAGE', '`npm ci` can only install packages when your package.json and package-lock.json are in sync.'], 'the lockfile is not one of a@1.0.0: make one by leaving out --lock'],
    [['code EWHATEVER', 'something else', 'A complete log of this run can be found in: /x'], 'npm does not get a@1.0.0: something else'],
    [[], 'npm does not get a@1.0.0: it ended with an error'],
  ])('%j, in a sentence', (lines, sentence) => {
    expect(fromNpm('a@1.0.0', ...lines)).toBe(sentence);
  });
});

describe('uv says', () => {
  const unsatisfiable = ', we can conclude that your requirements are unsatisfiable.';
  test.each([
    [`error: No solution found when resolving dependencies\n  cause: Because a was not found in the package registry and you require a==1${unsatisfiable}`, /^the index has no package a: is its name right\?$/],
    [`error: No solution found when resolving dependencies\n  cause: Because there is no version of a==1 and you require a==1${unsatisfiable}`, /^the index has no a==1$/],
    [`error: No solution found\n  cause: Because a==1 has no usable wheels and you require a==1${unsatisfiable}\n\nhint: Wheels are required for \`a\``, /comes without a wheel for arm64, and nothing is built here: a==1 has no usable wheels/],
    [`error: x\n  cause: Because the requested Python version (>=3.11) does not satisfy Python>=3.13 and a==1 depends on Python>=3.13${unsatisfiable}`, /^a==1 needs another Python than 3\.11, which the image has: .*Python>=3\.13/],
    ['error: Request failed after 3 retries\n  cause: tcp connect error\n  cause: Connection refused (os error 111)', /^uv does not get a==1 for arm64: Request failed after 3 retries: tcp connect error: Connection refused \(os error 111\)$/],
    ['', /^uv does not get a==1 for arm64: it does not say why$/],
  ])('%j, in a sentence', (stderr, sentence) => {
    expect(fromUv('a==1', stderr)).toMatch(sentence);
  });

  test('at most some hundred characters of it', () => {
    expect(fromUv('a==1', `error: ${'x'.repeat(100_000)}`).length).toBeLessThan(500);
  });
});

test('what pip is told counts for uv where uv is told nothing', () => {
  const listed = "global.index-url='https://mirror.example.com/simple'\n:env:.index-url='https://env.example.com/simple'\nuser.extra-index-url='https://a.example.com https://b.example.com'\nglobal.cert='/ca.pem'\n";
  expect(uvEnvironment({}, listed)).toEqual({ UV_DEFAULT_INDEX: 'https://env.example.com/simple', UV_INDEX: 'https://a.example.com https://b.example.com', SSL_CERT_FILE: '/ca.pem' });
  expect(uvEnvironment({ UV_DEFAULT_INDEX: 'x', SSL_CERT_FILE: 'y' }, listed)).toEqual({});
  expect(uvEnvironment({}, 'WARNING: pip is not what it was\n')).toEqual({});
});

test('the MCPServer that is printed is one, whatever its arguments are', () => {
  const args = ['--flag', 'yes', '007', '- x', 'a: b', '#', ''];
  const yaml = serverManifest({ name: 'a', image: 'r.example.com/a:1', program: 'a', args, env: { KEY: 'no', N: '1' } });
  const rendered = renderDocuments(yaml, 'a.yaml');
  for (const text of ['"007"', '"yes"', '"no"', '- a\n']) expect(rendered).toContain(text);
  expect(renderDocuments(serverManifest({ name: 'a', image: 'r.example.com/a:1', program: 'a', port: 3001, args: [], env: {} }), 'a.yaml')).toContain('containerPort: 3001');
});
