// The objects of an installation as plain manifests: what `cdk8s synth` writes for the construct of the same props.
import { ApiObject, App, Chart } from 'cdk8s';
import { customResourceDefinition } from '../api/crd.ts';
import type { Manifest } from '../render.ts';
import { Guards, type GuardsProps } from './guards/guards.ts';
import { Operator, type OperatorProps } from './operator.ts';

/** The operator's objects, in the order they should be applied. @throws Error naming every prop that cannot be meant. */
export function operatorManifests(props: OperatorProps): Manifest[] {
  return manifestsOf((chart) => new Operator(chart, 'operator', props));
}

/** The admission policies on their own. @throws Error naming every prop that cannot be meant. */
export function guardsManifests(props: GuardsProps = {}): Manifest[] {
  return manifestsOf((chart) => new Guards(chart, 'guards', props));
}

/** The CRD, which has a life of its own. */
export function crdManifests(): Manifest[] {
  return manifestsOf((chart) => new ApiObject(chart, 'crd', customResourceDefinition()));
}

function manifestsOf(add: (chart: Chart) => unknown): Manifest[] {
  const chart = new Chart(new App({ recordConstructMetadata: false }), 'operator');
  add(chart);
  return chart.toJson() as Manifest[];
}
