// The FlowSchema by which the API server gives the operator's requests another priority than those of other ServiceAccounts.
import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { MANAGED_BY, OPERATOR_LABELS } from '../api/labels.ts';

/** Before that of all service accounts, which has 9000, and behind those of the system. */
const MATCHING_PRECEDENCE = 5000;
const ALL = ['*'];

/** What a FlowSchema needs to know of the installation. */
export interface FlowSchemaProps {
  readonly name: string;
  /** Where the operator's ServiceAccount is. */
  readonly namespace: string;
  /** Name of a PriorityLevelConfiguration. */
  readonly priorityLevel: string;
}

/** Adds the FlowSchema. In plain fields: the level-1 classes at hand know versions before v1, which API servers from 1.32 on do not serve. */
export function addFlowSchema(scope: Construct, { name, namespace, priorityLevel }: FlowSchemaProps): void {
  new ApiObject(scope, 'flow-schema', {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    metadata: { name, labels: OPERATOR_LABELS },
    spec: {
      matchingPrecedence: MATCHING_PRECEDENCE,
      priorityLevelConfiguration: { name: priorityLevel },
      distinguisherMethod: { type: 'ByUser' },
      rules: [{
        subjects: [{ kind: 'ServiceAccount', serviceAccount: { name: MANAGED_BY, namespace } }],
        resourceRules: [{ verbs: ALL, apiGroups: ALL, resources: ALL, namespaces: ALL, clusterScope: true }],
        nonResourceRules: [{ verbs: ALL, nonResourceURLs: ALL }],
      }],
    },
  });
}
