// How many calls run at a time, and whose turn is next: a call that finds no room waits, and beyond that it is refused.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Admission } from '../catalog.ts';
import { BusyError } from '../errors.ts';
import { Shares } from './shares.ts';

/** Calls of all kinds together, running and waiting. */
const MOST_CALLS = 128;
/** Calls that run at a time. Each reader of a log may read 64 MiB, each list holds a page of objects of any size. */
const MOST_RUNNING = { logs: 16, lists: 4, others: 16 } as const;

type Kind = keyof typeof MOST_RUNNING;

interface Waiting {
  readonly client: string;
  readonly begin: () => void;
}

/** The client whose request is being answered. Where there is but one, as over stdio, it has no name. */
const asking = new AsyncLocalStorage<string>();

/** Does something for a client: calls begun meanwhile are its own. */
export function onBehalfOf<T>(client: string, work: () => T): T {
  return asking.run(client, work);
}

function kindOf({ verb, resource }: Parameters<Admission>[0]): Kind {
  if (resource === 'pods/log') return 'logs';
  return verb === 'list' ? 'lists' : 'others';
}

/** Turns of calls. Pass `admit` to the catalog. */
export class CallTurns {
  readonly #calls = new Shares(MOST_CALLS);
  readonly #turns: Readonly<Record<Kind, Turns>> = {
    logs: new Turns(MOST_RUNNING.logs),
    lists: new Turns(MOST_RUNNING.lists),
    others: new Turns(MOST_RUNNING.others),
  };

  /** How many calls run, by kind, and how many there are with those that wait. */
  get counts(): Readonly<Record<Kind | 'all', number>> {
    const { logs, lists, others } = this.#turns;
    return { logs: logs.running, lists: lists.running, others: others.running, all: this.#calls.total };
  }

  /** Waits for a turn, which the returned function ends. Rejects with BusyError, or with the signal's reason. */
  readonly admit: Admission = async (action, signal) => {
    const client = asking.getStore() ?? '';
    if (!this.#calls.take(client, 1)) {
      throw new BusyError(`too many calls are running or waiting, ${this.#calls.heldBy(client)} of them yours; try again when some have ended`);
    }
    try {
      const end = await this.#turns[kindOf(action)].begin(client, signal);
      return () => {
        end();
        this.#calls.giveBack(client, 1);
      };
    } catch (error) {
      this.#calls.giveBack(client, 1);
      throw error;
    }
  };
}

/** The turns of one kind. Of those who wait, a client with the fewest calls running is next. */
class Turns {
  readonly #running: Shares;
  #waiting: readonly Waiting[] = [];

  constructor(most: number) {
    this.#running = new Shares(most);
  }

  get running(): number {
    return this.#running.total;
  }

  async begin(client: string, signal: AbortSignal): Promise<() => void> {
    if (!this.#running.take(client, 1)) await this.#turn(client, signal);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#running.giveBack(client, 1);
      this.#next();
    };
  }

  #turn(client: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting);
        reject(signal.reason as Error);
      };
      const waiting: Waiting = {
        client,
        begin: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting = [...this.#waiting, waiting];
    });
  }

  #next(): void {
    for (const each of this.#waiting.toSorted((a, b) => this.#running.heldBy(a.client) - this.#running.heldBy(b.client))) {
      if (!this.#running.take(each.client, 1)) continue;
      this.#waiting = this.#waiting.filter((other) => other !== each);
      each.begin();
    }
  }
}
