// Stdio servers that misbehave, each in its own way, by the name that is the first argument. What they speak of MCP they speak by hand.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

type Respond = (request: { id: number | string; method: string; params?: { name?: string } }) => void;

const [, , kind = '', argument = ''] = process.argv;
const say = (message: object): boolean => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const INTRODUCTION = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: kind, version: '1' } };
const forever = (): void => void setInterval(() => undefined, 60_000);

/** Answers `initialize` rightly, and tools/call in its own way. */
function serve(respond: Respond): void {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const request = JSON.parse(line) as Parameters<Respond>[0];
    if (request.id === undefined) return;
    if (request.method === 'initialize') say({ id: request.id, result: INTRODUCTION });
    else if (request.method === 'tools/call') respond(request);
    else if (request.method === 'ping') say({ id: request.id, result: {} });
    else say({ id: request.id, error: { code: -32_601, message: 'no' } });
  });
}

/** Writes as fast as it is read, for ever. */
function flood(stream: NodeJS.WriteStream, text: string): void {
  const write = (): void => {
    while (stream.write(text));
    stream.once('drain', write);
  };
  write();
}

const done: Respond = ({ id }) => void say({ id, result: { content: [{ type: 'text', text: 'done' }] } });

const KINDS: Readonly<Record<string, () => void>> = {
  'a line without end': () => serve(() => flood(process.stdout, 'x'.repeat(65_536))),
  'noise on stdout': () => serve((request) => {
    for (let line = 0; line < 1000; line += 1) process.stdout.write(`log line ${line}\n{"json": "but no message"}\n[1]\n\n`);
    done(request);
  }),
  'a flood of noise on stdout': () => serve(() => flood(process.stdout, `${'noise '.repeat(100)}\n`.repeat(100))),
  'a flood of messages': () => serve(() => {
    flood(process.stdout, `${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'x'.repeat(1000) } })}\n`.repeat(60));
  }),
  'a flood on stderr': () => {
    flood(process.stderr, `${'words '.repeat(100)}\n`.repeat(100));
    serve(done);
  },
  'children that stay': () => serve((request) => {
    // Some in the group, which hold the output open as well, and some that have left it.
    for (const detached of [false, true]) spawn('sh', ['-c', 'trap "" TERM; sleep 60 & wait; sleep 60'], { stdio: 'inherit', detached });
    done(request);
  }),
  'deaf to signals': () => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => process.stderr.write(`ignored ${signal}\n`));
    serve(done);
    forever();
  },
  'many tools': () => {
    const tool = { description: 'x'.repeat(1000), inputSchema: { type: 'object' } };
    const tools = Array.from({ length: 2000 }, (_, index) => ({ name: `tool-${index}`, ...tool }));
    createInterface({ input: process.stdin }).on('line', (line) => {
      const { id, method } = JSON.parse(line) as Parameters<Respond>[0];
      if (id === undefined) return;
      if (method === 'initialize') say({ id, result: INTRODUCTION });
      else if (method === 'tools/list') say({ id, result: { tools } });
      else say({ id, error: { code: -32_601, message: 'no' } });
    });
  },
  'an end at once': () => {
    process.stderr.write('cannot read the configuration\n');
    process.exitCode = 3;
  },
  'an end at random': () => serve(() => process.kill(process.pid, 'SIGKILL')),
  'never an answer': forever,
  'no protocol': () => {
    process.stdout.write('Listening on http://0.0.0.0:3000\n');
    forever();
  },
  'HTTP alone': () => void createServer().listen(Number(argument)),
  'HTTP on a port that is taken': () => void createServer().listen(Number(argument), () => {
    createServer().listen(Number(argument)).on('error', ({ message }) => {
      process.stderr.write(`${message}\n`);
      process.exit(1);
    });
  }),
  'an end over unknown methods': () => createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method } = JSON.parse(line) as { id: number; method: string };
    if (method === 'server/discover') process.exit(1);
    if (method === 'initialize') say({ id, result: INTRODUCTION });
  }),
  'silence on unknown methods': () => createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method } = JSON.parse(line) as { id: number; method: string };
    if (method === 'initialize') say({ id, result: INTRODUCTION });
  }),
  'a slow start': () => void setTimeout(() => serve(done), Number(argument)),
  'a refusal': () => createInterface({ input: process.stdin }).on('line', (line) => {
    const { id } = JSON.parse(line) as { id: number };
    say({ id, error: { code: -32_602, message: 'not today' } });
  }),
  'ears closed': () => {
    serve((request) => {
      done(request);
      process.stdin.pause();
    });
    forever();
  },
  'answers for others': () => serve(({ id }) => {
    for (const other of [null, 999, 'x', Number(id) + 1]) say({ id: other, result: { content: [] } });
    say({ method: 'notifications/progress', params: { progressToken: 999, progress: 1 } });
    for (let count = 0; count < 200; count += 1) say({ id: `ask-${count}`, method: 'roots/list' });
    done({ id, method: 'tools/call' });
  }),
};

const run = KINDS[kind];
if (run === undefined) throw new Error(`no such server: ${kind}`);
run();
