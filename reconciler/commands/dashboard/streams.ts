// What one browser is sent, as server-sent events: what changed, put together while it is slow, and never more than it takes.
import type { ServerResponse } from 'node:http';
import type { Fleet } from './fleet.ts';
import type { Focus } from './focus.ts';
import type { About, Events, Link } from './told.ts';

/** What streams are told from. */
export interface Sources {
  readonly about: About;
  readonly fleet: Fleet;
  readonly link: () => Link;
  /** Calls back when the link may be another; the result ends that. */
  readonly onLink: (listener: () => void) => () => void;
}

/** Changes that come within so long are sent together. */
const TOGETHER_MS = 100;
/** After which a browser asks again where the dashboard is gone. */
const AGAIN_MS = 1000;

/** One stream; it ends with its response. */
abstract class Stream {
  protected readonly sources: Sources;
  readonly #response: ServerResponse;
  #timer: NodeJS.Timeout | undefined;
  #link = '';

  constructor(response: ServerResponse, sources: Sources) {
    this.#response = response;
    this.sources = sources;
    const ends = [sources.onLink(() => this.dirty())];
    response.on('drain', () => this.dirty()).on('close', () => {
      clearTimeout(this.#timer);
      for (const end of ends) end();
      this.ended();
    });
    response.write(`retry: ${AGAIN_MS}\n\n`);
  }

  protected abstract tell(): void;
  protected abstract ended(): void;

  /** Something is to be told, soon. */
  protected dirty(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.flush();
    }, TOGETHER_MS);
  }

  /** Tells what there is, where the browser has taken what was told before. */
  protected flush(): void {
    if (this.#response.destroyed || this.#response.writableNeedDrain) return;
    const link = JSON.stringify(this.sources.link());
    if (link !== this.#link) this.send('link', this.sources.link());
    this.#link = link;
    this.tell();
  }

  protected send<E extends keyof Events>(event: E, data: Events[E]): void {
    this.#response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}

/** The rows of all MCPServers. */
export class FleetStream extends Stream {
  readonly #changed = new Set<string>();
  readonly #stop: () => void;
  #isBegun = false;

  constructor(response: ServerResponse, sources: Sources) {
    super(response, sources);
    this.#stop = sources.fleet.onChange(({ rows }) => {
      for (const key of rows) this.#changed.add(key);
      this.dirty();
    });
    this.flush();
  }

  protected override tell(): void {
    const { about, fleet } = this.sources;
    if (!this.#isBegun && fleet.isKnown) {
      this.#isBegun = true;
      this.#changed.clear();
      this.send('fleet', { about, rows: fleet.rows() });
    }
    if (!this.#isBegun || this.#changed.size === 0) return;
    const keys = [...this.#changed];
    this.#changed.clear();
    const rows = keys.flatMap((key) => fleet.row(key) ?? []);
    this.send('changes', { rows, gone: keys.filter((key) => fleet.row(key) === undefined) });
  }

  protected override ended(): void {
    this.#stop();
  }
}

/** One MCPServer in full. */
export class ServerStream extends Stream {
  readonly #focus: Focus;
  readonly #stop: () => void;
  readonly #onEnd: () => void;
  #told = '';

  constructor(response: ServerResponse, sources: Sources, { focus, onEnd }: { readonly focus: Focus; readonly onEnd: () => void }) {
    super(response, sources);
    this.#focus = focus;
    this.#onEnd = onEnd;
    this.#stop = focus.onChange(() => this.dirty());
    this.flush();
  }

  protected override tell(): void {
    const detail = this.#focus.detail();
    if (detail === undefined) return;
    const text = JSON.stringify(detail);
    if (text === this.#told) return;
    this.#told = text;
    this.send('server', { about: this.sources.about, detail });
  }

  protected override ended(): void {
    this.#stop();
    this.#onEnd();
  }
}
