// `cdk8s synth`: what dist/ holds, where it comes from, and that nothing else is touched.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { customResourceDefinition } from '../../charts/api/crd.ts';
import { isMCPServer, resolveSpec, type MCPServerManifest } from '../../charts/api/mcpserver.ts';
import { render } from '../../charts/render.ts';
import { toYaml } from '../../charts/yaml-text.ts';
import { mcpServer, MINIMAL } from '../support/rendered.ts';
import { McpServer, McpServerSpecResourcesLimits, McpServerSpecTransport } from '../../imports/mcp.example.com.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLES = readdirSync(join(ROOT, 'examples')).filter((name) => name.endsWith('.yaml'));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'synth-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Files below a folder with their contents. */
function contents(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => [
      join(entry.parentPath, entry.name).slice(root.length + 1),
      readFileSync(join(entry.parentPath, entry.name), 'utf8'),
    ]),
  );
}

/** Names of images in manifests, in order. */
function imagesOf(files: Record<string, string>): string[] {
  const texts = Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return texts.flatMap(([, text]) => [...text.matchAll(/ image: (.*)/g)].map(([, image]) => image ?? ''));
}

function documents(file: string): unknown[] {
  return parseAllDocuments(readFileSync(join(ROOT, file), 'utf8')).map((document) => document.toJS() as unknown);
}

/** Runs the app in a copy of the project whose network calls would fail: there is neither proxy nor resolver for it. `registry`: as a user sets it; `example`: one file more. */
function synth(name: string, { registry, example }: { registry?: string; example?: string } = {}): Record<string, string> {
  const project = join(folder, name);
  mkdirSync(project);
  for (const part of ['charts', 'examples', 'monitoring', 'package.json']) cpSync(join(ROOT, part), join(project, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  if (registry !== undefined) execFileSync('npm', ['pkg', 'set', `config.registry=${registry}`], { cwd: project });
  if (example !== undefined) writeFileSync(join(project, 'examples/another.yaml'), example);
  const guard = join(project, 'no-network.mjs');
  writeFileSync(guard, "import { Socket } from 'node:net';\nSocket.prototype.connect = () => { throw new Error('synth used the network'); };\n");
  const before = contents(join(project, 'charts'));
  execFileSync(process.execPath, ['--import', guard, 'charts/main.ts'], { cwd: project, env: { CDK8S_OUTDIR: 'dist' } });
  expect(readdirSync(project).toSorted()).toEqual(['charts', 'dist', 'examples', 'monitoring', 'no-network.mjs', 'node_modules', 'package.json']);
  expect(contents(join(project, 'charts'))).toEqual(before);
  return contents(join(project, 'dist'));
}

describe('dist/', () => {
  it('is what a fresh synth writes, twice, byte for byte, without a network and without touching anything else', () => {
    const first = synth('first');
    expect(synth('second')).toEqual(first);
    expect(contents(join(ROOT, 'dist'))).toEqual(first);
  });

  it('holds the CRD, both installations of the operator, the guards of each, and one file per example', () => {
    const operators = ['operator', 'operator-namespaced', 'operator-guards', 'operator-namespaced-guards'].map((name) => `${name}.k8s.yaml`);
    const wanted = ['crd.k8s.yaml', ...operators, ...EXAMPLES.map((name) => name.replace('.yaml', '.k8s.yaml'))];
    expect(readdirSync(join(ROOT, 'dist')).toSorted()).toEqual(wanted.toSorted());
  });

  it('names the images of a registry that a user sets in package.json, all of ours and no other', () => {
    const committed = imagesOf(contents(join(ROOT, 'dist')));
    const moved = committed.map((image) => image.replace('registry.example.com/mcp-server-operator/', 'ghcr.io/me/mcp/'));
    expect(moved.filter((image) => !committed.includes(image))).toHaveLength(3);
    expect(imagesOf(synth('registry', { registry: 'ghcr.io/me/mcp' }))).toEqual(moved);
  });

  it('has quotes and escapes where kubectl would read something else than was meant', () => {
    const server = mcpServer({ ...MINIMAL, config: { mode: '0o17', '0b1': 'a\u2028b' } }, { name: 'another' });
    const written = synth('misread', { example: toYaml([server]) })['another.k8s.yaml'];
    expect(written).toBe(toYaml(render(server)));
    expect(written).toContain('\n  mode: "0o17"\n');
    expect(written).toContain(String.raw`"0b1": "a\u2028b"`);
  });

  it('holds the CRD alone in a file of its own', () => {
    expect(documents('dist/crd.k8s.yaml')).toEqual([JSON.parse(JSON.stringify(customResourceDefinition()))]);
  });

  it.each(EXAMPLES)('renders %s as render() does, and passes every other document through', (name) => {
    const wanted = documents(join('examples', name)).flatMap((document) => (isMCPServer(document) ? render(document) : [document]));
    expect(documents(join('dist', name.replace('.yaml', '.k8s.yaml')))).toEqual(wanted);
  });

  it.each(EXAMPLES)('spells the MCPServers of %s with the bytes of render()', (name) => {
    const dist = readFileSync(join(ROOT, 'dist', name.replace('.yaml', '.k8s.yaml')), 'utf8');
    const servers = documents(join('examples', name)).filter(isMCPServer);
    expect(servers).not.toEqual([]);
    for (const server of servers) expect(dist).toContain(toYaml(render(server)));
  });
});

describe('examples/argo-cd', () => {
  it.each(readdirSync(join(ROOT, 'examples/argo-cd')).filter((name) => name.endsWith('.yaml')))('%s includes files that dist/ holds', (name) => {
    const [application] = documents(join('examples/argo-cd', name)) as [{ spec: { source: { path: string; directory: { include: string } } } }];
    const { path, directory } = application.spec.source;
    const included = directory.include.replaceAll(/[{}]/g, '').split(',');
    expect(path).toBe('dist');
    expect(readdirSync(join(ROOT, 'dist'))).toEqual(expect.arrayContaining(included));
  });

  it('name every file of dist/ once', () => {
    const all = readdirSync(join(ROOT, 'examples/argo-cd')).map((name) => readFileSync(join(ROOT, 'examples/argo-cd', name), 'utf8')).join('');
    for (const file of readdirSync(join(ROOT, 'dist'))) expect(all.split(file)).toHaveLength(2);
  });
});

describe('the generated import', () => {
  it('writes MCPServers that we accept, typed', () => {
    const chart = new Chart(new App(), 'chart', { namespace: 'tools' });
    const { name } = new McpServer(chart, 'server', {
      metadata: { name: 'demo' },
      spec: {
        image: 'a:1', transport: McpServerSpecTransport.STREAMABLE_HYPHEN_HTTP, replicas: 2, config: { A: '1' },
        env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
        resources: { limits: { memory: McpServerSpecResourcesLimits.fromString('1Gi') } },
      },
    });
    const [manifest] = chart.toJson() as [MCPServerManifest];
    expect([name, isMCPServer(manifest), manifest.metadata]).toEqual(['demo', true, { name: 'demo', namespace: 'tools' }]);
    expect(resolveSpec('demo', manifest.spec)).toMatchObject({
      image: 'a:1', transport: 'streamable-http', replicas: 2, config: { A: '1' }, env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
      resources: { limits: { memory: '1Gi' } },
    });
  });
});
