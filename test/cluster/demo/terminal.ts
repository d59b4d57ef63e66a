// Owns writing to whoever started `npm start`: lines, one that is rewritten while something takes long, and on a terminal a live screen.
import type { WriteStream } from 'node:tty';
import { cutText, painted, type Line } from './spans.ts';
import type { Size } from './screen.ts';

const ESC = '\u001B[';
const ENTER = `${ESC}?1049h${ESC}?25l`;
const LEAVE = `${ESC}?1049l${ESC}?25h`;
/** Between these a terminal that knows them shows nothing half done. */
const [BEGIN, END] = [`${ESC}?2026h`, `${ESC}?2026l`];
/** Progress is told so often where it cannot be rewritten. */
const PROGRESS_EVERY_MS = 30_000;

/** Where words go. Whoever showed a screen calls `close`, after which there are lines alone. */
export class Terminal {
  /** Whether it can be rewritten. */
  readonly isLive: boolean;
  readonly #out: WriteStream;
  readonly #colours: boolean;
  #frame: ((size: Size) => readonly Line[]) | undefined;
  #shown = '';
  #hasProgress = false;
  #isClosed = false;
  #progressAt = -PROGRESS_EVERY_MS;

  constructor(out: WriteStream, env: Readonly<Record<string, string | undefined>>) {
    this.#out = out;
    this.isLive = out.isTTY && env['TERM'] !== 'dumb';
    // By the variables that are usual: NO_COLOR, FORCE_COLOR, TERM.
    this.#colours = this.isLive && !env['NO_COLOR'] && out.hasColors();
  }

  /** A line; one of progress takes the place of the one before. */
  readonly log = (line: string, kind?: 'progress'): void => {
    if (kind === 'progress' && !this.isLive && performance.now() - this.#progressAt < PROGRESS_EVERY_MS) return;
    if (kind === 'progress') this.#progressAt = performance.now();
    const isRewritten = kind === 'progress' && this.isLive;
    const text = isRewritten ? cutText(line.replaceAll(/\s+/g, ' '), this.#size.columns - 1) : `${line}\n`;
    this.#out.write(`${this.#hasProgress ? `\r${ESC}K` : ''}${text}`);
    this.#hasProgress = isRewritten;
  };

  /** Shows a screen, and again whenever that would look otherwise. */
  show(frame: (size: Size) => readonly Line[]): void {
    if (this.#isClosed) return;
    if (this.#frame === undefined) this.#enter();
    this.#frame = frame;
    this.#draw();
  }

  /** Leaves the screen for good: what was written before it is there again. */
  readonly close = (): void => {
    this.#isClosed = true;
    if (this.#hasProgress) this.#out.write('\n');
    this.#hasProgress = false;
    if (this.#frame === undefined) return;
    this.#frame = undefined;
    this.#out.write(LEAVE);
    this.#out.off('resize', this.#redraw);
    process.off('exit', this.close).off('uncaughtExceptionMonitor', this.close).off('SIGTSTP', this.#suspend).off('SIGCONT', this.#resume);
  };

  get #size(): Size {
    return { columns: Math.max(this.#out.columns || 80, 20), rows: Math.max(this.#out.rows || 24, 5) };
  }

  #enter(): void {
    this.#out.write(ENTER);
    this.#shown = '';
    this.#out.on('resize', this.#redraw);
    // A defect is told where it stays.
    process.on('exit', this.close).on('uncaughtExceptionMonitor', this.close).on('SIGTSTP', this.#suspend).on('SIGCONT', this.#resume);
  }

  #draw(): void {
    const lines = this.#frame?.(this.#size) ?? [];
    const text = lines.map((line) => painted(line, this.#colours)).join('\r\n');
    if (text === this.#shown) return;
    this.#shown = text;
    this.#out.write(`${BEGIN}${ESC}H${ESC}J${text}${END}`);
  }

  readonly #redraw = (): void => {
    this.#shown = '';
    this.#draw();
  };

  /** Ctrl-Z gives the terminal back as it was. */
  readonly #suspend = (): void => {
    this.#out.write(LEAVE);
    process.kill(process.pid, 'SIGSTOP');
  };

  readonly #resume = (): void => {
    this.#out.write(ENTER);
    this.#redraw();
  };
}
