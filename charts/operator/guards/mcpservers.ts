// What may be asked for in an MCPServer, judged where it is asked: its author is told at once, and whoever applies it for them.
import { GROUP, PLURAL } from '../../api/group.ts';
import { at, isAllowed, type Rule } from './expressions.ts';
import { openRules } from './open-fields.ts';
import type { Guard } from './policy.ts';
import type { ResolvedGuards } from './props.ts';
import { exceptNamespaces, withinNamespaces } from './scope.ts';

const SPEC = 'object.spec';

const RULES = [identityRules, securityRules, serviceRules, placeRules, metadataRules, secretRules, openRules];

/** Judges an MCPServer when it comes and when its spec changes, whoever sends it. */
export function mcpserversGuard(guards: ResolvedGuards): Guard {
  return {
    name: 'mcpservers',
    matched: { apiGroups: [GROUP], apiVersions: ['*'], resources: [PLURAL], operations: ['CREATE', 'UPDATE'] },
    conditions: [
      ...exceptNamespaces(guards),
      ...withinNamespaces(guards),
      { name: 'other-spec', expression: "request.operation == 'CREATE' || object.spec != oldObject.spec" },
    ],
    variables: [],
    rules: RULES.flatMap((rules) => rules(guards)),
  };
}

function named(path: string, allowed: readonly string[], message: string): Rule {
  return { expression: `!${SPEC}.?${path.replaceAll('.', '.?')}.hasValue() || ${isAllowed(`${SPEC}.${path}`, allowed)}`, message: `spec.${path} ${message}` };
}

function keys(path: string, allowed: readonly string[], message: string): Rule {
  return { expression: `${at(SPEC, path, '{}')}.all(key, ${isAllowed('key', allowed)})`, message: `spec.${path} ${message}` };
}

/** Keys that stand on Service and ServiceAccount alike. */
const OF_ALL = 'metadata.all.annotations';

/** A named ServiceAccount has its token mounted unless the spec says otherwise: what the account says may change. */
function identityRules({ allowedServiceAccounts, allowedTokenMounts, allowedServiceAccountAnnotations }: ResolvedGuards): Rule[] {
  const mounts = at(SPEC, 'automountServiceAccountToken', `has(${SPEC}.serviceAccount)`);
  const account = isAllowed(at(SPEC, 'serviceAccount', 'object.metadata.name'), allowedTokenMounts);
  return [
    named('serviceAccount', [...allowedServiceAccounts, ...allowedTokenMounts], 'is not among allowedServiceAccounts.'),
    {
      expression: `!${mounts} || ${account}`,
      message: 'spec.serviceAccount is not among allowedTokenMounts: set spec.automountServiceAccountToken to false.',
    },
    {
      expression: `!${at(SPEC, 'files', '[]')}.exists(item, ${at('item', 'projected.sources', '[]')}.exists(source, has(source.serviceAccountToken))) || ${account}`,
      message: 'spec.files has a token of a ServiceAccount that is not among allowedTokenMounts.',
    },
    ...['metadata.serviceAccount.annotations', OF_ALL].map((path) =>
      keys(path, allowedServiceAccountAnnotations, 'has a key that is not among allowedServiceAccountAnnotations.')),
  ];
}

function securityRules({ podSecurity }: ResolvedGuards): Rule[] {
  if (podSecurity === 'privileged') return [];
  const privileged: Rule = { expression: `!${at(SPEC, 'securityContext.privileged', 'false')}`, message: `spec.securityContext.privileged is not allowed: pods must meet Pod Security ${podSecurity}.` };
  const profile: Rule = { expression: `${at(SPEC, 'securityProfile', "'Restricted'")} != 'None'`, message: 'spec.securityProfile None is not allowed: pods must meet Pod Security restricted.' };
  return podSecurity === 'restricted' ? [profile, privileged] : [privileged];
}

function serviceRules({ allowedServiceTypes, allowedServiceAnnotations, allowedLoadBalancerClasses }: ResolvedGuards): Rule[] {
  return [
    named('service.type', ['ClusterIP', ...allowedServiceTypes], 'is not among allowedServiceTypes.'),
    ...['service.annotations', 'metadata.service.annotations', OF_ALL].map((path) =>
      keys(path, allowedServiceAnnotations, 'has a key that is not among allowedServiceAnnotations.')),
    named('service.loadBalancerClass', allowedLoadBalancerClasses, 'is not among allowedLoadBalancerClasses.'),
  ];
}

function placeRules(guards: ResolvedGuards): Rule[] {
  const { allowedPriorityClasses, allowedRuntimeClasses, allowedTolerations, allowedSchedulers, allowedCsiDrivers } = guards;
  return [
    named('schedulerName', ['default-scheduler', ...allowedSchedulers], 'is not among allowedSchedulers.'),
    {
      expression: `${at(SPEC, 'files', '[]')}.all(item, !has(item.csi) || ${isAllowed('item.csi.driver', allowedCsiDrivers)})`,
      message: 'spec.files names a CSI driver that is not among allowedCsiDrivers.',
    },
    named('priorityClassName', allowedPriorityClasses, 'is not among allowedPriorityClasses.'),
    named('runtimeClassName', allowedRuntimeClasses, 'is not among allowedRuntimeClasses.'),
    {
      expression: `${at(SPEC, 'tolerations', '[]')}.all(toleration, ${isAllowed(at('toleration', 'key', "''"), allowedTolerations)})`,
      message: 'spec.tolerations has a key that is not among allowedTolerations, or none, which is every taint.',
    },
  ];
}

function metadataRules({ allowedPodLabels, allowedPodAnnotations }: ResolvedGuards): Rule[] {
  return [
    keys('podMetadata.labels', allowedPodLabels, 'has a key that is not among allowedPodLabels.'),
    keys('podMetadata.annotations', allowedPodAnnotations, 'has a key that is not among allowedPodAnnotations.'),
  ];
}

function secretRules({ allowedSecrets }: ResolvedGuards): Rule[] {
  if (allowedSecrets.includes('*')) return [];
  const each = (list: string, path: string): Rule => ({
    expression: `${at(SPEC, list, '[]')}.all(item, !item.?${path.replaceAll('.', '.?')}.hasValue() || ${isAllowed(`item.${path}`, allowedSecrets)})`,
    message: `spec.${list} uses a Secret that is not among allowedSecrets.`,
  });
  return [
    each('env', 'valueFrom.secretKeyRef.name'), each('envFrom', 'secretRef.name'), each('files', 'secret.name'), each('files', 'csi.nodePublishSecretRef.name'), each('imagePullSecrets', 'name'),
    {
      expression: `${at(SPEC, 'files', '[]')}.all(item, ${at('item', 'projected.sources', '[]')}.all(source, !has(source.secret) || ${isAllowed('source.secret.name', allowedSecrets)}))`,
      message: 'spec.files uses a Secret that is not among allowedSecrets.',
    },
    named('verification.credentialsSecretRef.name', allowedSecrets, 'is not among allowedSecrets.'),
  ];
}
