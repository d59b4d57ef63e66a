// The stream from the dashboard: opened while the page is looked at, opened anew where it broke, and what is to be said while it is not there.
import type { Events } from '../told.ts';

type Handlers = { readonly [E in keyof Events]?: (data: Events[E]) => void };

/** Takes what is told; `problem` gets a sentence while nothing comes, and null once it does. The result ends it. */
export function follow(path: string, handlers: Handlers, problem: (sentence: string | null) => void): () => void {
  let source: EventSource | undefined;
  const close = (): void => {
    source?.close();
    source = undefined;
  };
  const open = (): void => {
    close();
    const opened = new EventSource(path);
    source = opened;
    opened.addEventListener('open', () => problem(null));
    opened.addEventListener('error', () => {
      // The browser asks again by itself unless it was told no.
      if (opened.readyState === EventSource.CLOSED) void reasonOf(path).then((reason) => problem(reason));
      else problem(GONE);
    });
    for (const [event, handle] of Object.entries(handlers)) {
      opened.addEventListener(event, ({ data }: MessageEvent<string>) => (handle as (data: unknown) => void)(JSON.parse(data)));
    }
  };
  // Browsers open six connections for each address, over all tabs: those that nobody sees need none.
  const onVisibility = (): void => (document.visibilityState === 'hidden' ? close() : open());
  document.addEventListener('visibilitychange', onVisibility);
  open();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    close();
  };
}

const GONE = 'The dashboard does not answer: see whether mcp-operator dashboard still runs, and start it again. What is shown is from before.';

async function reasonOf(path: string): Promise<string> {
  const stop = new AbortController();
  try {
    const response = await fetch(path, { signal: stop.signal });
    if (response.ok) return 'The stream was ended: load the page again.';
    return (await response.text()).trim();
  } catch {
    return GONE;
  } finally {
    stop.abort();
  }
}
