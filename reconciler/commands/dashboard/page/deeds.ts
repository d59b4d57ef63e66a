// What the page asks the dashboard to do, with the key that stands in the page.
import type { Asking, Calling, Listing, Outcome } from '../told.ts';

/** What is asked for, and what comes of it. */
interface Deeds {
  readonly 'tools/list': { readonly asked: Asking; readonly told: Listing };
  readonly 'tools/call': { readonly asked: Calling; readonly told: Outcome };
}

const GONE: { readonly problem: string } = { problem: 'The dashboard does not answer: see whether mcp-operator dashboard still runs, and start it again.' };

/** Asks for it. Aborting ends it; then the result is null. */
export async function askFor<D extends keyof Deeds>(deed: D, asked: Deeds[D]['asked'], signal: AbortSignal): Promise<Deeds[D]['told'] | null> {
  const key = document.querySelector<HTMLMetaElement>('meta[name="deed"]')?.content ?? '';
  try {
    const headers = { 'content-type': 'application/json', 'x-dashboard-deed': key };
    const response = await fetch(deed, { method: 'POST', headers, body: JSON.stringify(asked), signal });
    if (!response.ok) return { problem: (await response.text()).trim() };
    return (await response.json()) as Deeds[D]['told'];
  } catch {
    return signal.aborted ? null : GONE;
  }
}
