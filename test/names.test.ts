// Names of images and npm packages in what users copy: none of ours is one that a stranger could register and be run under.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { imageName } from '../images/image-name.ts';
import { PROGRAMS } from '../images/programs.ts';

const ROOT = join(import.meta.dirname, '..');
const below = (folder: string): string[] => {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));
};
const FILES = ['README.md', 'Dockerfile', ...['dist', 'examples', 'docs'].flatMap(below)];
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** The tutorial's samples apply as they are printed. Each says so at its top, but for what is generated. */
const SAMPLES: Readonly<Record<string, string>> = { basic: 'mcp-k8s-server:latest', advanced: 'mcp-k8s-server:latest', production: 'your-registry/mcp-k8s-server:v1.0.0' };
const AS_PRINTED = new Map(Object.entries(SAMPLES).flatMap(([name, image]) => [`examples/${name}-mcpserver.yaml`, `dist/${name}-mcpserver.k8s.yaml`].map((file) => [file, image])));
/** Images of others, whose names have owners. */
const FOREIGN = ['docker.io/library/node', 'gcr.io/distroless/nodejs24-debian12'];
/** Ends of host names that nobody can register: RFC 2606 and RFC 6761. */
const RESERVED = /(^|\.)(example\.(com|net|org)|example|invalid|test|localhost)(:\d+)?$/;
const OUR_IMAGES = [...PROGRAMS.map(({ name }) => name), 'mcp-k8s-server'];
const OUR_PACKAGES = [packageJson.name, ...Object.keys(packageJson.bin)];

const IMAGES = [
  // A field in YAML, JSON or TypeScript; in prose a colon is followed by a sentence.
  /(?:^|[{,\s])["']?image["']?[ \t]*[:=][ \t]*(["'`]?)([^\s"'`,{}()]+(?:\$\{\w+\})?)\1[ \t]*(?=[,;}#)\n]|$)/gm,
  // Command lines.
  /(?:--image[ =]|\b(?:docker|podman|nerdctl|crane|skopeo|ctr)\b[^\n`]*?\b(?:run|pull|push|tag|copy)(?: --?[\w-]+(?:=\S+)?)* |\bbuild\b[^\n`]*? -t |set image \S+ \w+=)(['"]?)([^\s'"`]+)\1/g,
  // Recipes.
  /^(?:FROM|ARG \w*_IMAGE=)()[ \t]*([^\s$]+)/gm,
  // Whatever ends like a name of ours.
  new RegExp(`()((?:[\\w.-]+(?::\\d+)?/)*(?:${OUR_IMAGES.join('|')}):[\\w$][\\w.$\\{\\}-]*)`, 'g'),
];

/** Images a text names; placeholders in capitals, archives and folders are none. */
function imagesIn(text: string): string[] {
  const found = IMAGES.flatMap((pattern) => [...text.matchAll(pattern)].map(([, , image = '']) => image));
  return [...new Set(found)].filter((image) => !/^[A-Z_]+$|^build\/|\.tar$|^\.|^-|^<|^\|/.test(image));
}

/** Whether a container runtime would look for the image at a host that somebody else has, or could have. */
function isForSale(image: string): boolean {
  const { full } = imageName(image.replaceAll(/\$\{\w+\}|\$\w+/g, 'x').replace(/@sha256:\w+$/, ''));
  return !RESERVED.test(full.split('/')[0] ?? '') && !FOREIGN.some((name) => full.startsWith(`${name}:`));
}

/** Whether a word of a command names a package of ours, with or without a version. */
function isOurs(word: string): boolean {
  return OUR_PACKAGES.includes(word.replace(/(?<=.)@.*$/, ''));
}

/** Commands that could make npm and its like fetch a package of ours, or run one that is not installed. */
function fetchesIn(text: string): string[] {
  const runs = [...text.matchAll(/\b(?:npx|pnpx|bunx)\b(?! --no-install\b)[^\n`|]{0,60}/g)].map(([command]) => command.trim());
  // Servers of other makers are fetched by npx: that is what their documentation says.
  const runners = runs.filter((command) => /\bmcp-(?:server-)?operator\b/.test(command));
  const managers = text.matchAll(/\b(?:npm|pnpm|yarn|bun)(?: -\S+)* (?:i|install|add|exec|x|dlx|create|init|view|pack)\b([^\n`|;&]*)/g);
  const installed = [...managers].filter(([, words = '']) => words.split(/\s+/).some(isOurs));
  return [...runners, ...installed.map(([command]) => command.trim())];
}

describe('images', () => {
  test('in dist/, examples and docs are found nowhere but at their user\'s, the tutorial\'s samples apart', () => {
    const named = FILES.flatMap((file) => imagesIn(textOf(file)).map((image): [string, string] => [file, image]));
    expect(named).toEqual(expect.arrayContaining([
      ['dist/operator.k8s.yaml', `registry.example.com/mcp-server-operator/operator:${packageJson.version}`],
      ['docs/images.md', `registry.example.com/mcp-server-operator/operator:${packageJson.version}`],
      ['examples/composition/tools.ts', 'registry.example.com/weather-mcp:${imageTag}'],
      ...AS_PRINTED,
    ]));
    expect(named.filter(([file, image]) => AS_PRINTED.get(file) !== image && isForSale(image))).toEqual([]);
  });

  test.each([...AS_PRINTED.keys()].filter((file) => file.startsWith('examples/')))('%s says at its top whose image it names', (file) => {
    expect(textOf(file)).toMatch(/^# The tutorial's sample: it applies as it is printed there, image included;[^]*Docker Hub[^]*?\napiVersion:/);
  });

  test.each([
    'image: mcp-server-operator/operator:0.1.0', "    image: 'operator'", '"image":"weather:1"', 'new Operator(c, "o", { image: `acme/operator:${tag}` })',
    'docker run -it mcp-server-operator/operator:0.1.0 --help', 'docker pull weather', 'kubectl run weather --image=weather:1', 'kubectl set image deployment/mcp-operator operator=acme/operator:2',
    'docker build --target operator -t acme/operator .', 'FROM weather AS base', 'load mcp-server-operator/kubernetes-mcp-server:0.1.0 first', 'as `mcp-k8s-server:v2`', 'image: quay.io/acme/weather:1',
    'image: registry.example.com.evil.io/operator:1', 'image: my-registry.io/operator:1',
  ])('would be found out: %s', (text) => {
    expect(imagesIn(text).filter(isForSale)).not.toEqual([]);
  });
});

describe('packages', () => {
  test('of ours are named nowhere for npm to fetch', () => {
    expect(FILES.flatMap((file) => fetchesIn(textOf(file)).map((command) => [file, command]))).toEqual([]);
    expect(FILES.filter((file) => textOf(file).includes('npx --no-install mcp-operator'))).toEqual(expect.arrayContaining(['README.md', 'docs/gitops.md']));
  });

  test.each([
    'npx mcp-operator render -f a.yaml', 'npx -y mcp-operator', 'npx -p mcp-server-operator mcp-operator', '{ "command": "npx", "args": ["mcp-operator"] }', 'npm install mcp-server-operator',
    'npm i -D mcp-server-operator@0.1.0', 'npm exec mcp-operator', 'pnpm add mcp-server-operator', 'yarn dlx mcp-operator', 'npm --silent install mcp-server-operator cdk8s',
  ])('would be found out: %s', (text) => {
    expect(fetchesIn(text)).not.toEqual([]);
  });

  test.each(['npx --no-install mcp-operator --help', 'npm install ./mcp-server-operator-0.1.0.tgz', 'npm install cdk8s-cli', "import { render } from 'mcp-server-operator'"])('is nothing to find: %s', (text) => {
    expect(fetchesIn(text)).toEqual([]);
  });
});
