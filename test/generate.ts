// `npm run generate`: the typed MCPServer of imports/, made from the CRD by `cdk8s import` and a small transform.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { customResourceDefinition } from '../charts/api/crd.ts';
import { GROUP } from '../charts/api/group.ts';
import { toYaml } from '../charts/render.ts';

const ROOT = join(import.meta.dirname, '..');
/** The generated file, relative to the project. */
export const IMPORT_FILE = `imports/${GROUP}.ts`;

/** What imports/ should hold for today's CRD. Needs no network. */
export function generateImports(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cdk8s-import-'));
  try {
    writeFileSync(join(folder, 'crd.yaml'), toYaml([customResourceDefinition()]));
    execFileSync(join(ROOT, 'node_modules/.bin/cdk8s'), ['import', 'crd.yaml', '--language', 'typescript', '--output', '.'], {
      cwd: folder,
      env: { ...process.env, CDK8S_CHECK_UPGRADE: 'false' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return erasable(readFileSync(join(folder, `${GROUP}.ts`), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
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

if (import.meta.main) writeFileSync(join(ROOT, IMPORT_FILE), generateImports());
