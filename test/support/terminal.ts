// A program on a terminal of its own, by script(1): what stands on its screen, what is typed, how large it is.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** How the demonstration writes a screen: all of it, each time. */
// oxlint-disable-next-line eslint/no-control-regex -- these are what is looked for
const FRAME = /\u001B\[H\u001B\[J(.*?)\u001B\[\?2026l/gs;
const LEAVE = '\u001B[?1049l\u001B[?25h';

export class Terminal {
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  /** All that was written, as the terminal gets it. */
  output = '';

  /** Runs a command of the shell. */
  constructor(command: string, env: NodeJS.ProcessEnv, { columns, rows }: Size) {
    const sized = `stty rows ${rows} cols ${columns}; ${command}`;
    this.#child = spawn('script', ['--quiet', '--return', '--command', sized, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'], env: { TERM: 'xterm-256color', ...env, SHELL: '/bin/sh' } });
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (this.output += chunk));
    this.ended = new Promise((resolve) => this.#child.once('close', resolve));
  }

  /** Of what runs on it, the program that holds the terminal. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The last screen that was drawn, without colours; empty before the first. */
  screen(): string {
    const last = [...this.output.matchAll(FRAME)].at(-1)?.[1] ?? '';
    return stripVTControlCharacters(last).replaceAll(/\r+\n/g, '\n');
  }

  /** What was written since the screen was left. */
  afterScreen(): string {
    const at = this.output.lastIndexOf(LEAVE);
    return at < 0 ? '' : stripVTControlCharacters(this.output.slice(at)).replaceAll(/\r+\n/g, '\n');
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  resize({ columns, rows }: Size): void {
    execFileSync('stty', ['-F', this.#device(), 'rows', String(rows), 'cols', String(columns)]);
  }

  /** The terminal on which the child of script(1) writes. */
  #device(): string {
    for (const task of readdirSync(`/proc/${this.pid}/fd`)) {
      const target = readlinkSync(`/proc/${this.pid}/fd/${task}`);
      if (target.startsWith('/dev/pts/')) return target;
    }
    const children = execFileSync('ps', ['-o', 'tty=', '--ppid', String(this.pid)], { encoding: 'utf8' });
    return `/dev/${children.trim().split(/\s+/)[0]}`;
  }
}
