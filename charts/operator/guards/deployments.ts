// What the pods may be that the operator has Deployments run. Lists of fields are closed, so that one that comes later is seen.
import { BRIDGE_NAME, SERVER_LABEL } from '../../api/labels.ts';
import { addsOnly, at, hasOnly, isAllowed, isAllowedAt, type Rule } from './expressions.ts';
import { OWN_ANNOTATIONS, OWN_LABELS } from './marks.ts';
import { podSecurityRules } from './pod-security.ts';
import type { Guard } from './policy.ts';
import type { ResolvedGuards } from './props.ts';
import { exceptNamespaces } from './scope.ts';
import { byOperator } from './writes.ts';

/** Fields of a pod that are judged, or reach nothing, and those that the API server adds. `podTemplate` can say others. */
export const POD_FIELDS = [
  'affinity', 'automountServiceAccountToken', 'containers', 'dnsConfig', 'dnsPolicy', 'enableServiceLinks', 'hostAliases', 'imagePullSecrets',
  'initContainers', 'nodeSelector', 'priorityClassName', 'restartPolicy', 'runtimeClassName', 'schedulerName', 'securityContext', 'serviceAccount',
  'serviceAccountName', 'terminationGracePeriodSeconds', 'tolerations', 'topologySpreadConstraints', 'volumes',
];
/** The same of a container. */
export const CONTAINER_FIELDS = [
  'args', 'command', 'env', 'envFrom', 'image', 'imagePullPolicy', 'lifecycle', 'livenessProbe', 'name', 'ports', 'readinessProbe', 'resources',
  'restartPolicy', 'securityContext', 'startupProbe', 'terminationMessagePath', 'terminationMessagePolicy', 'volumeMounts', 'workingDir',
];
export const VOLUME_FIELDS = ['name', 'configMap', 'csi', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];
const PROJECTIONS = ['configMap', 'downwardAPI', 'secret', 'serviceAccountToken'];
/** What each projected volume has, as an expression about `volume`. */
export const SOURCES = at('volume', 'projected.sources', '[]');

/** Judges a Deployment of the operator when it comes and when its pods become others. */
export function deploymentsGuard(guards: ResolvedGuards): Guard {
  return {
    name: 'deployments',
    matched: { apiGroups: ['apps'], apiVersions: ['*'], resources: ['deployments'], operations: ['CREATE', 'UPDATE'] },
    conditions: [
      byOperator(guards),
      ...exceptNamespaces(guards),
      { name: 'other-pods', expression: "request.operation == 'CREATE' || object.spec.template != oldObject.spec.template" },
    ],
    variables: [
      { name: 'pod', expression: 'object.spec.template.spec' },
      { name: 'podBefore', expression: 'oldObject == null ? {} : oldObject.spec.template.spec' },
      { name: 'isOther', expression: 'variables.pod != variables.podBefore' },
      // What others put there, and what stays, is not judged again: a repair would be refused for what it repairs.
      { name: 'containersBefore', expression: `${at('variables.podBefore', 'containers', '[]')} + ${at('variables.podBefore', 'initContainers', '[]')}` },
      {
        name: 'containers',
        expression: `(variables.pod.containers + ${at('variables.pod', 'initContainers', '[]')}).filter(container, !(container in variables.containersBefore))`,
      },
      { name: 'volumes', expression: `${at('variables.pod', 'volumes', '[]')}.filter(volume, !(volume in ${at('variables.podBefore', 'volumes', '[]')}))` },
      {
        name: 'contexts',
        expression: `(variables.isOther ? [${at('variables.pod', 'securityContext', '{}')}] : []) + variables.containers.map(container, ${at('container', 'securityContext', '{}')})`,
      },
      { name: 'account', expression: at('variables.pod', 'serviceAccountName', "'default'") },
      { name: 'isOtherAccount', expression: `variables.account != ${at('variables.podBefore', 'serviceAccountName', "''")}` },
      { name: 'mounts', expression: at('variables.pod', 'automountServiceAccountToken', 'true') },
      { name: 'mounted', expression: `oldObject != null && !variables.isOtherAccount && ${at('variables.podBefore', 'automountServiceAccountToken', 'true')}` },
      { name: 'labels', expression: at('object.spec.template', 'metadata.labels', '{}') },
      { name: 'annotations', expression: at('object.spec.template', 'metadata.annotations', '{}') },
      { name: 'metadataBefore', expression: `oldObject == null ? {} : ${at('oldObject.spec.template', 'metadata', '{}')}` },
      { name: 'labelsBefore', expression: `oldObject == null ? {} : ${at('oldObject.spec.template', 'metadata.labels', '{}')}` },
      { name: 'annotationsBefore', expression: `oldObject == null ? {} : ${at('oldObject.spec.template', 'metadata.annotations', '{}')}` },
    ],
    rules: [fieldRules, identityRules, placeRules, secretRules, metadataRules, podSecurityRules].flatMap((rules) => rules(guards)),
  };
}

/** What is refused whatever is allowed: the host's namespaces, ports and files, tokens in volumes, and what nobody here has judged. */
function fieldRules(): Rule[] {
  return [
    { expression: addsOnly('variables.pod', 'variables.podBefore', POD_FIELDS), message: 'The pods have a field that guards let nobody have.' },
    {
      expression: addsOnly(at('object.spec.template', 'metadata', '{}'), 'variables.metadataBefore', ['annotations', 'creationTimestamp', 'labels']),
      message: 'The metadata of the pods have a field that guards let nobody have.',
    },
    { expression: `variables.containers.all(container, ${hasOnly('container', CONTAINER_FIELDS)})`, message: 'A container has a field that guards let nobody have.' },
    { expression: `variables.volumes.all(volume, ${hasOnly('volume', VOLUME_FIELDS)} || (volume.name == '${BRIDGE_NAME}' && ${hasOnly('volume', ['name', 'image'])}))`, message: 'A volume is of a kind that guards let nobody have.' },
    ofItems('ports', 'item', ['name', 'containerPort', 'protocol']),
    ofItems('env', 'item', ['name', 'value', 'valueFrom']),
    ofItems('env', at('item', 'valueFrom', '{}'), ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef']),
    ofItems('envFrom', 'item', ['prefix', 'configMapRef', 'secretRef']),
    { expression: `variables.volumes.all(volume, ${SOURCES}.all(source, ${hasOnly('source', PROJECTIONS)}))`, message: 'A projected volume has a source that guards let nobody have.' },
    ofItems('volumeMounts', 'item', ['name', 'mountPath', 'readOnly', 'subPath']),
    { expression: `variables.containers.all(container, ${hasOnly(at('container', 'resources', '{}'), ['limits', 'requests'])})`, message: 'Resources of a container have a field that guards let nobody have.' },
    {
      expression: `variables.containers.all(container, ${hasOnly(at('container', 'lifecycle', '{}'), ['postStart', 'preStop'])} && ${hasOnly(at('container', 'lifecycle.postStart', '{}'), ['exec', 'httpGet'])} && ${hasOnly(at('container', 'lifecycle.preStop', '{}'), ['sleep'])})`,
      message: 'A hook of a container is one that guards let nobody have.',
    },
  ];
}

/** Fields of each item of a list of each container. */
function ofItems(list: string, field: string, fields: readonly string[]): Rule {
  return {
    expression: `variables.containers.all(container, ${at('container', list, '[]')}.all(item, ${hasOnly(field, fields)}))`,
    message: `An item of ${list} of a container has a field that guards let nobody have.`,
  };
}

function identityRules({ allowedServiceAccounts, allowedTokenMounts }: ResolvedGuards): Rule[] {
  const accounts = [...allowedServiceAccounts, ...allowedTokenMounts];
  return [
    {
      expression: `!variables.isOtherAccount || variables.account == object.metadata.?labels[?'${SERVER_LABEL}'].orValue('') || ${isAllowed('variables.account', accounts)}`,
      message: 'The ServiceAccount is neither the own one nor among allowedServiceAccounts.',
    },
    {
      expression: `!variables.mounts || variables.mounted || ${isAllowed('variables.account', allowedTokenMounts)}`,
      message: 'The token of a ServiceAccount is mounted that is not among allowedTokenMounts.',
    },
    {
      expression: `!variables.volumes.exists(volume, ${SOURCES}.exists(source, has(source.serviceAccountToken))) || ${isAllowed('variables.account', allowedTokenMounts)}`,
      message: 'A volume has a token of a ServiceAccount that is not among allowedTokenMounts.',
    },
  ];
}

function placeRules(guards: ResolvedGuards): Rule[] {
  const { allowedPriorityClasses, allowedRuntimeClasses, allowedTolerations, allowedSchedulers, allowedCsiDrivers } = guards;
  return [
    { expression: named('priorityClassName', allowedPriorityClasses), message: 'The priority class is not among allowedPriorityClasses.' },
    { expression: named('runtimeClassName', allowedRuntimeClasses), message: 'The runtime class is not among allowedRuntimeClasses.' },
    {
      expression: `${at('variables.pod', 'tolerations', '[]')}.all(toleration, ${isAllowed(at('toleration', 'key', "''"), allowedTolerations)} || toleration in ${at('variables.podBefore', 'tolerations', '[]')})`,
      message: 'A taint is tolerated whose key is not among allowedTolerations.',
    },
    { expression: named('schedulerName', ['default-scheduler', ...allowedSchedulers]), message: 'The scheduler is not among allowedSchedulers.' },
    { expression: `variables.volumes.all(volume, !has(volume.csi) || ${isAllowed('volume.csi.driver', allowedCsiDrivers)})`, message: 'A CSI driver is not among allowedCsiDrivers.' },
  ];
}

function named(field: string, allowed: readonly string[]): string {
  return `!has(variables.pod.${field}) || ${isAllowed(`variables.pod.${field}`, allowed)} || ${at('variables.podBefore', field, "''")} == variables.pod.${field}`;
}

function secretRules({ allowedSecrets }: ResolvedGuards): Rule[] {
  if (allowedSecrets.includes('*')) return [];
  const isFine = (item: string, path: string): string => isAllowedAt(item, path, allowedSecrets);
  const ofEach = (list: string, path: string): string =>
    `variables.containers.all(container, ${at('container', list, '[]')}.all(item, ${isFine('item', path)}))`;
  return [
    ofEach('env', 'valueFrom.secretKeyRef.name'),
    ofEach('envFrom', 'secretRef.name'),
    `variables.volumes.all(volume, ${isFine('volume', 'secret.secretName')} && ${isFine('volume', 'csi.nodePublishSecretRef.name')})`,
    `variables.volumes.all(volume, ${SOURCES}.all(source, ${isFine('source', 'secret.name')}))`,
    `${at('variables.pod', 'imagePullSecrets', '[]')}.all(item, ${isFine('item', 'name')} || item in ${at('variables.podBefore', 'imagePullSecrets', '[]')})`,
  ].map((expression) => ({ expression, message: 'A Secret is used that is not among allowedSecrets.' }));
}

/** What others put on the pods before stays, such as the time of a restart. */
function metadataRules({ allowedPodLabels, allowedPodAnnotations }: ResolvedGuards): Rule[] {
  return [
    { expression: keys('labels', [...OWN_LABELS, ...allowedPodLabels]), message: 'The pods have a label that is not among allowedPodLabels.' },
    { expression: keys('annotations', [OWN_ANNOTATIONS, ...allowedPodAnnotations]), message: 'The pods have an annotation that is not among allowedPodAnnotations.' },
  ];
}

function keys(map: string, allowed: readonly string[]): string {
  return `variables.${map}.all(key, ${isAllowed('key', allowed)} || (key in variables.${map}Before && variables.${map}Before[key] == variables.${map}[key]))`;
}
