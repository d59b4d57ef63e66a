// `mcp-operator verify`: the verdict in words, and as an exit code for scripts.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import * as servers from '../../support/mcp-servers.ts';

const MAIN = join(import.meta.dirname, '../../../reconciler/main.ts');
const running: servers.RunningServer[] = [];
afterEach(async () => { await Promise.all(running.splice(0).map((each) => each.close())); });

function verify(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, 'verify', ...args], { timeout: 60_000 }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}

async function urlOf(server: Promise<servers.RunningServer>, path = '/mcp', protocol = 'http'): Promise<string> {
  const up = await server;
  running.push(up);
  return `${protocol}://127.0.0.1:${up.port}${path}`;
}

function says(sentence: RegExp): string {
  return expect.stringMatching(sentence) as string;
}

describe('the exit code', () => {
  it('is 0 for servers of both eras, and for one that asks for credentials', async () => {
    const modern = { code: 0, stdout: 'Verified: modern 2.0.0 speaks MCP 2026-07-28. Clients that begin with initialize, such as those of the TypeScript SDK v1, cannot use it.\n', stderr: '' };
    expect(await verify(await urlOf(servers.serveModern()))).toEqual(modern);
    expect(await verify(await urlOf(servers.serveStateful()))).toMatchObject({ code: 0, stdout: says(/^Verified: legacy/) });
    expect(await verify(await urlOf(servers.serveAnswer({ status: 401 })))).toMatchObject({ code: 0, stdout: says(/^AuthRequired: /) });
  });

  it('is 1 where a client would fail', async () => {
    expect(await verify(await urlOf(servers.serveStateless(), '/wrong'))).toMatchObject({ code: 1, stdout: says(/^WrongPath: /) });
    expect(await verify(await urlOf(servers.serveTcp(() => {})), '--timeout', '1')).toMatchObject({ code: 1, stdout: says(/^Hang: /) });
  });

  it('is 2 where nobody could tell', async () => {
    const gone = await servers.serveTcp(() => {});
    await gone.close();
    expect(await verify(`http://127.0.0.1:${gone.port}/mcp`)).toMatchObject({ code: 2, stdout: says(/^Unreachable: .*connection refused/) });
    expect(await verify('http://no-such-host.invalid/mcp')).toMatchObject({ code: 2, stdout: says(/^Unreachable: /) });
  });

  it.each([
    [[], /missing required argument 'url'/],
    [['localhost:3001'], /^error: "localhost:3001" is no http or https URL; give one such as/],
    [['http://me:secret@localhost/mcp'], /^error: credentials in the URL are not sent/],
    [['http://localhost/mcp', '--timeout', '0'], /whole number above 0/],
  ])('is 2, with a sentence, for the mistake %j', async (args, sentence) => {
    const { code, stdout, stderr } = await verify(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toContain('secret');
  });
});

it('asks over TLS by the name in the URL, and believes no certificate of its own making', async () => {
  const [good, page] = await Promise.all([urlOf(servers.serveTls(), '/mcp', 'https'), urlOf(servers.serveTls())]);
  expect(await verify(good)).toMatchObject({ code: 1, stdout: says(/^BadCertificate: /) });
  expect(await verify(page)).toMatchObject({ code: 2, stdout: says(/^TLSRequired: /) });
});
