// A server that npx would start from a package: the bridge has npm install it once, and starts its program itself.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { packageOf, startPackageRegistry, type PackageRegistry, type Published } from '../../support/package-registry.ts';
import { call, messagesOf, openSession, post, startBridge, until, untilReady, type BridgeProcess } from './bridge-process.ts';

/** A stdio server of a few lines that tells how it was started. */
const SERVER = `
const reply = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
process.stdin.on('data', (chunk) => {
  for (const line of String(chunk).split('\\n').filter(Boolean)) {
    const { id, method, params } = JSON.parse(line);
    if (method === 'initialize') reply(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'little', version: '1' } });
    else if (method === 'tools/call') reply(id, { content: [{ type: 'text', text: JSON.stringify({ argv: process.argv.slice(1), flags: process.execArgv, path: process.env.PATH }) }] });
    else if (id !== undefined) process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: 'unknown' } }) + '\\n');
  }
});
`;

function little(version: string, firstLine = '#!/usr/bin/env node'): Published {
  return packageOf({ name: '@little/server', version, bin: { server: 'main.js', other: 'other.js' } }, { 'main.js': `${firstLine}\n${SERVER}`, 'other.js': `${firstLine}\n// other\n${SERVER}` });
}

async function commandsOf(pids: readonly number[]): Promise<string[]> {
  return Promise.all(pids.map(async (pid) => (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').join(' ')));
}

describe('npx', () => {
  let registry: PackageRegistry;
  let folder: string;

  beforeEach(async () => {
    registry = await startPackageRegistry();
    folder = await mkdtemp(join(tmpdir(), 'bridge-packages-'));
    return async () => {
      await registry.stop();
      await rm(folder, { recursive: true });
    };
  });

  async function bridgeOver(command: readonly string[], ...flags: readonly string[]): Promise<BridgeProcess> {
    const bridge = await startBridge(command, ['--packages', join(folder, 'packages'), ...flags], {
      HOME: '/', npm_config_cache: join(folder, 'cache'), npm_config_registry: `http://127.0.0.1:${registry.port}`, npm_config_fetch_retries: '0',
    });
    onTestFinished(async () => void (await bridge.stop()));
    return bridge;
  }

  interface Told {
    readonly argv: readonly string[];
    readonly flags: readonly string[];
    readonly path: string;
  }

  async function told(bridge: BridgeProcess): Promise<Told> {
    const session = await openSession(bridge);
    const [answer] = messagesOf(await post(bridge, call('any'), session)) as { result: { content: readonly { text: string }[] } }[];
    return JSON.parse(answer?.result.content[0]?.text ?? '') as Told;
  }

  const archives = (): string[] => registry.asked.filter((path) => path.endsWith('.tgz'));

  test('the package is installed once, and its program started itself with its arguments, for every session', async () => {
    registry.publish(little('1.0.0'), little('2.0.0'));
    const bridge = await bridgeOver(['npx', '-y', '@little/server@1.0.0', 'a b', '--x', '$(id)', ''], '--warm', '2');
    const sessions = await Promise.all([told(bridge), told(bridge), told(bridge)]);
    for (const { argv, path } of sessions) {
      expect(argv.slice(1)).toEqual(['a b', '--x', '$(id)', '']);
      expect(argv[0]).toMatch(/\/node_modules\/@little\/server\/main\.js$/);
      expect(path).toContain(`${folder}/packages`);
    }
    expect(archives()).toEqual(['/@little/server/-/server-1.0.0.tgz']);
    await untilReady(bridge);
    // One that is being started has the command of the bridge for a moment.
    await until('three run, each as the program itself', async () => {
      const running = await commandsOf(bridge.servers());
      return running.length >= 3 && running.every((command) => /^node \S+main\.js a b --x/.test(command));
    });
  });

  test('a bridge that is started again finds it there', async () => {
    registry.publish(little('1.0.0'));
    const first = await bridgeOver(['npx', '@little/server']);
    await untilReady(first);
    await first.stop();
    const asked = registry.asked.length;
    await untilReady(await bridgeOver(['npx', '@little/server']));
    expect(registry.asked).toHaveLength(asked);
  });

  test('another program of the package, and what its first line says of Node', async () => {
    registry.publish(little('1.0.0', '#!/usr/bin/env -S node --no-opt --title=little'));
    const { argv, flags } = await told(await bridgeOver(['npm', 'exec', '--package=@little/server@1.0.0', '--', 'other', 'x']));
    expect(argv).toEqual([expect.stringMatching(/other\.js$/), 'x']);
    expect(flags).toEqual(['--no-opt', '--title=little']);
  });

  test('a version that does not exist is told in the words of npm, and is found when it is published', async () => {
    registry.publish(little('1.0.0'));
    const bridge = await bridgeOver(['npx', '-y', '@little/server@1.0.1']);
    await until('the failure is told', async () => String((await bridge.ready())['reason']).includes('npm could not install'));
    expect(await bridge.ready()).toMatchObject({
      status: 503, reason: 'The server did not start: npm could not install @little/server@1.0.1: exit code 1.',
      lastWords: expect.arrayContaining([expect.stringMatching(/No matching version found for @little\/server@1\.0\.1/)]) as unknown,
    });
    registry.publish(little('1.0.1'));
    await untilReady(bridge);
  });

  test('a registry that does not answer is waited for as long as a server may take to start, and npm ended', async () => {
    registry.fallSilent();
    const bridge = await bridgeOver(['npx', '-y', '@little/server@1.0.0'], '--startup-timeout', '2');
    await until('the failure is told', async () => String((await bridge.ready())['reason']).includes('it was not done within 2 s'));
    expect(await bridge.ready()).toMatchObject({ status: 503, reason: expect.stringContaining('npm could not install @little/server@1.0.0') as unknown });
  });

  test('a bridge that is to end does not wait for the registry', async () => {
    registry.fallSilent();
    const bridge = await bridgeOver(['npx', '-y', '@little/server@1.0.0']);
    await until('npm has asked', () => registry.asked.length > 0);
    expect(await bridge.ready()).toMatchObject({ status: 503, reason: 'The package @little/server@1.0.0 is being installed by npm.' });
    expect(await bridge.stop()).toBe(0);
  });

  test('a package without a program is left to npx, which says so', async () => {
    registry.publish(packageOf({ name: 'empty', version: '1.0.0' }, { 'x.js': '' }));
    const bridge = await bridgeOver(['npx', '-y', 'empty@1.0.0']);
    await until('npx says it', async () => JSON.stringify((await bridge.ready())['lastWords'] ?? '').includes('could not determine executable to run'));
    expect(archives()).toContain('/empty/-/empty-1.0.0.tgz');
  });
});

test('without a folder for packages a command is started as it is', async () => {
  const bridge = await startBridge(['npx', '--no-such-option'], ['--startup-timeout', '5']);
  onTestFinished(async () => void (await bridge.stop()));
  await until('it is started', async () => String((await bridge.ready())['reason']).startsWith('The server did not start'));
  expect(bridge.log().some(({ msg }) => msg === 'installing the package of the server')).toBe(false);
});
