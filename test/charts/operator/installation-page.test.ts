// docs/installation.md says what is so: its app builds, its table names the props.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { customResourceDefinition } from '../../../charts/api/crd.ts';
import { deploymentOf, type Installed } from '../../support/operator-manifests.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/installation.md'), 'utf8');

function codeBlock(language: string): string {
  return new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(PAGE)?.[1] ?? '';
}

test('its app type-checks, and synthesizes the CRD and an operator with its settings', () => {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'build/installation-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'app.ts'), codeBlock('ts').replace("'mcp-server-operator'", "'../../charts/library.ts'"));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', files: ['app.ts'], include: [] }));
  expect(spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['--noEmit', '-p', folder], { encoding: 'utf8' }).stdout).toBe('');
  execFileSync(process.execPath, [join(folder, 'app.ts')], { env: { CDK8S_OUTDIR: folder } });
  const manifests = (name: string): Installed[] =>
    parseAllDocuments(readFileSync(join(folder, `${name}.k8s.yaml`), 'utf8')).map((document) => document.toJS() as Installed);
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
