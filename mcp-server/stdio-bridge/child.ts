// One process of the stdio server: in a process group of its own, without a shell. Reads its messages, and ends it in three steps.
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { LineReader, type LongLine } from './line-reader.ts';
import type { Log } from './log.ts';
import { readMessage, type Message } from './messages.ts';
import type { Metrics } from './metrics.ts';
import { ServerWords } from './server-words.ts';
import { killStragglers, newMark } from './stragglers.ts';

/** A server ends by itself when its input ends; after that time it is asked to by a signal. */
const INPUT_ENDED_MS = 2000;
/** After SIGTERM. Then its whole group is killed. */
const TERM_MS = 3000;
/** For what a process wrote before it ended. Others may hold its output open for ever. */
const LAST_OUTPUT_MS = 500;
/** A line is given up, and the process ended, when it is so many times as long as a message may be. */
const ENDLESS = 16;
/** Read of one process in a turn of the event loop. */
const TURN_BYTES = 256 * 1024;
/** Lines of noise told of each process. */
const NOISE_TOLD = 5;
const NOISE_LENGTH = 200;

/** How a process ended. */
export interface ChildEnd {
  /** In words, such as `exit code 1` or `SIGKILL`. */
  readonly how: string;
  /** The last of what it wrote to standard error. */
  readonly lastWords: readonly string[];
  /** Whether it was stopped, and did not end by itself. */
  readonly asked: boolean;
}

/** Hears what a process says. */
export interface ChildListener {
  readonly onMessage: (message: Message) => void;
  /** A message was longer than one may be; its ends tell which. */
  readonly onLong: (line: LongLine) => void;
  readonly onEnd: (end: ChildEnd) => void;
}

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly maxMessageBytes: number;
  readonly log: Log;
  readonly metrics: Metrics;
}

const NOBODY: ChildListener = { onMessage: () => undefined, onLong: () => undefined, onEnd: () => undefined };

export class Child {
  /** When it was started, on the clock of `performance`. */
  readonly started = performance.now();
  /** Resolves when it has ended. */
  readonly ended: Promise<ChildEnd>;
  readonly #options: ChildOptions;
  /** Undefined where the system would not even try. */
  readonly #process: ChildProcess | undefined;
  readonly #words: ServerWords;
  readonly #lines: LineReader;
  readonly #mark = newMark();
  #listener = NOBODY;
  #label = 'none';
  #noise = 0;
  #why: string | undefined;
  #hasExited = false;
  #end: ChildEnd | undefined;
  #stopping: Promise<void> | undefined;
  #isPaused = false;
  #readInTurn = 0;

  constructor(options: ChildOptions) {
    const { command, args, env, log, metrics, maxMessageBytes } = options;
    this.#options = options;
    this.#words = new ServerWords(log, metrics, () => this.#label);
    this.#lines = new LineReader(maxMessageBytes, { onLine: (text) => this.#read(text), onLong: (line) => this.#listener.onLong(line) });
    metrics.count('mcp_bridge_child_starts_total');
    const marked = { ...env, [this.#mark.name]: this.#mark.value };
    let failure: unknown;
    try {
      this.#process = spawn(command, [...args], { env: marked, detached: true, shell: false, stdio: ['pipe', 'pipe', 'pipe'] });
    } catch (error) {
      failure = error;
    }
    const { stdin, stdout, stderr } = this.#process ?? {};
    // A process that is gone does not read; that it is gone is told elsewhere.
    for (const stream of [stdin, stdout, stderr]) stream?.on('error', () => undefined);
    stdout?.on('data', (chunk: Buffer) => this.#receive(chunk));
    stderr?.on('data', (chunk: Buffer) => this.#words.push(chunk));
    this.ended = this.#untilEnded(failure as Error | undefined);
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get lastWords(): readonly string[] {
    return this.#words.last;
  }

  /** Whether it runs, and is to go on. When it is not, its end is told soon. */
  get isAlive(): boolean {
    return !this.#hasExited && this.#stopping === undefined;
  }

  /** Whose it is from now on: `label` stands in the log beside what it says there. */
  assign(label: string, listener: ChildListener): void {
    this.#label = label;
    this.#listener = listener;
    if (this.#end !== undefined) queueMicrotask(() => this.#end !== undefined && listener.onEnd(this.#end));
  }

  /** Hands it one line. False when it has ended, or does not read what it was sent before. */
  send(text: string): boolean {
    const stdin = this.#process?.stdin;
    if (!this.isAlive || stdin?.writable !== true || stdin.writableLength > this.#options.maxMessageBytes) return false;
    stdin.write(`${text}\n`);
    return true;
  }

  /** Lets it wait with what it has to say, or go on. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (isPaused) this.#process?.stdout?.pause();
    else this.#process?.stdout?.resume();
  }

  /** Ends it: its input first, then a signal to its group, then SIGKILL. `why` is told if nothing else was. Resolves when it has ended. */
  stop(why?: string): Promise<void> {
    this.#why ??= why;
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.pause(false);
    this.#process?.stdin?.end();
    const within = async (milliseconds: number): Promise<boolean> => {
      const waiting = new AbortController();
      const late = delay(milliseconds, false, { signal: waiting.signal }).catch(() => false);
      const ended = await Promise.race([this.ended.then(() => true), late]);
      waiting.abort();
      return ended;
    };
    if (await within(INPUT_ENDED_MS)) return;
    this.#signal('SIGTERM');
    if (await within(TERM_MS)) return;
    this.#signal('SIGKILL');
    await within(TERM_MS);
  }

  async #untilEnded(failure: Error | undefined): Promise<ChildEnd> {
    const how = await new Promise<string>((resolve) => {
      if (failure !== undefined) resolve(notStarted(failure, this.#options.command));
      this.#process?.once('error', (error: NodeJS.ErrnoException) => {
        // Also a signal that could not be sent is an error.
        if (this.pid === undefined) resolve(notStarted(error, this.#options.command));
      });
      this.#process?.once('exit', (code, signal) => resolve(code === null ? String(signal) : `exit code ${code}`));
    });
    this.#hasExited = true;
    // What it left behind has nobody to serve.
    this.#signal('SIGKILL');
    await this.#lastOutput();
    if (this.pid !== undefined) await killStragglers(this.#mark);
    this.#lines.end();
    this.#words.end();
    if (this.#noise > 0) this.#options.log.warn('the server wrote lines to standard output that are no messages', { ...this.#about(), lines: this.#noise });
    const told = this.#why === undefined ? how : `${this.#why} (${how})`;
    const end: ChildEnd = { how: told, lastWords: this.#words.last, asked: this.#stopping !== undefined };
    this.#end = end;
    this.#listener.onEnd(end);
    return end;
  }

  async #lastOutput(): Promise<void> {
    this.pause(false);
    if (this.pid === undefined) return;
    const closed = new Promise<void>((resolve) => void this.#process?.once('close', () => resolve()));
    const waiting = new AbortController();
    await Promise.race([closed, delay(LAST_OUTPUT_MS, undefined, { signal: waiting.signal }).catch(() => undefined)]);
    waiting.abort();
    for (const stream of this.#process?.stdio ?? []) stream?.destroy();
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  }

  #receive(chunk: Buffer): void {
    this.#lines.push(chunk);
    if (this.#lines.pending > ENDLESS * this.#options.maxMessageBytes) void this.stop('it wrote a line without an end');
    // Others have their turn, too.
    if (this.#readInTurn === 0) setImmediate(() => this.#nextTurn());
    this.#readInTurn += chunk.length;
    if (this.#readInTurn > TURN_BYTES) this.#process?.stdout?.pause();
  }

  #nextTurn(): void {
    this.#readInTurn = 0;
    if (!this.#isPaused) this.#process?.stdout?.resume();
  }

  #read(text: string): void {
    const message = readMessage(text);
    if (message !== undefined) return this.#listener.onMessage(message);
    if (text.trim() === '') return;
    this.#noise += 1;
    this.#options.metrics.count('mcp_bridge_noise_lines_total');
    if (this.#noise > NOISE_TOLD) return;
    this.#options.log.warn('the server wrote a line to standard output that is no message', { ...this.#about(), line: text.slice(0, NOISE_LENGTH) });
  }

  #about(): { readonly session: string; readonly pid: number | undefined } {
    return { session: this.#label, pid: this.pid };
  }
}

function notStarted({ code, message }: NodeJS.ErrnoException, command: string): string {
  if (code === 'ENOENT') return `command not found: ${command}`;
  if (code === 'EACCES') return `command may not be executed: ${command}`;
  return `command could not be started: ${message}`;
}
