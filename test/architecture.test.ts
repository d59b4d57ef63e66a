// The import directions and the other rules of the layout, on the real sources and on seeded violations.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brokenRules, importsOf, tooWide, type Sources } from './support/architecture.ts';

const ROOT = join(import.meta.dirname, '..');
const PARTS = ['charts', 'kubernetes', 'reconciler', 'mcp-server', 'images', 'monitoring'];

function sourcesOf(folders: readonly string[]): Sources {
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  return new Map(files.filter((file) => /\.tsx?$/.test(file)).map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
}

/** Rules broken by one seeded file, and by what it imports. */
function broken(file: string, code: string, others: Readonly<Record<string, string>> = {}): string[] {
  return brokenRules(new Map(Object.entries({ [file]: `// Seeded.\n${code}\n`, ...others })));
}

describe('the sources', () => {
  const sources = sourcesOf(PARTS);

  it('keep every rule of the layout', () => {
    expect(brokenRules(sources)).toEqual([]);
  });

  it('are read: every part is there, and its imports of other parts are seen', () => {
    for (const part of PARTS) expect([...sources.keys()].some((file) => file.startsWith(`${part}/`))).toBe(true);
    const targets = [...sources].flatMap(([file, text]) =>
      importsOf(file, text).map(({ target }) => `${file.split('/')[0]} ${target?.split('/')[0]}`),
    );
    expect(targets).toEqual(expect.arrayContaining(['charts cdk8s', 'charts charts', 'kubernetes kubernetes', 'reconciler charts', 'reconciler kubernetes', 'mcp-server kubernetes']));
  });
});

describe('tests and scripts', () => {
  it('stay below 300 lines a file, too', () => {
    const long = [...sourcesOf(['test'])].filter(([, text]) => text.split('\n').length > 301).map(([file]) => file);
    expect(long).toEqual([]);
  });

  it('keep to 140 columns of code, too', () => {
    expect([...sourcesOf(['test', 'examples'])].flatMap(([file, text]) => tooWide(file, text))).toEqual([]);
  });
});

describe('the check of the layout', () => {
  it.each([
    ['charts/a.ts', "import { x } from '../kubernetes/b.ts';", 'kubernetes/b.ts'],
    ['charts/api/a.ts', "import type { X } from '../../reconciler/b.ts';", 'reconciler/b.ts'],
    ['kubernetes/a.ts', "import { x } from '../charts/b.ts';", 'charts/b.ts'],
    ['kubernetes/a.ts', "export { x } from '../mcp-server/b.ts';", 'mcp-server/b.ts'],
    ['charts/api/a.ts', "import { x } from '../service.ts';", 'charts/service.ts'],
    ['reconciler/children/a.ts', "import {\n  x,\n  y,\n} from '../../mcp-server/b.ts';", 'mcp-server/b.ts'],
    ['reconciler/children/a.ts', "import { x } from '../../imports/b.ts';", 'imports/b.ts'],
    ['reconciler/runtime/a.ts', "import { x } from '../kinds.ts';", 'reconciler/kinds.ts'],
    ['reconciler/compare/a.ts', "import { x } from '../view/b.ts';", 'reconciler/view/b.ts'],
    ['reconciler/view/a.ts', "import { x } from '../references/b.ts';", 'reconciler/references/b.ts'],
    ['reconciler/verification/a.ts', "import type { X } from '../status/b.ts';", 'reconciler/status/b.ts'],
    ['reconciler/status/a.ts', "import type { X } from '../children/b.ts';", 'reconciler/children/b.ts'],
    ['reconciler/explain/a.ts', "import { x } from '../children/b.ts';", 'reconciler/children/b.ts'],
    ['reconciler/children/a.ts', "import { x } from '../reconcile.ts';", 'reconciler/reconcile.ts'],
    ['reconciler/reconcile.ts', "import { x } from './mcpserver-controller.ts';", 'reconciler/mcpserver-controller.ts'],
    ['reconciler/mcpserver-controller.ts', "import { x } from './operator.ts';", 'reconciler/operator.ts'],
    ['reconciler/operator.ts', "import { x } from './commands/b.ts';", 'reconciler/commands/b.ts'],
    ['reconciler/helpers.ts', "import { x } from './kinds.ts';", 'reconciler/kinds.ts'],
    ['reconciler/runtime/a.ts', "import { x } from '../../charts/b.ts';", 'charts/b.ts'],
    ['mcp-server/tools/a.ts', "const x = await import('../../reconciler/b.ts');", 'reconciler/b.ts'],
    ['mcp-server/a.ts', "import '../test/b.ts';", 'test/b.ts'],
    ['mcp-server/errors.ts', "import { x } from './cluster/api.ts';", 'mcp-server/cluster/api.ts'],
    ['mcp-server/cluster/a.ts', "import type { X } from '../catalog.ts';", 'mcp-server/catalog.ts'],
    ['mcp-server/cluster/a.ts', "import { x } from '../transports/b.ts';", 'mcp-server/transports/b.ts'],
    ['mcp-server/tools/a.ts', "import { x } from '../cluster/api.ts';", 'mcp-server/cluster/api.ts'],
    ['mcp-server/tools/a.ts', "import { x } from '../../kubernetes/b.ts';", 'kubernetes/b.ts'],
    ['mcp-server/resources/a.ts', "import { x } from '../tools/b.ts';", 'mcp-server/tools/b.ts'],
    ['mcp-server/prompts/a.ts', "import { x } from '../catalog.ts';", 'mcp-server/catalog.ts'],
    ['mcp-server/catalog.ts', "import { x } from './transports/b.ts';", 'mcp-server/transports/b.ts'],
    ['mcp-server/catalog.ts', "import { x } from './cluster/api.ts';", 'mcp-server/cluster/api.ts'],
    ['mcp-server/transports/a.ts', "import { x } from '../tools/b.ts';", 'mcp-server/tools/b.ts'],
    ['mcp-server/transports/a.ts', "import { x } from '../cluster/api.ts';", 'mcp-server/cluster/api.ts'],
    ['mcp-server/transports/a.ts', "const x = await import('../tracing/otlp.ts');", 'mcp-server/tracing/otlp.ts'],
    ['mcp-server/tracing/a.ts', "import { x } from '../transports/b.ts';", 'mcp-server/transports/b.ts'],
    ['images/a.ts', "import { x } from '../charts/b.ts';", 'charts/b.ts'],
    ['reconciler/commands/dashboard/page/a.tsx', "import { x } from '../row.ts';", 'reconciler/commands/dashboard/row.ts'],
    ['reconciler/commands/dashboard/a.ts', "import { x } from '../../../mcp-server/b.tsx';", 'mcp-server/b.tsx'],
    ['charts/operator/a.ts', "import { x } from '../../monitoring/source/b.ts';", 'monitoring/source/b.ts'],
    ['monitoring/source/a.ts', "import { x } from '../../reconciler/b.ts';", 'reconciler/b.ts'],
    ['images/bundle/a.ts', "import { x } from '../../test/b.ts';", 'test/b.ts'],
  ])('refuses in %s: %s', (file, code, target) => {
    expect(broken(file, code)).toEqual([`${file}: may not import ${target}`]);
  });

  it.each([
    ['charts/a.ts', "import { x } from '../imports/b.ts';"],
    ['reconciler/children/a.ts', "import { x } from '../../charts/b.ts';\nimport { y } from '../../kubernetes/c.ts';"],
    ['reconciler/children/a.ts', "import { x } from '../status/b.ts';\nimport { y } from '../compare/c.ts';\nimport { z } from '../runtime/d.ts';"],
    ['reconciler/commands/a.ts', "import { x } from '../operator.ts';"],
    ['mcp-server/a.ts', "import { x } from '../charts/b.ts';\nimport { y } from '../kubernetes/c.ts';"],
    ['reconciler/children/a.ts', "import type { V1Pod } from '@kubernetes/client-node';\nimport { type V1Node } from '@kubernetes/client-node';"],
    ['kubernetes/a.ts', "const x = await import('@kubernetes/client-node');"],
    ['mcp-server/transports/http.ts', "import express from 'express';"],
    ['mcp-server/tools/a.ts', "import { x } from '../cluster/port.ts';\nimport { y } from './tool.ts';"],
    ['mcp-server/transports/a.ts', "import { x } from '../catalog.ts';\nimport { y } from './b.ts';"],
    ['mcp-server/catalog.ts', "import manifest from '../package.json' with { type: 'json' };"],
    ['images/a.ts', "import manifest from '../package.json' with { type: 'json' };"],
    ['mcp-server/main.ts', 'const x = process.env;'],
    ['charts/a.ts', "/* process.env, and\n * import { x } from '../kubernetes/b.ts';\n */"],
  ])('accepts in %s: %s', (file, code) => {
    expect(broken(file, code)).toEqual([]);
  });

  it.each([
    ['mcp-server/transports/a.ts', "import { x } from './main.ts';", 'nothing imports a main.ts (mcp-server/transports/main.ts)'],
    ['reconciler/children/a.ts', "import { V1Pod } from '@kubernetes/client-node';", '@kubernetes/client-node belongs to kubernetes/'],
    ['mcp-server/a.ts', "import { type V1Pod, KubeConfig } from '@kubernetes/client-node';", '@kubernetes/client-node belongs to kubernetes/'],
    ['mcp-server/a.ts', "await import('@kubernetes/client-node/dist/config.js');", '@kubernetes/client-node belongs to kubernetes/'],
    ['mcp-server/catalog.ts', "import type { Span } from '@opentelemetry/api';", 'OpenTelemetry belongs to mcp-server/tracing/'],
    ['mcp-server/app.ts', "import express from 'express';", 'express belongs to mcp-server/transports/http.ts'],
    ['reconciler/commands/dashboard/a.ts', "import { h } from 'preact';", 'preact belongs to reconciler/commands/dashboard/page/'],
    ['reconciler/children/a.ts', 'const x = process.env.X;', 'process.env belongs to main.ts'],
    ['reconciler/children/a.ts', "const x = process['env'];", 'process.env belongs to main.ts'],
    ['reconciler/children/a.ts', 'const { argv, env } = process;', 'process.env belongs to main.ts'],
    ['reconciler/children/a.ts', "import { env } from 'node:process';", 'process.env belongs to main.ts'],
    ['reconciler/commands/a.ts', "process.stdout.write('x');", 'standard streams and the end of the process are in its surroundings'],
    ['reconciler/commands/a.ts', 'process.exitCode = 1;', 'standard streams and the end of the process are in its surroundings'],
    ['reconciler/children/a.ts', 'await import(name);', 'imports something that is not a literal'],
    ['charts/a.ts', '\n'.repeat(300), '302 lines, at most 300'],
  ])('refuses in %s: %s', (file, code, problem) => {
    expect(broken(file, code)).toEqual([`${file}: ${problem}`]);
  });

  it('refuses a file that does not say what it owns', () => {
    const text = '#!/usr/bin/env node\nexport const x = 1;\n';
    expect(brokenRules(new Map([['charts/a.ts', text]]))).toEqual(['charts/a.ts: does not open with a comment that says what it owns']);
    expect(brokenRules(new Map([['charts/a.ts', text.replace('\n', '\n// A.\n')]]))).toEqual([]);
  });

  it.each([
    ['code', `const sum = ${'a + '.repeat(40)}a;`],
    ['code that is indented far', `${' '.repeat(130)}const sum = a + a;`],
    ['code around strings', `call(${"'', ".repeat(40)}a);`],
    ['code inside a template', `const text = \`\${${'a + '.repeat(40)}a}\`;`],
    ['code inside a template of a template', `const text = \`\${b ? \`\${${'a + '.repeat(40)}a}\` : c}\`;`],
    ['divisions, which are no regular expressions', `const ratio = ${'a / '.repeat(40)}a;`],
    ['code behind what only looks like the start of a comment', `const text = '/*' + ${'a + '.repeat(40)}a + '*/';`],
    ['types', `type Sum = ${'A | '.repeat(40)}A;`],
  ])('refuses a line with more than 140 columns of %s', (_, line) => {
    expect(broken('charts/a.ts', `const first = 1;\n${line}`)).toEqual(['charts/a.ts: line 3 has more than 140 columns of code']);
  });

  it.each([
    ['the text of strings', `const x = ['${'word '.repeat(40)}', "${'it\'s '.repeat(40)}"];`],
    ['CEL', `const rule = { cel: "!has(self.env) || self.env.all(e, ${'has(e.value) || '.repeat(20)}e.name != '')" };`],
    ['the text of templates', `const text = \`${'{word} '.repeat(40)}\${name}${' // word'.repeat(40)}\`;`],
    ['the text of a template inside another', `const text = \`\${b ? \`${'word '.repeat(40)}\` : ''}${' }'.repeat(80)}\`;`],
    ['a template of several lines', `const text = \`\n${'word '.repeat(40)}\n\${name} ${'word '.repeat(40)}\n\`;`],
    ['regular expressions', `const isWord = /^(?:${"wo'rd|".repeat(40)}[/"\`])$/u.test(text);`],
    ['types that are strings', `type Word = '${'word '.repeat(40)}';`],
    ['a comment of its own', `// ${'word '.repeat(40)}\n/** ${'word '.repeat(40)} */\n/*\n * ${'word '.repeat(40)}\n */`],
    ['a comment behind code', `const x = 1; // ${'word '.repeat(40)}`],
    ['exactly 140 columns', `const x = ${'a'.repeat(129)};`],
  ])('does not count as code: %s', (_, code) => {
    expect(broken('charts/a.ts', code)).toEqual([]);
  });

  it('refuses import cycles, once each', () => {
    const others = { 'charts/b.ts': "// B.\nimport './c.ts';\n", 'charts/c.ts': "// C.\nimport { x } from './a.ts';\n", 'charts/d.ts': "// D.\nimport './b.ts';\n" };
    expect(broken('charts/a.ts', "import './b.ts';", others)).toEqual(['charts/a.ts: import cycle charts/a.ts -> charts/b.ts -> charts/c.ts -> charts/a.ts']);
  });
});
