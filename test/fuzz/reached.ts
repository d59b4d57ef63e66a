// Which parts of the readers the inputs reached, told by V8: what none of them reaches is not tried, however many there are.
import { Session } from 'node:inspector/promises';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(import.meta.dirname, '../..');
/** What reads the words of strangers. */
const READERS = [
  'reconciler/verification/reading/', 'kubernetes/kubeconfig', 'charts/documents.ts', 'mcp-server/config-file.ts', 'mcp-server/transports/bodies.ts',
  'mcp-server/transports/message-filter.ts', 'mcp-server/transports/request-checks.ts',
];

/** Blocks of code, and those never run. */
export interface Reached {
  readonly blocks: number;
  /** Each as `file:line: code`. */
  readonly missed: readonly string[];
}

/** Begins to count, and returns what ends it. */
export async function countReached(): Promise<() => Promise<Reached>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return async () => {
    const { result } = await session.post('Profiler.takePreciseCoverage');
    session.disconnect();
    const scripts = result.filter(({ url }) => url.startsWith('file:'))
      .map(({ url, functions }) => ({ file: relative(ROOT, fileURLToPath(url)), ranges: functions.flatMap(({ ranges }) => ranges) }))
      .filter(({ file }) => READERS.some((reader) => file.startsWith(reader)));
    return { blocks: scripts.reduce((sum, { ranges }) => sum + ranges.length, 0), missed: scripts.flatMap(missedIn) };
  };
}

interface Script {
  readonly file: string;
  readonly ranges: readonly { readonly count: number; readonly startOffset: number; readonly endOffset: number }[];
}

function missedIn({ file, ranges }: Script): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return ranges.filter(({ count }) => count === 0).map(({ startOffset, endOffset }) => {
    const line = text.slice(0, startOffset).split('\n').length;
    return `${file}:${line}: ${text.slice(startOffset, endOffset).replace(/\s+/g, ' ').trim().slice(0, 80)}`;
  });
}
