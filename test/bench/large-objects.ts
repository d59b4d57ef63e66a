// What a hundred MCPServers of 1.2 MB cost the operator at its start: node test/bench/large-objects.ts [CHECKOUT [COUNT [KIND]]]
// KIND: `suspended` (default), `running` (with children as large as they are), or `small` (suspended, of two KB, to compare).
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { API_VERSION, KIND } from '../../charts/api/group.ts';
import { MCP_SERVERS, type MCPServerObject } from '../../reconciler/kinds.ts';
import { onBench, type Bench } from './measured-operator.ts';

const [checkout = join(import.meta.dirname, '../..'), count = '100', state = 'suspended'] = process.argv.slice(2);
const SETTLED_MS = 20_000;

/** Text that nothing can share or compress. */
const text = (length: number): string => randomBytes(Math.ceil(length / 2)).toString('hex').slice(0, length);

async function createAll({ client }: Bench): Promise<void> {
  for (let server = 0; server < Number(count); server += 1) {
    const [long, longest] = state === 'small' ? [1, 1] : [8192, 60_000];
    const annotations = Object.fromEntries(Array.from({ length: 3 }, (_, index) => [`example.com/a${index}`, text(longest)]));
    const args = Array.from({ length: 128 }, () => text(long));
    const spec = { image: 'example.com/x:1', replicas: 0, suspend: state !== 'running', args };
    const object = { apiVersion: API_VERSION, kind: KIND, metadata: { name: `large-${server}`, namespace: 'bench', annotations }, spec };
    await client.create(MCP_SERVERS, object as unknown as MCPServerObject);
  }
}

const result = await onBench(async (bench) => {
  const empty = await bench.operator(checkout);
  const nothing = { readyMs: empty.readyMs, ...(await empty.cost()) };
  await createAll(bench);
  await sleep(SETTLED_MS);
  const settled = await empty.cost().catch(String);
  await empty.stop();
  const started = await bench.operator(checkout);
  await sleep(SETTLED_MS);
  const atStart = { readyMs: started.readyMs, ...(await started.cost()) };
  await started.stop();
  return { nothing, settled, atStart };
});
process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
