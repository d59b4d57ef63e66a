// Shows how the MCPServers are: on a terminal as a screen that stays live, elsewhere a line for each change.
import { setTimeout as sleep } from 'node:timers/promises';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import { clientEntries, loopbackUrl } from './how-to-connect.ts';
import { nextSteps, type Places } from './next-steps.ts';
import { isReady, isUp } from './readiness.ts';
import { screen, type View } from './screen.ts';
import type { ClientEntry } from './client-configuration.ts';
import type { Stack } from './stack.ts';
import { logLine, type Listed } from './table.ts';
import type { Terminal } from './terminal.ts';

const LIMIT_MS = 240_000;
const REFRESH_MS = 250;

export interface WatchOptions {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** How pods run, in some words. */
  readonly title: string;
  /** `performance.now()` of the start. */
  readonly started: number;
  readonly remarks: readonly string[];
  readonly places: Places;
  /** Told of the servers that clients can use, whenever it is looked. */
  readonly update: (entries: readonly ClientEntry[]) => Promise<void>;
}

/** Looks at the MCPServers of a stack, and shows them. */
export class Watch {
  readonly #stack: Stack;
  readonly #options: WatchOptions;
  readonly #told = new Map<string, string>();
  #upSeconds: number | undefined;

  constructor(stack: Stack, options: WatchOptions) {
    this.#stack = stack;
    this.#options = options;
  }

  /** Resolves when `done`, by default when all is up. Throws when that takes longer than four minutes, saying what is missing, and what the signal says. */
  async until(done: (servers: readonly MCPServerObject[]) => boolean = isUp): Promise<void> {
    const deadline = performance.now() + LIMIT_MS;
    while (!done(await this.#look())) {
      if (performance.now() > deadline) {
        const missing = this.#listed().filter(({ server }) => !isReady(server)).map(logLine);
        throw new Error(`not Ready after ${LIMIT_MS / 1000} s:\n${missing.join('\n')}`);
      }
      await sleep(REFRESH_MS, undefined, { signal: this.#options.signal });
    }
  }

  /** Goes on until the signal, and throws what that says. */
  async forever(): Promise<never> {
    for (;;) {
      await this.#look();
      await sleep(REFRESH_MS, undefined, { signal: this.#options.signal });
    }
  }

  async #look(): Promise<readonly MCPServerObject[]> {
    const { terminal, update, started } = this.#options;
    const servers = this.#stack.servers.list();
    if (isUp(servers)) this.#upSeconds ??= (performance.now() - started) / 1000;
    await update(clientEntries(this.#stack));
    const { view } = this;
    if (terminal.isLive) terminal.show((size) => screen(view, size));
    else this.#tell(view.listed);
    return servers;
  }

  #listed(): Listed[] {
    return this.#stack.servers.list().map((server) => ({ server, url: loopbackUrl(server, this.#stack.forwarders) }));
  }

  /** What is to be seen now. */
  get view(): View {
    const { title, places, remarks, started } = this.#options;
    return {
      listed: this.#listed(),
      title,
      seconds: Math.round(this.#upSeconds ?? (performance.now() - started) / 1000),
      wasUp: this.#upSeconds !== undefined,
      remarks: [...remarks, ...this.#stack.forwarders.remarks],
      steps: this.#upSeconds === undefined ? [] : nextSteps(clientEntries(this.#stack), places),
    };
  }

  #tell(listed: readonly Listed[]): void {
    for (const each of listed) {
      const line = logLine(each);
      const { uid } = each.server.metadata;
      if (this.#told.get(uid) !== line) this.#options.terminal.log(line);
      this.#told.set(uid, line);
    }
  }
}
