// What a hundred MCPServers of 1.2 MB cost the operator, suspended or with children as large as they are, at rest and at its start.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { API_VERSION, KIND } from '../../../charts/api/group.ts';
import { MCP_SERVERS, type MCPServerObject } from '../../../reconciler/kinds.ts';
import { costRow, onBench, type Bench, type Cost } from '../measured-operator.ts';
import type { Subject } from '../subject.ts';

const COUNT = 100;
const SETTLED_MS = 20_000;

interface Kind {
  readonly name: string;
  readonly suspend: boolean;
  /** Characters of each of 128 arguments, and of each of three annotations. */
  readonly lengths: readonly [number, number];
}

const SMALL: Kind = { name: 'of 2 KB', suspend: true, lengths: [1, 1] };
const LARGE: readonly Kind[] = [
  { name: 'of 1.2 MB, suspended', suspend: true, lengths: [8192, 60_000] },
  { name: 'of 1.2 MB, running', suspend: false, lengths: [8192, 60_000] },
];

/** Text that nothing can share or compress. */
const text = (length: number): string => randomBytes(Math.ceil(length / 2)).toString('hex').slice(0, length);

async function createAll({ client }: Bench, { suspend, lengths: [long, longest] }: Kind): Promise<void> {
  for (let server = 0; server < COUNT; server += 1) {
    const annotations = Object.fromEntries(Array.from({ length: 3 }, (_, index) => [`example.com/a${index}`, text(longest)]));
    const spec = { image: 'example.com/x:1', replicas: 0, suspend, args: Array.from({ length: 128 }, () => text(long)) };
    const object = { apiVersion: API_VERSION, kind: KIND, metadata: { name: `large-${server}`, namespace: 'bench', annotations }, spec };
    await client.create(MCP_SERVERS, object as unknown as MCPServerObject);
  }
}

/** At rest after they were created, and started again over them. */
function costsOf(kind: Kind, checkout: string, progress: (line: string) => void): Promise<readonly [settled: Cost, started: Cost]> {
  return onBench({ progress }, async (bench) => {
    const first = await bench.operator(checkout);
    await createAll(bench, kind);
    await sleep(SETTLED_MS);
    const settled = await first.cost();
    await first.stop();
    const second = await bench.operator(checkout);
    await sleep(SETTLED_MS);
    const started = await second.cost();
    await second.stop();
    return [settled, started] as const;
  });
}

export const largeObjects: Subject = {
  name: 'hostile-large-objects',
  title: `the operator with ${COUNT} MCPServers of the size that etcd allows; × is the ratio to small ones`,
  async run(progress, { checkout }) {
    const [settled, started] = await costsOf(SMALL, checkout, progress);
    const rows = [costRow(`${SMALL.name}, at rest`, settled, settled), costRow(`${SMALL.name}, started over them`, started, started)];
    for (const kind of LARGE) {
      const [large, restarted] = await costsOf(kind, checkout, progress);
      rows.push(costRow(`${kind.name}, at rest`, large, settled), costRow(`${kind.name}, started over them`, restarted, started));
    }
    return rows;
  },
};
