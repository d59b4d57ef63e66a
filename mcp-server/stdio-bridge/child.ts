// One process of the stdio server: in a process group of its own, without a shell. Reads its messages, and ends it in three steps.
import { spawn, type ChildProcess } from 'node:child_process';
import { inTime } from './in-time.ts';
import { LineReader, type LongLine } from './line-reader.ts';
import { listeningPorts } from './listening-ports.ts';
import type { Log } from './log.ts';
import { readMessage, type Message } from './messages.ts';
import type { Metrics } from './metrics.ts';
import { InstallError, type Launch } from './packages/installer.ts';
import { ServerWords } from './server-words.ts';
import type { Ended, Silence } from './start-failure.ts';
import { killStragglers, newMark, processesWith, signalTo } from './stragglers.ts';

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

/** How a process ended: `how` in words, such as `exit code 1` or `SIGKILL`. */
export interface ChildEnd extends Ended {
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
  /** Where what is started has to be made first; unless given, the command is started. May reject with InstallError. */
  readonly launch?: () => Launch | Promise<Launch>;
  readonly maxMessageBytes: number;
  readonly log: Log;
  readonly metrics: Metrics;
}

const NOBODY: ChildListener = { onMessage: () => undefined, onLong: () => undefined, onEnd: () => undefined };

export class Child {
  /** Resolves when it runs, or never will. */
  readonly begun: Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<ChildEnd>;
  readonly #options: ChildOptions;
  readonly #exit = Promise.withResolvers<Omit<Ended, 'lastWords'>>();
  /** Undefined before there is something to start, and where the system would not even try. */
  #process: ChildProcess | undefined;
  /** What it was sent before it began. */
  #early: string[] | undefined = [];
  #started = performance.now();
  #notInstalled: InstallError | undefined;
  readonly #words: ServerWords;
  readonly #lines: LineReader;
  readonly #mark = newMark();
  #listener = NOBODY;
  #label = 'none';
  #noise = 0;
  #printed: string | undefined;
  #hasSpoken = false;
  #why: string | undefined;
  #hasExited = false;
  #end: ChildEnd | undefined;
  #stopping: Promise<void> | undefined;
  #isPaused = false;
  #readInTurn = 0;

  constructor(options: ChildOptions) {
    const { log, metrics, maxMessageBytes, launch = () => options } = options;
    this.#options = options;
    this.#words = new ServerWords(log, metrics, () => this.#label);
    this.#lines = new LineReader(maxMessageBytes, { onLine: (text) => this.#read(text), onLong: (line) => this.#listener.onLong(line) });
    const known = launch();
    const begin = (launched: Launch): void => this.#begin(launched);
    this.begun = known instanceof Promise ? known.then(begin, (error: unknown) => this.#giveUp(error)) : Promise.resolve(begin(known));
    this.ended = this.#untilEnded();
  }

  /** When it was started, on the clock of `performance`. */
  get started(): number {
    return this.#started;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get lastWords(): readonly string[] {
    return this.#notInstalled?.lastWords ?? this.#words.last;
  }

  /** What it does instead of answering, if it did not for so many seconds. */
  async silence(seconds: number): Promise<Silence> {
    const { pid } = this;
    const pids = pid === undefined ? [] : new Set([pid, ...(await processesWith(`${this.#mark.name}=${this.#mark.value}`))]);
    return { seconds, ports: await listeningPorts([...pids]), hasSpoken: this.#hasSpoken, ...this.#said };
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
    if (this.#early !== undefined && this.isAlive) {
      const held = this.#early.reduce((sum, { length }) => sum + length, 0);
      return held <= this.#options.maxMessageBytes && this.#early.push(text) > 0;
    }
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

  #begin({ command, args, env }: Launch): void {
    if (!this.isAlive) return;
    const { metrics } = this.#options;
    metrics.count('mcp_bridge_child_starts_total');
    this.#started = performance.now();
    const marked = { ...env, [this.#mark.name]: this.#mark.value };
    try {
      this.#process = spawn(command, [...args], { env: marked, detached: true, shell: false, stdio: ['pipe', 'pipe', 'pipe'] });
    } catch (error) {
      return this.#exit.resolve(notStarted(error as Error, command));
    }
    const { stdin, stdout, stderr } = this.#process;
    // A process that is gone does not read; that it is gone is told elsewhere.
    for (const stream of [stdin, stdout, stderr]) stream?.on('error', () => undefined);
    stdout?.on('data', (chunk: Buffer) => this.#receive(chunk));
    stderr?.on('data', (chunk: Buffer) => this.#words.push(chunk));
    this.#process.once('error', (error: NodeJS.ErrnoException) => {
      // Also a signal that could not be sent is an error.
      if (this.pid === undefined) this.#exit.resolve(notStarted(error, command));
    });
    this.#process.once('exit', (code, signal) => this.#exit.resolve(
      code === null ? { how: String(signal), signal: String(signal) } : { how: `exit code ${code}`, exitCode: code },
    ));
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const text of early) this.send(text);
    if (this.#isPaused) stdout?.pause();
  }

  #giveUp(error: unknown): void {
    if (error instanceof InstallError) this.#notInstalled = error;
    this.#exit.resolve({ how: (error as Error).message, unstartable: 'NotInstalled' });
  }

  async #stop(): Promise<void> {
    if (this.#process === undefined) this.#exit.resolve({ how: 'it was not started any more' });
    this.pause(false);
    this.#process?.stdin?.end();
    if (await inTime(INPUT_ENDED_MS, this.ended)) return;
    this.#signal('SIGTERM');
    if (await inTime(TERM_MS, this.ended)) return;
    this.#signal('SIGKILL');
    await inTime(TERM_MS, this.ended);
  }

  async #untilEnded(): Promise<ChildEnd> {
    const { how, ...known } = await this.#exit.promise;
    this.#hasExited = true;
    // What it left behind has nobody to serve.
    this.#signal('SIGKILL');
    await this.#lastOutput();
    if (this.pid !== undefined) await killStragglers(this.#mark);
    this.#lines.end();
    this.#words.end();
    if (this.#noise > 0) this.#options.log.warn('the server wrote lines to standard output that are no messages', { ...this.#about(), lines: this.#noise });
    const told = this.#why === undefined ? how : `${this.#why} (${how})`;
    const end: ChildEnd = { how: told, ...known, ...this.#said, asked: this.#stopping !== undefined };
    this.#end = end;
    this.#listener.onEnd(end);
    return end;
  }

  async #lastOutput(): Promise<void> {
    this.pause(false);
    if (this.pid === undefined) return;
    const closed = new Promise<void>((resolve) => void this.#process?.once('close', () => resolve()));
    await inTime(LAST_OUTPUT_MS, closed);
    for (const stream of this.#process?.stdio ?? []) stream?.destroy();
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.pid !== undefined) signalTo(-this.pid, signal);
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
    if (message !== undefined) {
      this.#hasSpoken = true;
      return this.#listener.onMessage(message);
    }
    if (text.trim() === '') return;
    this.#noise += 1;
    this.#printed ??= text.slice(0, NOISE_LENGTH);
    this.#options.metrics.count('mcp_bridge_noise_lines_total');
    if (this.#noise > NOISE_TOLD) return;
    this.#options.log.warn('the server wrote a line to standard output that is no message', { ...this.#about(), line: text.slice(0, NOISE_LENGTH) });
  }

  get #said(): Pick<Ended, 'lastWords' | 'printed'> {
    return { lastWords: this.lastWords, ...(this.#printed !== undefined && { printed: this.#printed }) };
  }

  #about(): { readonly session: string; readonly pid: number | undefined } {
    return { session: this.#label, pid: this.pid };
  }
}

function notStarted({ code, message }: NodeJS.ErrnoException, command: string): Omit<Ended, 'lastWords'> {
  if (code === 'ENOENT') return { how: `command not found: ${command}`, unstartable: 'CommandNotFound' };
  const how = code === 'EACCES' ? `command may not be executed: ${command}` : `command could not be started: ${message}`;
  return { how, unstartable: 'CommandNotStarted' };
}
