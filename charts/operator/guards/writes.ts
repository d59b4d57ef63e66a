// Where and what the operator may write at all: its own objects, in namespaces that are allowed. Whoever has its token may no more.
import { GROUP, KIND, PLURAL } from '../../api/group.ts';
import { MANAGED_BY, SERVER_LABEL } from '../../api/labels.ts';
import { CHILD_RESOURCES } from '../permissions.ts';
import { at, celList, isAllowed, type Rule } from './expressions.ts';
import { ADOPT_ANNOTATION, OWN_ANNOTATIONS, OWNER_ANNOTATION } from './marks.ts';
import type { Guard, Named } from './policy.ts';
import { SYSTEM_NAMESPACES, type ResolvedGuards } from './props.ts';

const STATUS = `${GROUP}/${PLURAL}/status`;
const EVENTS = 'events.k8s.io/events';
const LEASES = 'coordination.k8s.io/leases';

/** Judges every write of the operator's user, whatever else somebody granted it. */
export function writesGuard(guards: ResolvedGuards): Guard {
  return {
    name: 'writes',
    matched: { apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], operations: ['CREATE', 'UPDATE', 'DELETE'] },
    // Questions, which leave nothing behind.
    except: { apiGroups: ['authentication.k8s.io', 'authorization.k8s.io'], apiVersions: ['*'], resources: ['*'], operations: ['CREATE'] },
    conditions: [byOperator(guards)],
    variables: [
      { name: 'resource', expression: "request.resource.group + '/' + request.resource.resource + (has(request.subResource) && request.subResource != '' ? '/' + request.subResource : '')" },
      { name: 'isChild', expression: `variables.resource in ${celList(CHILD_RESOURCES)}` },
      { name: 'isOurs', expression: `object != null && ${isOwned('object')}` },
      { name: 'wasOurs', expression: `oldObject != null && ${isOwned('oldObject')}` },
      { name: 'consents', expression: `oldObject != null && ${annotation('oldObject', ADOPT_ANNOTATION)} != '' && !${isControlled('oldObject')}` },
      { name: 'isLabelled', expression: `object != null && ${isLabelled('object')}` },
      { name: 'wasLabelled', expression: `oldObject != null && ${isLabelled('oldObject')}` },
    ],
    rules: [...kindRules(guards), namespaceRule(guards), ...markRules(), ...reachRules(guards)],
  };
}

/** What makes a guard judge the operator alone. */
export function byOperator({ user }: ResolvedGuards): Named {
  return { name: 'by-operator', expression: `request.userInfo.username == '${user}'` };
}

function kindRules({ namespace }: ResolvedGuards): Rule[] {
  const isEvent = `object != null && ${at('object', 'regarding.kind', "''")} == '${KIND}' && ${at('object', 'regarding.apiVersion', "''")}.startsWith('${GROUP}/')`;
  const isLease = `request.operation != 'DELETE' && request.namespace == '${namespace}' && object.metadata.name == '${MANAGED_BY}'`;
  return [
    { expression: `variables.isChild || variables.resource in ${celList([STATUS, EVENTS, LEASES])}`, message: 'The operator writes nothing of this kind.' },
    { expression: `variables.resource != '${EVENTS}' || (${isEvent})`, message: `The operator writes Events about ${KIND}s alone.` },
    { expression: `variables.resource != '${LEASES}' || (${isLease})`, message: 'The operator writes no Lease but its own.' },
  ];
}

/** Status and Events are written everywhere, so that a refusal can be told. */
function namespaceRule({ namespace, namespaces }: ResolvedGuards): Rule {
  const never = `!(request.namespace in ${celList([...SYSTEM_NAMESPACES, namespace])})`;
  const carries = Object.entries(namespaces).map(([key, value]) => `namespaceObject.metadata.?labels[?'${key}'].orValue('') == '${value}'`);
  const isOneOfThem = isNames(namespaces) ? `request.namespace in ${celList(namespaces)}` : [never, ...carries].join(' && ');
  const labels = Object.entries(namespaces).map(([key, value]) => `${key}=${value}`).join(' and ');
  const where = isNames(namespaces) ? namespaces.join(', ') : `namespaces with the label ${labels}, never in its own or the cluster's`;
  return { expression: `!variables.isChild || (${isOneOfThem})`, message: `The operator may write in no other namespaces: ${where}.` };
}

/** Whether namespaces are named. */
export function isNames(namespaces: ResolvedGuards['namespaces']): namespaces is readonly string[] {
  return Array.isArray(namespaces);
}

/** An object that consents may be prepared for its adoption before it carries marks, and nothing of it changed by that. */
function markRules(): Rule[] {
  const same = ['spec', 'data'].map((field) => `(!has(object.${field}) || object.${field} == oldObject.?${field}.orValue(null))`).join(' && ');
  return [
    {
      expression: "!variables.isChild || request.operation == 'CREATE' || variables.wasOurs || variables.consents && request.operation == 'UPDATE'",
      message: `The object belongs to no ${KIND}: the operator changes and deletes its own, and what is annotated to be adopted.`,
    },
    {
      expression: `!variables.isChild || request.operation == 'DELETE' || variables.isOurs || (variables.consents && ${same})`,
      message: `The object names no ${KIND} as its owner.`,
    },
    {
      expression: "!variables.isChild || request.operation == 'DELETE' || variables.isLabelled || (oldObject != null && !variables.wasLabelled)",
      message: `The object lacks the labels ${SERVER_LABEL} and app.kubernetes.io/managed-by=${MANAGED_BY}.`,
    },
  ];
}

/** What an object of its own reaches: its own pods alone, and no identity outside the cluster that is not allowed. */
function reachRules({ allowedServiceAccountAnnotations }: ResolvedGuards): Rule[] {
  const server = `object.metadata.?labels[?'${SERVER_LABEL}'].orValue('')`;
  const selects = (path: string): string => `${at('object', `${path}.matchLabels`, '{}')}[?'${SERVER_LABEL}'].orValue('') == ${server}`;
  const annotated = `${at('object', 'metadata.annotations', '{}')}.all(key, ${isAllowed('key', [OWN_ANNOTATIONS, ...allowedServiceAccountAnnotations])} || (oldObject != null && ${annotationOf('oldObject', 'key')} == object.metadata.annotations[key]))`;
  const unmounted = `(!${at('object', 'automountServiceAccountToken', 'true')} || (oldObject != null && ${at('oldObject', 'automountServiceAccountToken', 'true')}))`;
  return [
    ofOwn('networking.k8s.io/networkpolicies', selects('spec.podSelector'), `The NetworkPolicy selects other pods than those of its ${KIND}.`),
    ofOwn('policy/poddisruptionbudgets', selects('spec.selector'), `The PodDisruptionBudget selects other pods than those of its ${KIND}.`),
    ofOwn('autoscaling/horizontalpodautoscalers', `object.spec.scaleTargetRef.name == ${server}`, `The HorizontalPodAutoscaler scales something else than its ${KIND}.`),
    ofOwn('/serviceaccounts', `${annotated} && ${unmounted}`, 'The ServiceAccount has an annotation that is not among allowedServiceAccountAnnotations, or its token mounted.'),
  ];
}

function ofOwn(resource: string, expression: string, message: string): Rule {
  const same = "(request.operation == 'UPDATE' && has(object.spec) && object.spec == oldObject.?spec.orValue(null))";
  return { expression: `variables.resource != '${resource}' || request.operation == 'DELETE' || !variables.isOurs || ${same} || (${expression})`, message };
}

/** As the operator itself reads the marks: the controller decides, and where there is none the annotation. */
function isOwned(object: string): string {
  const controller = `reference.?controller.orValue(false) && reference.kind == '${KIND}' && reference.apiVersion.startsWith('${GROUP}/')`;
  const byReference = `${at(object, 'metadata.ownerReferences', '[]')}.exists(reference, ${controller})`;
  return `(${byReference} || (!${isControlled(object)} && ${annotation(object, OWNER_ANNOTATION)}.startsWith(request.namespace + '/')))`;
}

function isControlled(object: string): string {
  return `${at(object, 'metadata.ownerReferences', '[]')}.exists(reference, reference.?controller.orValue(false))`;
}

function isLabelled(object: string): string {
  const label = (key: string): string => `${object}.metadata.?labels[?'${key}'].orValue('')`;
  return `(${label(SERVER_LABEL)} != '' && ${label('app.kubernetes.io/managed-by')} == '${MANAGED_BY}')`;
}

function annotation(object: string, key: string): string {
  return annotationOf(object, `'${key}'`);
}

/** By an expression for its key; nothing where there is no object. */
function annotationOf(object: string, key: string): string {
  return `${object}.?metadata.?annotations[?${key}].orValue('')`;
}
