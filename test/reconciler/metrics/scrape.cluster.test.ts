// docs/metrics.md and a scrape of a real operator that leads: the same metrics, with the same labels.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { connect, eventually, useNamespace } from '../../support/cluster.ts';
import { ensureCrd } from '../../support/crd.ts';
import { startOperatorProcess, type OperatorProcess } from '../../support/operator.ts';
import { promtool, promtoolIsMissing } from '../../support/promtool.ts';
import { familiesOf, samplesOf } from '../../support/scraped.ts';
import { Fleet } from '../scene.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/metrics.md'), 'utf8');
const namespace = useNamespace('scrape');

let client: KubernetesClient;
let operator: OperatorProcess;
let scraped: string;

beforeAll(async () => {
  client = await connect();
  await ensureCrd(client);
  const fleet = new Fleet(client, namespace);
  await fleet.create('one', { replicas: 0 });
  operator = await startOperatorProcess(inject('kubeconfig'), ['--namespace', namespace, '--leader-elect', '--leader-elect-resource-namespace', namespace]);
  await fleet.until('one', 'Ready', ['True', 'ScaledToZero']);
  scraped = await eventually(async () => {
    const text = await (await fetch(operator.url('metrics', '/metrics'))).text();
    if (!text.includes(`mcp_operator_server_condition{namespace="${namespace}",name="one",type="Ready"} 1`)) throw new Error(text);
    return text;
  });
});
afterAll(async () => {
  await operator?.stop();
  client?.close();
});

/** Name, type and labels of each metric on the page. */
function page(): Map<string, { readonly type: string; readonly labels: readonly string[] }> {
  const rows = [...PAGE.matchAll(/^\| `(\w+)` \| (\w+) \| (.*?) \| .*? \| .* \|$/gm)];
  return new Map(rows.map(([, name = '', type = '', labels = '']) => [name, { type, labels: labels.match(/\w+/g) ?? [] }]));
}

function typesOf(entries: Iterable<[string, { readonly type: string }]>): string[] {
  return [...entries].map(([name, { type }]) => `${name} ${type}`).toSorted();
}

describe('what an operator that leads answers', () => {
  test('is every metric of docs/metrics.md, and no other, of the type that the page says', () => {
    expect(typesOf(familiesOf(scraped))).toEqual(typesOf(page()));
  });

  test('has the labels that the page says, but for what histograms have on their buckets', () => {
    const samples = samplesOf(scraped);
    const odd = samples.flatMap(({ name, labels }) => {
      const family = page().get(name) ?? page().get(name.replace(/_(bucket|sum|count)$/, ''));
      const told = Object.keys(labels).filter((label) => label !== 'le');
      return JSON.stringify(told.toSorted()) === JSON.stringify(family?.labels.toSorted()) ? [] : [`${name} ${told.join()}`];
    });
    expect(odd).toEqual([]);
    expect(samples.length).toBeGreaterThan(100);
  });

  test.skipIf(promtoolIsMissing())('passes promtool check metrics', () => {
    expect(promtool(['check', 'metrics'], { input: scraped })).toEqual({ passed: true, said: '' });
  });

  test('says what runs', () => {
    expect(scraped).toMatch(/^mcp_operator_build_info\{version="\d+\.\d+\.\d+",node_version="\d+\.\d+\.\d+"\} 1$/m);
  });
});
