// The bytes of every example are kept: of those right in examples/ by dist/ (see synth.test.ts), of all others by
// test/support/rendered-examples.yaml. `vitest run --project unit-pure test/charts/rendered-bytes.test.ts -u` writes that anew; review its diff.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { isMCPServer } from '../../charts/api/mcpserver.ts';
import { render } from '../../charts/render.ts';
import { toYaml } from '../../charts/yaml-text.ts';
import { ToolsChart as Composition } from '../../examples/composition/tools.ts';
import { ToolsChart as Resources } from '../../examples/resources/tools.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
/** Files below folders of examples/; those of real/ a test applies. */
const FILES = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' }).filter((file) => /^(?!real\/).*\/.*\.yaml$/.test(file)).toSorted();

function documentsOf(file: string): unknown[] {
  return parseAllDocuments(readFileSync(join(EXAMPLES, file), 'utf8')).map((document) => document.toJS() as unknown);
}

/** What the apps write, and what an operator makes of the MCPServers among it and in the files, under their titles. */
function renderedExamples(): string {
  const composition = new Composition(new App(), 'tools', { namespace: 'tools', host: 'mcp.example.com', imageTag: '1.4.2', replicas: 3 });
  const resources = new Resources(new App(), 'tools', { namespace: 'tools' }).toJson();
  const parts = [
    ['composition', composition.toJson()],
    ['resources', resources],
    ['resources, as the operator renders it', resources.filter(isMCPServer).flatMap((server) => render(server))],
    ...FILES.map((file): [string, unknown[]] => [file, documentsOf(file).filter(isMCPServer).flatMap((server) => render(server))]),
  ] as const;
  return parts.filter(([, objects]) => objects.length > 0).map(([title, objects]) => `# ${title}\n${toYaml(objects)}`).join('---\n');
}

it('no byte of an example changes unseen', async () => {
  const rendered = renderedExamples();
  expect([...rendered.matchAll(/^# (.*)$/gm)].map(([, title]) => title)).toEqual(expect.arrayContaining(['composition', 'resources', 'secret-rotation/weather.yaml']));
  await expect(rendered).toMatchFileSnapshot('../support/rendered-examples.yaml');
});
