// What the example's ServiceAccount may do, as a real API server sees it: as shipped, and with the write rules uncommented.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { withWriteRules } from '../cluster/demo/examples.ts';
import { eventually, kubectl } from '../support/cluster.ts';

const SHIPPED = readFileSync(join(import.meta.dirname, '../../examples/kubernetes-mcp-server.yaml'), 'utf8');
const NAMESPACE = 'kubernetes-mcp-server';
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:kubernetes-mcp-server`;

/** All of it but the MCPServer, which other tests would see as an operator's. */
function rightsOf(text: string): string {
  return parseAllDocuments(text).map(String).filter((document) => !document.includes('kind: MCPServer')).join('---\n');
}

async function apply(text: string): Promise<void> {
  const { code, stderr } = await kubectl(['apply', '-f', '-'], { input: rightsOf(text) });
  if (code !== 0) throw new Error(stderr);
}

/** Of these the ones that are allowed: `verb resource namespace`. The API server learns of rules a moment after they were stored. */
async function allowed(...questions: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(questions.map(async (question) => {
    const [verb = '', resource = '', namespace = ''] = question.split(' ');
    const [name = '', subresource = ''] = resource.split('/');
    return (await kubectl(['auth', 'can-i', verb, name, '--subresource', subresource, '-n', namespace, '--as', ACCOUNT])).stdout.trim() === 'yes';
  }));
  return questions.filter((_, index) => answers[index]);
}

const READS = [`get pods ${NAMESPACE}`, `list pods ${NAMESPACE}`, `get pods/log ${NAMESPACE}`, `list nodes ${NAMESPACE}`];
const WRITES = [`create pods ${NAMESPACE}`, `delete pods ${NAMESPACE}`];
const NEVER = [
  'list pods default', 'get pods/log default', 'create pods default', 'delete pods kube-system', `deletecollection pods ${NAMESPACE}`, `create pods/exec ${NAMESPACE}`, `patch pods ${NAMESPACE}`,
  `get secrets ${NAMESPACE}`, `create serviceaccounts/token ${NAMESPACE}`, `patch roles ${NAMESPACE}`, `patch mcpservers.mcp.example.com ${NAMESPACE}`, `delete nodes ${NAMESPACE}`,
];

beforeAll(() => apply(SHIPPED));
afterAll(() => kubectl(['delete', '--wait=false', '-f', '-'], { input: rightsOf(SHIPPED) }));

test('as shipped it reads nodes, and pods and logs of its own namespace, and nothing else', async () => {
  await eventually(async () => expect(await allowed(...READS, ...WRITES, ...NEVER)).toEqual(READS));
});

test('with the write rules uncommented it creates and deletes pods there besides', async () => {
  await apply(withWriteRules(SHIPPED));
  await eventually(async () => expect(await allowed(...READS, ...WRITES, ...NEVER)).toEqual([...READS, ...WRITES]));
});
