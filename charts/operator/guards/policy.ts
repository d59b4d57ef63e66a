// A ValidatingAdmissionPolicy and its binding, which the typed objects of Kubernetes 1.28 do not know in version v1.
import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { MANAGED_BY, OPERATOR_LABELS } from '../../api/labels.ts';
import type { Rule } from './expressions.ts';
import type { ResolvedGuards } from './props.ts';

/** The guards, by the names in their policies. */
export const GUARDS = ['mcpservers', 'deployments', 'services', 'writes'] as const;

/** What a policy is about. */
export interface Matched {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
}

/** A condition of which all must hold for a request to be judged, and a name that other rules use for a value. */
export interface Named {
  readonly name: string;
  readonly expression: string;
}

/** What one guard judges, and how. */
export interface Guard {
  readonly name: (typeof GUARDS)[number];
  readonly matched: Matched;
  readonly except?: Matched;
  readonly conditions: readonly Named[];
  readonly variables: readonly Named[];
  readonly rules: readonly Rule[];
}

/** Name of a guard's policy and of its binding: one for each operator of a cluster. */
export function policyName(guard: Guard['name'], namespace: string): string {
  return `${MANAGED_BY}-${guard}.${namespace}`;
}

/** Adds the policy and its binding. What a rule fails to judge is refused. */
export function addGuard(scope: Construct, { name, matched, except, conditions, variables, rules }: Guard, guards: ResolvedGuards): void {
  const metadata = { name: policyName(name, guards.namespace), labels: OPERATOR_LABELS };
  const apiVersion = 'admissionregistration.k8s.io/v1';
  new ApiObject(scope, `${name}-policy`, {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata,
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: [matched], ...(except && { excludeResourceRules: [except] }) },
      ...(conditions.length > 0 && { matchConditions: conditions }),
      ...(variables.length > 0 && { variables }),
      // Not 422, which speaks of the object: the same may pass elsewhere.
      validations: rules.map((rule) => ({ ...rule, reason: 'Forbidden' })),
    },
  });
  new ApiObject(scope, `${name}-binding`, {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata,
    spec: { policyName: metadata.name, validationActions: guards.validationActions },
  });
}
