// `npm run generate`: what is made from the schema, the typed MCPServer of imports/ (`cdk8s import` of the CRD and a small
// transform), the types of its spec, and of docs/ the API reference and the page of troubles; the pages and files about metrics; the
// version of the stdio bridge, which follows its bytes; and the dashboard's page as browsers load it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { customResourceDefinition } from '../charts/api/crd.ts';
import { GROUP } from '../charts/api/group.ts';
import { asSaid } from '../charts/api/said-rules.ts';
import { apiReference } from '../charts/api/reference.ts';
import { specTypes } from '../charts/api/spec-types.ts';
import { troubleshooting } from '../charts/api/troubleshooting.ts';
import { ruleGroups } from '../charts/operator/monitoring/alerts.ts';
import { toYaml } from '../charts/yaml-text.ts';
import { metricsReference } from '../reconciler/metrics/reference.ts';
import { pageFile } from '../images/bundle/page.ts';
import { bridgeVersionFile } from '../images/portable/version.ts';
import { kubeStateMetricsFile } from '../monitoring/source/kube-state-metrics.ts';
import { operatorDashboard } from '../monitoring/source/operator-dashboard.ts';
import { serversDashboard } from '../monitoring/source/servers-dashboard.ts';

const ROOT = join(import.meta.dirname, '..');

/** Every generated file, relative to the project, and how to make what it should hold. Needs no network. */
export const GENERATED: Readonly<Record<string, () => string | Promise<string>>> = {
  [`imports/${GROUP}.ts`]: generateImports,
  'imports/mcpserver-spec.ts': specTypes,
  'docs/api.md': apiReference,
  'docs/troubleshooting.md': troubleshooting,
  'docs/metrics.md': metricsReference,
  'monitoring/mcp-operator.rules.yaml': rulesFile,
  'monitoring/mcp-servers.dashboard.json': serversDashboard,
  'monitoring/mcp-operator.dashboard.json': operatorDashboard,
  'monitoring/kube-state-metrics.yaml': kubeStateMetricsFile,
  'charts/bridge-version.ts': bridgeVersionFile,
  'reconciler/commands/dashboard/page.json': pageFile,
};

function rulesFile(): string {
  return `# The alerts, for a Prometheus without the Prometheus operator. Made from charts/operator/monitoring/alerts.ts by npm run generate.\n${toYaml([ruleGroups()])}`;
}

function generateImports(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cdk8s-import-'));
  try {
    // With the enums that rules stand for, for the types.
    const withEnums = (_key: string, value: unknown): unknown => (isSchema(value) ? asSaid(value) : value);
    const crd: unknown = JSON.parse(JSON.stringify(customResourceDefinition()), withEnums);
    writeFileSync(join(folder, 'crd.yaml'), toYaml([crd]));
    execFileSync(join(ROOT, 'node_modules/.bin/cdk8s'), ['import', 'crd.yaml', '--language', 'typescript', '--output', '.'], {
      cwd: folder,
      env: { ...process.env, CDK8S_CHECK_UPGRADE: 'false' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return preserving(erasable(readFileSync(join(folder, `${GROUP}.ts`), 'utf8')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function isSchema(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** cdk8s lets items of a list have the fields of the schema alone, and drops the others, also where the schema preserves them. */
function preserving(source: string): string {
  const items = 'McpServerSpec(?:InitContainers|Sidecars)';
  return source
    .replaceAll(new RegExp(`(export interface ${items} \\{.*?)(\n\\})`, 'gs'), '$1\n  readonly [field: string]: any;$2')
    .replaceAll(new RegExp(`(function toJson_${items}\\(.*?const result = \\{)`, 'gs'), '$1\n    ...obj,');
}

/** cdk8s emits enums, parameter properties and types imported as values; Node, which only strips types, runs none. */
function erasable(source: string): string {
  return source
    .replace('import { ApiObject, ApiObjectMetadata, GroupVersionKind }', 'import { ApiObject, type ApiObjectMetadata, type GroupVersionKind }')
    .replace('import { Construct }', 'import type { Construct }')
    .replaceAll(
      /private constructor\(public readonly value: ([^)]+)\) \{\n\s*\}/g,
      'public readonly value: $1;\n  private constructor(value: $1) {\n    this.value = value;\n  }',
    )
    .replaceAll(/export enum (\w+) \{(.*?)\n\}/gs, (_, name: string, members: string) => {
      const values = members.replaceAll(/^(\s*)(\w+) = ("[^"]*"|'[^']*'),$/gm, '$1$2: $3,');
      return `export const ${name} = {${values}\n} as const;\nexport type ${name} = (typeof ${name})[keyof typeof ${name}];`;
    });
}

if (import.meta.main) {
  for (const [file, generate] of Object.entries(GENERATED)) writeFileSync(join(ROOT, file), await generate());
}
