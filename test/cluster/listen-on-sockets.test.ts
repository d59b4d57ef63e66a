// What is loaded into programs of the process node's pods: however a program asks for a port, it gets a unix socket and believes the rest.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { listenersOf } from '../support/listeners.ts';
import { LISTEN_ON_SOCKETS } from './process-node/pod-environment.ts';

/** Runs a program that says `ready` once it listens; resolves to what it listens on, as the kernel and its pod's folder have it. */
async function run(code: string): Promise<{ ports: unknown[]; sockets: string[]; said: string[]; folder: string }> {
  const parent = mkdtempSync(join(tmpdir(), 'listen-'));
  const folder = join(parent, '10.244.0.7');
  mkdirSync(folder);
  const env = { NODE_OPTIONS: LISTEN_ON_SOCKETS, POD_SOCKETS: folder };
  const child = spawn(process.execPath, ['-e', code], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(parent, { recursive: true, force: true });
  });
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'ready') return { ports: listenersOf(child.pid ?? 0), sockets: readdirSync(folder), said, folder };
    said.push(line);
  }
  throw new Error('it ended before it was ready');
}

const READY = "() => console.log('ready')";

test.each([
  ["require('http').createServer().listen(3001, READY)", '3001'],
  ["require('http').createServer().listen('3001', READY)", '3001'],
  ["require('net').createServer().listen(3001, '10.244.0.7', 511, READY)", '3001'],
  ["require('net').createServer().listen(3001, '0.0.0.0', READY)", '3001'],
  ["require('net').createServer().listen({ port: 3001, host: '::' }, READY)", '3001'],
  ["require('net').createServer().on('listening', READY).listen({ port: '3001', exclusive: true })", '3001'],
  ["require('http2').createServer().listen(3001, READY)", '3001'],
  ["require('tls').createServer().listen(3001, READY)", '3001'],
  ["require('net').createServer().listen(3001, '127.0.0.1', READY)", 'localhost-3001'],
  ["require('net').createServer().listen(3001, 'localhost', READY)", 'localhost-3001'],
  ["new (require('worker_threads').Worker)(\"require('net').createServer().listen(3001, READY)\", { eval: true })", '3001'],
])('%s', async (code, socket) => {
  expect(await run(code.replace('READY', READY.replaceAll("'", code.includes('Worker') ? '`' : "'")))).toMatchObject({ ports: [], sockets: [socket] });
});

test.each(["require('net').createServer().listen(READY)", "require('net').createServer().listen(0, READY)", "require('net').createServer().listen({ port: 0 }, READY)"])('a free port: %s', async (code) => {
  const { ports, sockets } = await run(code.replace('READY', READY));
  expect(ports).toEqual([]);
  expect(sockets).toEqual([expect.stringMatching(/^\d{5}$/)]);
});

test('a path of its own stays what it is', async () => {
  const { ports, sockets } = await run(`require('net').createServer().listen(process.env.POD_SOCKETS + '/own.sock', ${READY})`);
  expect([ports, sockets]).toEqual([[], ['own.sock']]);
});

test('the program sees its pod\'s address and port, and callers with an address; a socket that a killed one left is no obstacle', async () => {
  const { said, folder } = await run(`
    require('fs').writeFileSync(process.env.POD_SOCKETS + '/3001', '');
    require('http').createServer((request, response) => response.end(request.socket.remoteAddress)).listen(3001, function () {
      console.log(JSON.stringify(this.address()));
      console.log('ready');
    });`);
  expect(said.map((line) => JSON.parse(line) as object)).toEqual([{ address: '10.244.0.7', family: 'IPv4', port: 3001 }]);
  const answer = await new Promise<string>((resolve, reject) => {
    http.get({ socketPath: join(folder, '3001') }, (response) => response.setEncoding('utf8').once('data', resolve)).once('error', reject);
  });
  expect(answer).toBe('127.0.0.1');
});
