// The operator's installation for tests: as it lies in dist/, or rendered from props; loosely typed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { Operator, type OperatorProps } from '../../charts/operator/operator.ts';
import type { Manifest } from '../../charts/render.ts';
import type { Policy } from './network-policies.ts';
import type { Deployment } from './rendered.ts';

export const DIST = join(import.meta.dirname, '../../dist');

/** A rule of a Role or ClusterRole. */
export interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly resourceNames?: string[];
  readonly verbs: string[];
}

/** An object of the installation: any of the parts that tests reach into. */
export type Installed = Manifest & {
  readonly rules?: Rule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: object[];
};

/** The objects of a file of dist/. */
export function installed(file: 'operator' | 'operator-namespaced'): Installed[] {
  return parseAllDocuments(readFileSync(join(DIST, `${file}.k8s.yaml`), 'utf8')).map((document) => document.toJS() as Installed);
}

/** The objects rendered for props; the image is filled in. */
export function install(props: Partial<OperatorProps> = {}): Installed[] {
  const chart = new Chart(new App(), 'chart');
  const operator = new Operator(chart, 'operator', { image: 'example.com/operator:1', ...props });
  return operator.node.root === chart.node.root ? (chart.toJson() as Installed[]) : [];
}

/** The one object of a kind, and of a name where there are several. Throws if there is none. */
export function objectOf(manifests: readonly Installed[], kind: string, name?: string): Installed {
  const found = manifests.find((manifest) => manifest.kind === kind && (name === undefined || manifest.metadata.name === name));
  if (found === undefined) throw new Error(`no ${kind} ${name ?? ''}`);
  return found;
}

/** Its Deployment. */
export function deploymentOf(manifests: readonly Installed[]): Deployment {
  return objectOf(manifests, 'Deployment') as unknown as Deployment;
}

/** Its NetworkPolicy. */
export function policyOf(manifests: readonly Installed[]): Policy {
  return objectOf(manifests, 'NetworkPolicy') as unknown as Policy;
}
