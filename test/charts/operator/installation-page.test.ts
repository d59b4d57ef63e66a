// docs/installation.md says what is so: its app builds, its table names the props.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { customResourceDefinition } from '../../../charts/api/crd.ts';
import { deploymentOf, type Installed } from '../../support/operator-manifests.ts';
import { synthesizedBy } from '../../support/page-app.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/installation.md'), 'utf8');

test('its app type-checks, and synthesizes the CRD and an operator with its settings', () => {
  const files = synthesizedBy('installation.md');
  const manifests = (name: string): Installed[] =>
    parseAllDocuments(files.get(`${name}.k8s.yaml`) ?? '').map((document) => document.toJS() as Installed);
  expect(manifests('crd')).toEqual([JSON.parse(JSON.stringify(customResourceDefinition()))]);
  const operator = manifests('operator');
  expect(operator.filter(({ kind }) => kind === 'Role').map(({ metadata }) => metadata.namespace)).toEqual(['team-a', 'team-b', 'platform']);
  expect(deploymentOf(operator).spec.template.spec).toMatchObject({
    imagePullSecrets: [{ name: 'registry' }],
    tolerations: [{ key: 'dedicated' }],
    containers: [{ resources: { requests: { cpu: '200m' } } }],
  });
});

test('its table names every prop, and no other', () => {
  const source = /export interface OperatorProps \{\n(.*?)\n\}/s.exec(readFileSync(join(ROOT, 'charts/operator/props.ts'), 'utf8'))?.[1] ?? '';
  const props = [...source.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name = '']) => name);
  expect(props.length).toBeGreaterThan(15);
  const rows = [...PAGE.matchAll(/^\| (`[a-z]\w+`(?:, `[a-z]\w+`)*) \|/gm)].flatMap(([, names = '']) => names.replaceAll('`', '').split(', '));
  expect(rows.toSorted()).toEqual(props.toSorted());
});
