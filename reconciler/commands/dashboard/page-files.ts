// The files of the page as they were bundled. The operator's image comes without them.
import type { PageFiles } from './page-server.ts';

/** Undefined where they were left out. */
export async function pageFiles(): Promise<PageFiles | undefined> {
  const { default: files } = await import('./page.json', { with: { type: 'json' } });
  return 'script' in files ? files : undefined;
}
