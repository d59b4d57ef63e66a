// The controls of the Pod Security Standards as rules for the pods of a Deployment: those of charts/checks/pod-security.ts, in CEL.
// What a pod cannot have at all, such as host namespaces, is not among them: fields are closed lists.
import { APP_ARMOR_ANNOTATION, BASELINE_CAPABILITIES, PROFILES, SELINUX_TYPES, SYSCTLS } from '../../checks/pod-security.ts';
import { at, celList, hasOnly, type Rule } from './expressions.ts';
import type { ResolvedGuards } from './props.ts';

const CONTEXT_FIELDS = [
  'allowPrivilegeEscalation', 'capabilities', 'fsGroup', 'fsGroupChangePolicy', 'privileged', 'procMount', 'readOnlyRootFilesystem', 'runAsGroup',
  'runAsNonRoot', 'runAsUser', 'seLinuxOptions', 'seccompProfile', 'supplementalGroups', 'sysctls', 'windowsOptions',
];

/** The rules of a standard; that security contexts hold nothing unknown is one of every standard. */
export function podSecurityRules({ podSecurity }: ResolvedGuards): Rule[] {
  const known: Rule = { expression: contexts(hasOnly('context', CONTEXT_FIELDS)), message: 'A security context has a field that guards let nobody have.' };
  if (podSecurity === 'privileged') return [known];
  return [known, ...BASELINE.map(named('baseline')), ...(podSecurity === 'restricted' ? RESTRICTED.map(named('restricted')) : [])];
}

type Control = readonly [control: string, expression: string];

function named(standard: string): (control: Control) => Rule {
  return ([control, expression]) => ({ expression, message: `The pods do not meet Pod Security ${standard}: ${control}.` });
}

function contexts(condition: string): string {
  return `variables.contexts.all(context, ${condition})`;
}

function containers(condition: string): string {
  return `variables.containers.all(container, ${condition})`;
}

/** A field that the pod or each container must have. */
function inherited(path: string): string {
  const isSet = (object: string): string => `${object}.?securityContext.?${path.replaceAll('.', '.?')}.hasValue()`;
  return `(${isSet('variables.pod')} || ${containers(isSet('container'))})`;
}

const HOSTS = ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((probe) => [`${probe}.httpGet.host`, `${probe}.tcpSocket.host`])
  .concat('lifecycle.postStart.httpGet.host');

const BASELINE: readonly Control[] = [
  ['HostProcess', contexts(`!${at('context', 'windowsOptions.hostProcess', 'false')}`)],
  ['Privileged Containers', contexts(`!${at('context', 'privileged', 'false')}`)],
  ['Capabilities', contexts(`${at('context', 'capabilities.add', '[]')}.all(name, name in ${celList(BASELINE_CAPABILITIES)})`)],
  ['Host Probes / Lifecycle Hooks', containers(HOSTS.map((path) => `${at('container', path, "''")} == ''`).join(' && '))],
  [
    'AppArmor',
    `variables.annotations.all(key, !key.startsWith('${APP_ARMOR_ANNOTATION}') || variables.annotations[key] in ['', 'runtime/default'] || variables.annotations[key].startsWith('localhost/') || (key in variables.annotationsBefore && variables.annotationsBefore[key] == variables.annotations[key]))`,
  ],
  [
    'SELinux',
    contexts(`${at('context', 'seLinuxOptions.type', "''")} in ${celList(SELINUX_TYPES)} && ${at('context', 'seLinuxOptions.user', "''")} == '' && ${at('context', 'seLinuxOptions.role', "''")} == ''`),
  ],
  ['/proc Mount Type', contexts(`${at('context', 'procMount', "'Default'")} == 'Default'`)],
  ['Seccomp', contexts(`${at('context', 'seccompProfile.type', `'${PROFILES[0]}'`)} in ${celList(PROFILES)}`)],
  ['Sysctls', contexts(`${at('context', 'sysctls', '[]')}.all(sysctl, sysctl.name in ${celList(SYSCTLS)})`)],
];

const RESTRICTED: readonly Control[] = [
  ['Privilege Escalation', containers(`!${at('container', 'securityContext.allowPrivilegeEscalation', 'true')}`)],
  ['Running as Non-root', `${contexts(at('context', 'runAsNonRoot', 'true'))} && ${inherited('runAsNonRoot')}`],
  ['Running as Non-root user', contexts(`${at('context', 'runAsUser', '1')} != 0`)],
  ['Seccomp', inherited('seccompProfile.type')],
  [
    'Capabilities',
    containers(`${at('container', 'securityContext.capabilities.drop', '[]')}.exists(name, name == 'ALL') && ${at('container', 'securityContext.capabilities.add', '[]')}.all(name, name == 'NET_BIND_SERVICE')`),
  ],
];
