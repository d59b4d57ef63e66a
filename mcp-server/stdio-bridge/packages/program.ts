// What is started for each process of the server: its command as it is written, or the program of the package that it names.
import { packageCommand } from '../../../charts/package-command.ts';
import type { Log } from '../log.ts';
import type { Launch } from './installer.ts';
import { npmLaunch } from './npm.ts';
import { uvLaunch } from './uv.ts';

export interface ProgramOptions {
  readonly written: Launch;
  /** Folder for packages; undefined starts every command as it is written. */
  readonly packages: string | undefined;
  /** Bounds an install. */
  readonly timeoutMs: number;
  readonly log: Log;
  /** Hears, in a sentence, of an install that begins; undefined when it has ended. */
  readonly onInstall: (sentence: string | undefined) => void;
}

export class Program {
  readonly #options: ProgramOptions;
  readonly #stopped = new AbortController();
  #launch: Launch | undefined;
  #installing: Promise<Launch> | undefined;

  constructor(options: ProgramOptions) {
    this.#options = options;
    const { written, packages } = options;
    if (packages === undefined || packageCommand([written.command, ...written.args]) === undefined) this.#launch = written;
  }

  /** What to start, at once where it is known. Of many that ask one installs; one that failed is tried again by the next. Rejects with InstallError. */
  launch(): Launch | Promise<Launch> {
    if (this.#launch !== undefined) return this.#launch;
    this.#installing ??= this.#install().finally(() => {
      this.#installing = undefined;
      this.#options.onInstall(undefined);
    });
    return this.#installing;
  }

  /** Ends an install that runs. */
  stop(): void {
    this.#stopped.abort();
  }

  async #install(): Promise<Launch> {
    const { written, packages: root = '', timeoutMs, log, onInstall } = this.#options;
    const found = packageCommand([written.command, ...written.args]);
    if (found === undefined) return written;
    onInstall(`The package ${found.packages[0]} is being installed by ${found.by}.`);
    const options = { written, root, timeoutMs, stop: this.#stopped.signal, log };
    const launch = await (found.by === 'npm' ? npmLaunch(found, options) : uvLaunch(found, options));
    if (launch === undefined) log.warn('the package has no program that is known, so the command is started as it is written', { command: written.command });
    this.#launch = launch ?? written;
    return this.#launch;
  }
}
