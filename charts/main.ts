// The cdk8s app behind `cdk8s synth`: examples/*.yaml, the CRD, and both installations of the operator with their guards become dist/.
// Beside the validation plugin, which reads what was written, the only file of charts/ that touches the disk.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ApiObject, App, Chart, type ApiObjectProps } from 'cdk8s';
import packageJson from '../package.json' with { type: 'json' };
import { customResourceDefinition } from './api/crd.ts';
import { isMCPServer } from './api/mcpserver.ts';
import { parseDocuments } from './documents.ts';
import { SETTINGS } from './mcpserver.ts';
import { Guards } from './operator/guards/guards.ts';
import { Operator } from './operator/operator.ts';
import { inRegistry } from './registry.ts';
import { addToChart } from './render.ts';
import { bridgeImageIn } from './settings.ts';
import { toYaml } from './yaml-text.ts';

const EXAMPLES = join(import.meta.dirname, '../examples');
/** Where the images in dist/ come from: one's own registry is set by `npm pkg set config.registry=HOST/FOLDER`. */
const { registry } = packageJson.config;
/** Image the installation in dist/ runs. */
const OPERATOR_IMAGE = `${registry}/operator:${packageJson.version}`;
/** Where the namespaced installation runs, and whose MCPServers it runs. */
const NAMESPACE = 'mcp-servers';

function addExample(app: App, file: string): void {
  const chart = new Chart(app, basename(file, '.yaml'));
  for (const [index, { value }] of parseDocuments(readFileSync(file, 'utf8'), file).entries()) {
    if (isMCPServer(value)) addToChart(chart, { ...value, spec: { ...value.spec, image: inRegistry(value.spec.image, registry) } });
    else if (value !== null) new ApiObject(chart, `document-${index}`, value as ApiObjectProps);
  }
}

// cdk8s synth names the output folder in CDK8S_OUTDIR, which App reads itself; dist/ holds manifests and nothing else.
const app = new App({ recordConstructMetadata: false });
app.node.setContext(SETTINGS.bridgeImage, bridgeImageIn(registry));
new ApiObject(new Chart(app, 'crd'), 'crd', customResourceDefinition());
new Operator(new Chart(app, 'operator'), 'operator', { image: OPERATOR_IMAGE });
new Operator(new Chart(app, 'operator-namespaced'), 'operator', { image: OPERATOR_IMAGE, namespace: NAMESPACE, watchNamespaces: [NAMESPACE] });
// For an administrator to apply once: admission policies are of the whole cluster, which the namespaced installation has no right to.
new Guards(new Chart(app, 'operator-guards'), 'guards');
new Guards(new Chart(app, 'operator-namespaced-guards'), 'guards', { namespace: NAMESPACE, namespaces: [NAMESPACE] });
for (const file of readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml')).toSorted()) {
  addExample(app, join(EXAMPLES, file));
}
app.synth();
// Over what cdk8s wrote, which kubectl may read otherwise than it was meant.
for (const chart of app.charts) writeFileSync(join(app.outdir, `${chart.node.id}${app.outputFileExtension}`), toYaml(chart.toJson()));
