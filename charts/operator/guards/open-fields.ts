// What the open fields of an MCPServer may say, judged where it is asked, as the guard on Deployments judges what they lead to: which
// fields there may be, and what Secrets, classes and marks they name. What is of another shape than pods have is refused.
import { CONTAINER_FIELDS, POD_FIELDS, SOURCES, VOLUME_FIELDS } from './deployments.ts';
import { at, hasOnly, isAllowed, isAllowedAt, type Rule } from './expressions.ts';
import type { ResolvedGuards } from './props.ts';

const POD = 'object.spec.?podTemplate.?spec';
const METADATA = 'object.spec.?podTemplate.?metadata';
/** All containers that are written openly. */
const CONTAINERS = `(${[`object.spec.?initContainers`, `object.spec.?sidecars`, `${POD}.?containers`, `${POD}.?initContainers`]
  .map((list) => `${list}.orValue([])`).join(' + ')})`;
const VOLUMES = `${POD}.?volumes.orValue([])`;
const OPEN = 'spec.initContainers, spec.sidecars or spec.podTemplate';

/** The rules of an MCPServer about its open fields. */
export function openRules(guards: ResolvedGuards): Rule[] {
  return [fieldRules, identityRules, placeRules, metadataRules, secretRules].flatMap((rules) => rules(guards));
}

function fieldRules({ podSecurity }: ResolvedGuards): Rule[] {
  const privileged = `${CONTAINERS}.all(container, !${at('container', 'securityContext.privileged', 'false')})`;
  return [
    { expression: hasOnly(`${POD}.orValue({})`, POD_FIELDS), message: 'spec.podTemplate has a field of pods that guards let nobody have.' },
    { expression: hasOnly(`${METADATA}.orValue({})`, ['annotations', 'labels']), message: 'spec.podTemplate.metadata may have labels and annotations alone.' },
    { expression: `${CONTAINERS}.all(container, ${hasOnly('container', CONTAINER_FIELDS)})`, message: `A container of ${OPEN} has a field that guards let nobody have.` },
    {
      expression: `${VOLUMES}.all(volume, ${hasOnly('volume', VOLUME_FIELDS)})`,
      message: 'A volume of spec.podTemplate is of a kind that guards let nobody have.',
    },
    ...(podSecurity === 'privileged' ? [] : [{ expression: privileged, message: `A container of ${OPEN} is privileged: pods must meet Pod Security ${podSecurity}.` }]),
  ];
}

function identityRules({ allowedTokenMounts }: ResolvedGuards): Rule[] {
  const account = isAllowed(at('object.spec', 'serviceAccount', 'object.metadata.name'), allowedTokenMounts);
  return [{
    expression: `!${VOLUMES}.exists(volume, ${SOURCES}.exists(source, has(source.serviceAccountToken))) || ${account}`,
    message: 'spec.podTemplate has a token of a ServiceAccount that is not among allowedTokenMounts.',
  }];
}

function placeRules({ allowedPriorityClasses, allowedRuntimeClasses, allowedTolerations, ...guards }: ResolvedGuards): Rule[] {
  const named = (field: string, allowed: readonly string[], prop: string): Rule => ({
    expression: `!${POD}.?${field}.hasValue() || ${isAllowed(`object.spec.podTemplate.spec.${field}`, allowed)}`,
    message: `spec.podTemplate.spec.${field} is not among ${prop}.`,
  });
  return [
    named('schedulerName', ['default-scheduler', ...guards.allowedSchedulers], 'allowedSchedulers'),
    {
      expression: `${VOLUMES}.all(volume, !has(volume.csi) || ${isAllowed('volume.csi.driver', guards.allowedCsiDrivers)})`,
      message: 'spec.podTemplate names a CSI driver that is not among allowedCsiDrivers.',
    },
    named('priorityClassName', allowedPriorityClasses, 'allowedPriorityClasses'),
    named('runtimeClassName', allowedRuntimeClasses, 'allowedRuntimeClasses'),
    {
      expression: `${POD}.?tolerations.orValue([]).all(toleration, ${isAllowed(at('toleration', 'key', "''"), allowedTolerations)})`,
      message: 'spec.podTemplate.spec.tolerations has a key that is not among allowedTolerations, or none, which is every taint.',
    },
  ];
}

function metadataRules({ allowedPodLabels, allowedPodAnnotations }: ResolvedGuards): Rule[] {
  return [keys('labels', allowedPodLabels, 'allowedPodLabels'), keys('annotations', allowedPodAnnotations, 'allowedPodAnnotations')];
}

function keys(map: string, allowed: readonly string[], prop: string): Rule {
  return {
    expression: `${METADATA}.?${map}.orValue({}).all(key, ${isAllowed('key', allowed)})`,
    message: `spec.podTemplate.metadata.${map} has a key that is not among ${prop}.`,
  };
}

function secretRules({ allowedSecrets }: ResolvedGuards): Rule[] {
  if (allowedSecrets.includes('*')) return [];
  const isFine = (item: string, path: string): string => isAllowedAt(item, path, allowedSecrets);
  const ofEach = (list: string, path: string): string => `${CONTAINERS}.all(container, ${at('container', list, '[]')}.all(item, ${isFine('item', path)}))`;
  return [
    ofEach('env', 'valueFrom.secretKeyRef.name'),
    ofEach('envFrom', 'secretRef.name'),
    `${VOLUMES}.all(volume, ${isFine('volume', 'secret.secretName')} && ${isFine('volume', 'csi.nodePublishSecretRef.name')})`,
    `${VOLUMES}.all(volume, ${SOURCES}.all(source, ${isFine('source', 'secret.name')}))`,
    `${POD}.?imagePullSecrets.orValue([]).all(item, ${isFine('item', 'name')})`,
  ].map((expression) => ({ expression, message: `${OPEN} uses a Secret that is not among allowedSecrets.` }));
}
