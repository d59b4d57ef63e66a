// What MCPServers that refer to as much as they can cost the operator: twelve that are stored with 352 ConfigMaps each, twelve with
// 64 Secrets each; none of them runs, and nothing they refer to exists.
import { setTimeout as sleep } from 'node:timers/promises';
import { API_VERSION, KIND } from '../../../charts/api/group.ts';
import { MCP_SERVERS, type MCPServerObject } from '../../../reconciler/kinds.ts';
import { costRow, onBench, type Bench } from '../measured-operator.ts';
import type { Subject } from '../subject.ts';

const SETTLED_MS = 20_000;

const many = (count: number, item: (index: number) => object): object[] => Array.from({ length: count }, (_, index) => item(index));

function configMaps(server: number): object {
  return {
    env: many(256, (index) => ({
      name: `V${index}`,
      valueFrom: { configMapKeyRef: { name: `e${server}-${index}`, key: 'k', optional: true } },
    })),
    envFrom: many(64, (index) => ({ configMapRef: { name: `f${server}-${index}`, optional: true } })),
    files: many(32, (index) => ({ mountPath: `/d/${index}`, configMap: { name: `g${server}-${index}` } })),
  };
}

function secrets(server: number): object {
  return { envFrom: many(64, (index) => ({ secretRef: { name: `s${server}-${index}`, optional: true } })) };
}

async function createTwelve({ client }: Bench, prefix: string, fields: (server: number) => object): Promise<void> {
  for (let server = 0; server < 12; server += 1) {
    const spec = { image: 'example.com/x:1', replicas: 0, suspend: true, ...fields(server) };
    const object = { apiVersion: API_VERSION, kind: KIND, metadata: { name: `${prefix}-${server}`, namespace: 'bench' }, spec };
    await client.create(MCP_SERVERS, object as unknown as MCPServerObject);
  }
  await sleep(SETTLED_MS);
}

export const references: Subject = {
  name: 'hostile-references',
  title: 'the operator with MCPServers that refer to as much as they can; × is the ratio to none',
  run: (progress, { checkout }) => onBench({ progress }, async (bench) => {
    const operator = await bench.operator(checkout);
    await sleep(SETTLED_MS);
    const nothing = await operator.cost();
    const rows = [costRow('no MCPServer', nothing, nothing)];
    await createTwelve(bench, 'config-maps', configMaps);
    rows.push(costRow('twelve with 352 ConfigMaps each', await operator.cost(), nothing));
    await createTwelve(bench, 'secrets', secrets);
    rows.push(costRow('and twelve with 64 Secrets each', await operator.cost(), nothing));
    await operator.stop();
    const restarted = await bench.operator(checkout);
    await sleep(SETTLED_MS);
    rows.push(costRow('after a restart', await restarted.cost(), nothing));
    await restarted.stop();
    return rows;
  }),
};
