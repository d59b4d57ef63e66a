// What the Services may be that the operator makes. What others put into one before is theirs, and stays.
import { SERVER_LABEL } from '../../api/labels.ts';
import { peersName } from '../../server.ts';
import { addsOnly, at, hasOnly, isAllowed } from './expressions.ts';
import { OWN_ANNOTATIONS } from './marks.ts';
import type { Guard } from './policy.ts';
import type { ResolvedGuards } from './props.ts';
import { exceptNamespaces } from './scope.ts';
import { byOperator } from './writes.ts';

/** Fields of a Service that are rendered, or that the API server adds. */
const SERVICE_FIELDS = [
  'allocateLoadBalancerNodePorts', 'clusterIP', 'clusterIPs', 'externalTrafficPolicy', 'healthCheckNodePort', 'internalTrafficPolicy', 'ipFamilies',
  'ipFamilyPolicy', 'loadBalancerClass', 'loadBalancerSourceRanges', 'ports', 'selector', 'sessionAffinity', 'sessionAffinityConfig', 'type',
];

/** Judges each Service of the operator. */
export function servicesGuard(guards: ResolvedGuards): Guard {
  const { allowedServiceTypes, allowedServiceAnnotations, allowedLoadBalancerClasses } = guards;
  const type = at('object', 'spec.type', "'ClusterIP'");
  const annotations = at('object', 'metadata.annotations', '{}');
  const isOfPeers = `object.metadata.name.endsWith('${peersName({ name: '' })}')`;
  return {
    name: 'services',
    matched: { apiGroups: [''], apiVersions: ['*'], resources: ['services'], operations: ['CREATE', 'UPDATE'] },
    conditions: [byOperator(guards), ...exceptNamespaces(guards)],
    variables: [
      { name: 'before', expression: before('spec', '{}') },
      { name: 'annotationsBefore', expression: before('metadata.annotations', '{}') },
      { name: 'annotations', expression: annotations },
      { name: 'labels', expression: at('object', 'metadata.labels', '{}') },
      { name: 'selector', expression: at('object', 'spec.selector', '{}') },
    ],
    rules: [
      {
        expression: `${isOfPeers} ? ${addsOnly('object.spec', 'variables.before', [...SERVICE_FIELDS, 'publishNotReadyAddresses'])} : ${addsOnly('object.spec', 'variables.before', SERVICE_FIELDS)}`,
        message: 'The Service has a field that no MCPServer leads to.',
      },
      {
        expression: `object.spec.ports.all(port, port in ${at('variables.before', 'ports', '[]')} || ${hasOnly('port', ['appProtocol', 'name', 'nodePort', 'port', 'protocol', 'targetPort'])})`,
        message: 'A port of the Service has a field that no MCPServer leads to.',
      },
      {
        expression: `${isAllowed(type, ['ClusterIP', ...allowedServiceTypes])} || ${at('variables.before', 'type', "''")} == ${type}`,
        message: 'The type of the Service is not among allowedServiceTypes.',
      },
      {
        expression: `variables.annotations.all(key, ${isAllowed('key', [OWN_ANNOTATIONS, ...allowedServiceAnnotations])} || (key in variables.annotationsBefore && variables.annotationsBefore[key] == variables.annotations[key]))`,
        message: 'The Service has an annotation that is not among allowedServiceAnnotations.',
      },
      {
        expression: `!has(object.spec.loadBalancerClass) || ${isAllowed('object.spec.loadBalancerClass', allowedLoadBalancerClasses)} || ${at('variables.before', 'loadBalancerClass', "''")} == object.spec.loadBalancerClass`,
        message: 'The load balancer class is not among allowedLoadBalancerClasses.',
      },
      {
        expression: `!('${SERVER_LABEL}' in variables.labels) || variables.selector[?'${SERVER_LABEL}'].orValue('') == variables.labels['${SERVER_LABEL}'] || ${at('variables.before', 'selector', '{}')} == variables.selector`,
        message: 'The Service selects other pods than those of its MCPServer.',
      },
    ],
  };
}

function before(path: string, none: string): string {
  return `oldObject == null ? ${none} : ${at('oldObject', path, none)}`;
}
