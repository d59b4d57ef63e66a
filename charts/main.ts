// The cdk8s app behind `cdk8s synth`: examples/*.yaml, the CRD and the operator's installation become dist/.
// The only file of charts/ that touches the disk.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ApiObject, App, Chart, type ApiObjectProps } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { customResourceDefinition } from './api/crd.ts';
import { isMCPServer } from './api/resource.ts';
import { Operator } from './operator.ts';
import { addToChart } from './render.ts';

const EXAMPLES = join(import.meta.dirname, '../examples');
/** Image the installation in dist/ runs. */
const OPERATOR_IMAGE = 'mcp-server-operator/operator:0.1.0';

function readDocuments(file: string): unknown[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0]?.message}`);
    return document.toJS() as unknown;
  });
}

function addExample(app: App, file: string): void {
  const chart = new Chart(app, basename(file, '.yaml'));
  for (const [index, document] of readDocuments(file).entries()) {
    if (isMCPServer(document)) addToChart(chart, document);
    else if (document !== null) new ApiObject(chart, `document-${index}`, document as ApiObjectProps);
  }
}

// cdk8s synth names the output folder in CDK8S_OUTDIR, which App reads itself.
const app = new App();
new ApiObject(new Chart(app, 'crd'), 'crd', customResourceDefinition() as unknown as ApiObjectProps);
new Operator(new Chart(app, 'operator'), 'operator', { image: OPERATOR_IMAGE });
for (const file of readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml')).toSorted()) {
  addExample(app, join(EXAMPLES, file));
}
app.synth();
