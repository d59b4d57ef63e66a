// Kubernetes' int-or-string in the form level-1 objects want: they drop plain numbers and strings.
import { k8s } from 'cdk8s-plus-28';

/** A number or text as level 1 wants it. */
export function intOrString(value: number | string): k8s.IntOrString {
  return typeof value === 'number' ? k8s.IntOrString.fromNumber(value) : k8s.IntOrString.fromString(value);
}
