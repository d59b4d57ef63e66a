// docs/first-server.md, done as it is written: from a package, a file and an image of one's own to servers that a client calls.
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { differences } from '../../images/image-check.ts';
import { statementFile } from '../../images/paths.ts';
import { complaintsAbout } from '../support/cyclonedx.ts';
import { eventually } from '../support/cluster.ts';
import { saveAsDocker } from '../support/docker-archive.ts';
import { readImage, tarEntries } from '../support/image-archive.ts';
import { pythonWithClient } from '../python-client/python.ts';
import { blocksOf, shellWords } from '../support/page-blocks.ts';
import { callV1 } from '../support/real-clients.ts';
import { DEMO_SERVERS } from '../cluster/images.ts';
import { nodeBase, packBundled } from '../cluster/real-node/images.ts';
import { describeOnNode } from './support/e2e.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = blocksOf('first-server.md');
const BUILT = 'build/images/';
const HASH = /weather:[0-9a-f]{12}/;
const MINUTES = 60_000;
const run = promisify(execFile);

/** What is done while servers run; their addresses by name. */
type Work = (url: (name: string) => URL) => Promise<void>;

function blocks(heading: string, language: string): string[] {
  return PAGE.filter((block) => block.heading === heading && block.language === language).map(({ text }) => text);
}

/** The command lines of a section that begin so, as words behind it. */
function commands(heading: string, start: string): string[][] {
  const lines = blocks(heading, 'sh').flatMap((text) => text.trim().split('\n'));
  return lines.filter((line) => line.startsWith(start)).map((line) => shellWords(line.slice(start.length)));
}

describeOnNode('docs/first-server.md', () => {
  let folder: string;
  const printed = new Map<string, string>();

  /** As `npm run images -- …` in the folder; for one architecture, which is faster. */
  async function images(words: readonly string[]): Promise<string> {
    const { stdout } = await run(process.execPath, [join(ROOT, 'images/main.ts'), '--output', join(folder, BUILT), '--any-base-versions', '--arch', 'amd64', ...words], { cwd: folder });
    return stdout;
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'first-server-'));
    writeFileSync(join(folder, 'weather.py'), blocks('A Python file', 'python')[0] ?? '');
    writeFileSync(join(folder, 'dice.yaml'), blocks('An image that you have', 'yaml')[0] ?? '');
    for (const heading of ['An npm package', 'A Python package', 'A Python file']) {
      for (const words of commands(heading, 'npm run images -- ')) printed.set(heading, await images(words));
    }
    // There is no Docker here: the archive is made as docker save would.
    const dice = DEMO_SERVERS.find(({ name }) => name === 'dice');
    if (dice === undefined) throw new Error('there is no dice server');
    const [, name = '', , file = ''] = commands('An image that you have', 'docker ')[0] ?? [];
    const packed = await packBundled({ ...dice, image: name }, await nodeBase(() => undefined), folder);
    await saveAsDocker(packed, { file: join(folder, file), name });
  }, 5 * MINUTES);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('the MCPServer that is printed is that of the page, and lies beside the archive', () => {
    const [yaml = ''] = blocks('An npm package', 'yaml');
    expect(printed.get('An npm package')?.replaceAll(/^ {4}/gm, '')).toContain(yaml);
    const [file = ''] = readdirSync(join(folder, BUILT)).filter((each) => /everything.*\.yaml$/.test(each));
    expect(readFileSync(join(folder, BUILT, file), 'utf8')).toBe(yaml);
    expect(printed.get('A Python file')).toMatch(HASH);
  });

  test('an image is what its statement says, runs as nobody, lists what is in it, and is made again from its lock with the same bytes', async () => {
    const archive = join(folder, BUILT, 'weather.tar');
    expect(await differences(archive, statementFile(archive))).toEqual([]);
    const { configuration, layers, manifests } = await readImage(archive);
    expect(configuration.config).toMatchObject({ User: '65532:65532', Entrypoint: ['/usr/local/bin/weather'] });
    const packages = await tarEntries(layers.at(-2) ?? Buffer.of());
    const bill = packages.find(({ header }) => header.name.endsWith('.cdx.json'))?.content.toString() ?? '';
    expect(complaintsAbout(bill)).toEqual([]);
    expect((JSON.parse(bill) as { components: { purl: string }[] }).components.map(({ purl }) => purl)).toContain('pkg:pypi/mcp@2.3.0');
    expect(packages.map(({ header }) => header.name).filter((name) => /__pycache__|dist-packages\/bin/.test(name))).toEqual([]);
    const again = await images([...(commands('A Python file', 'npm run images -- ')[0] ?? []), '--lock', join(folder, BUILT, 'weather.requirements.txt')]);
    expect(again).toContain(manifests[0]?.digest ?? 'no digest');
  });

  /** `npm start` as these sections say, all at once, until `work` is done with it: the tables of the page come, and Ctrl-C ends it. */
  async function started(headings: readonly string[], more: readonly string[], work: Work): Promise<void> {
    const words = headings.flatMap((heading) => commands(heading, 'npm start -- ')[0] ?? []);
    const state = mkdtempSync(join(folder, 'state-'));
    const env = { ...process.env, XDG_STATE_HOME: state };
    const args = [join(ROOT, 'test/cluster/start.ts'), ...more, ...words];
    const start = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env });
    const ended = new Promise((resolve) => start.once('exit', resolve));
    let output = '';
    for (const stream of [start.stdout, start.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    try {
      await eventually(() => {
        if (start.exitCode !== null) throw new Error(output);
        expect(output).toContain('until Ctrl-C');
      }, { timeoutMs: 150_000, message: 'everything being up' });
      const lines = headings.flatMap((heading) => blocks(heading, 'text')).filter((text) => text.startsWith('default/'));
      expect(lines.length).toBe(headings.length);
      for (const line of lines) expect(output).toMatch(new RegExp(line.trim().replace(/:\d+\//, ':\\d+/')));
      await work((name) => new URL(new RegExp(`^default/${name} Ready 1/1 (\\S+)$`, 'm').exec(output)?.[1] ?? ''));
    } finally {
      start.kill('SIGINT');
    }
    expect(await ended).toBe(0);
  }

  test('without containers a program of this machine stands in for the image, and is reached though it is no Node', async () => {
    mkdirSync(join(folder, 'venv/bin'), { recursive: true });
    writeFileSync(join(folder, 'venv/bin/python'), `#!/bin/sh\nexec '${await pythonWithClient()}' "$@"\n`, { mode: 0o755 });
    const manifest = readFileSync(join(folder, BUILT, 'weather.yaml'), 'utf8');
    writeFileSync(join(folder, 'weather.yaml'), manifest.replace(/image: .*/, 'image: registry.example.com/team/weather:1.0.0'));
    await started(['Without root'], ['--node', 'process'], async (url) => {
      expect(await callV1(url('weather'), 'forecast', { city: 'Oslo' })).toContain('Oslo: sunny');
    });
  });

  test('all are Ready at once, with an address, and their tools are called', async () => {
    await started(['An npm package', 'A Python package', 'A Python file', 'An image that you have'], [], async (url) => {
      expect(await callV1(url('mcp-server-time'), 'get_current_time', { timezone: 'UTC' })).toContain('UTC');
      expect(await callV1(url('weather'), 'forecast', { city: 'Oslo' })).toContain('Oslo: sunny');
      expect(await callV1(url('my-dice'), 'roll-dice', { count: 2 })).toMatch(/\d \+ \d = \d/);
      const [inspector = []] = commands('An npm package', 'npx @modelcontextprotocol/inspector ');
      const asked = inspector.map((word) => (word.startsWith('http:') ? url('server-everything').href : word));
      const env = { PATH: process.env['PATH'] ?? '', MCP_INSPECTOR_SECRET_STORE: 'memory' };
      const { stdout } = await run(process.execPath, [join(ROOT, 'node_modules/.bin/mcp-inspector'), ...asked], { env, timeout: MINUTES });
      expect(stdout).toContain(blocks('An npm package', 'text').at(-1)?.trim());
    });
  });
});
