// Rules between fields, each stated twice in one place: in CEL for the API server, in TypeScript for render and
// reconciler, which must also judge objects stored before a rule existed.
import { exactlyOneCel, hasExactlyOne } from './exactly-one.ts';
import { parseQuantity } from './quantity.ts';
import { IMAGE, IMAGE_SYNTAX } from './fields.ts';
import { GROUP } from './group.ts';
import { LABEL_KEY, freeLabelCel, isFreeLabel } from './scheduling-fields.ts';
import { MEMORY_RULES } from './memory-rules.ts';
import { METADATA_RULES } from './metadata-rules.ts';
import { NETWORK_RULES } from './network-rules.ts';
import { PATH_RULES } from './path-rules.ts';
import { POD_RULES } from './pod-rules.ts';
import { SCALING_RULES } from './scaling-rules.ts';
import { STDIO_RULES } from './stdio-rules.ts';
import { REFERENCE_RULES } from './uses.ts';
import { VERIFICATION_RULES } from './verification-rules.ts';
import { VOLUME_RULES } from './volume-rules.ts';
import type { SpecRule } from './spec-rule.ts';
import type { ResolvedSpec } from './spec.ts';

/** Variables the operator sets and `config` must leave alone, because the rest of the rendering depends on them. */
export const RESERVED_CONFIG_KEYS: readonly string[] = ['MCP_TRANSPORT', 'MCP_PORT', 'MCP_CONFIG_FILE'];
/** The file in the ConfigMap that holds all of `config`. */
export const CONFIG_FILE_KEY = 'config.json';

const ESCALATING_CAPABILITIES = ['SYS_ADMIN', 'CAP_SYS_ADMIN'];
const VALUE_SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef'];
const CONFIG_KEY = /^[-._a-zA-Z0-9]{1,253}$/;
const MAX_CONFIG_BYTES = 262_144;
const celList = (words: readonly string[]): string => `[${words.map((word) => `'${word}'`).join(', ')}]`;
const configKeys = (spec: ResolvedSpec): string[] => Object.keys(spec.config ?? {});

function requestsWithinLimits({ resources }: ResolvedSpec): boolean {
  const limits = resources?.limits ?? {};
  return Object.entries(resources?.requests ?? {}).every(([name, request]) => {
    const limit = limits[name];
    return limit === undefined || parseQuantity(request) <= parseQuantity(limit);
  });
}

function seccompComplete(spec: ResolvedSpec): boolean {
  return [spec.securityContext, spec.podSecurityContext].every((context) => {
    const profile = context?.seccompProfile;
    return profile === undefined || (profile.type === 'Localhost') === (profile.localhostProfile !== undefined);
  });
}

function rootIsSaid({ securityProfile, securityContext: container, podSecurityContext: pod }: ResolvedSpec): boolean {
  const user = container?.runAsUser ?? pod?.runAsUser;
  return user !== 0 || !(container?.runAsNonRoot ?? pod?.runAsNonRoot ?? securityProfile !== 'None');
}

/** Settings with which Kubernetes lets a process gain privileges whatever `allowPrivilegeEscalation` says. */
export function impliesEscalation({ privileged, capabilities }: NonNullable<ResolvedSpec['securityContext']>): boolean {
  return privileged === true || (capabilities?.add ?? []).some((name) => ESCALATING_CAPABILITIES.includes(name));
}

const seccompCel = (context: string): string =>
  `!has(self.${context}) || !has(self.${context}.seccompProfile) || (self.${context}.seccompProfile.type == 'Localhost') == has(self.${context}.seccompProfile.localhostProfile)`;

/** Every rule between fields of the spec. */
export const SPEC_RULES: readonly SpecRule[] = [
  {
    field: 'image',
    cel: `self.image.matches(r'${IMAGE.source}')`,
    message: `image ${IMAGE_SYNTAX}`,
    holds: (spec) => IMAGE.test(spec.image),
  },
  ...PATH_RULES,
  ...STDIO_RULES,
  {
    field: 'config',
    cel: `!has(self.config) || self.config.all(k, k.matches(r'${CONFIG_KEY.source}') && k != '.' && !k.startsWith('..'))`,
    message: 'config keys are 1 to 253 letters, digits, "-", "_" and ".", and may not be "." or start with ".."',
    holds: (spec) => configKeys(spec).every((key) => CONFIG_KEY.test(key) && key !== '.' && !key.startsWith('..')),
  },
  {
    field: 'config',
    cel: `!has(self.config) || !('${CONFIG_FILE_KEY}' in self.config)`,
    message: `the config key ${CONFIG_FILE_KEY} is taken: the operator writes all of config into that file`,
    holds: (spec) => !configKeys(spec).includes(CONFIG_FILE_KEY),
  },
  {
    field: 'config',
    cel: `!has(self.config) || self.config.all(k, !(k in ${celList(RESERVED_CONFIG_KEYS)}))`,
    message: 'config cannot set MCP_TRANSPORT, MCP_PORT or MCP_CONFIG_FILE: use spec.transport and spec.port',
    holds: (spec) => !configKeys(spec).some((key) => RESERVED_CONFIG_KEYS.includes(key)),
  },
  {
    field: 'config',
    // In characters: counting bytes would exceed the cost the API server allows. The rest is found here.
    cel: `!has(self.config) || self.config.map(k, size(k) + size(self.config[k])).sum() <= ${MAX_CONFIG_BYTES}`,
    message: 'config may hold at most 262144 bytes in all: put larger data into a ConfigMap of your own',
    holds: (spec) =>
      new TextEncoder().encode(Object.entries(spec.config ?? {}).flat().join('')).length <= MAX_CONFIG_BYTES,
  },
  {
    field: 'env',
    cel: '!has(self.env) || self.env.all(e, !(has(e.value) && has(e.valueFrom)))',
    message: 'an environment variable has either value or valueFrom, not both',
    holds: (spec) => (spec.env ?? []).every((variable) => variable.value === undefined || variable.valueFrom === undefined),
  },
  {
    field: 'env',
    cel: `!has(self.env) || self.env.all(e, !has(e.valueFrom) || ${exactlyOneCel('e.valueFrom', VALUE_SOURCES)})`,
    message: 'valueFrom needs exactly one of fieldRef, resourceFieldRef, configMapKeyRef and secretKeyRef',
    holds: ({ env = [] }) =>
      env.every(({ valueFrom }) => valueFrom === undefined || hasExactlyOne(valueFrom, VALUE_SOURCES)),
  },
  {
    field: 'envFrom',
    cel: '!has(self.envFrom) || self.envFrom.all(e, has(e.configMapRef) != has(e.secretRef))',
    message: 'an envFrom item needs exactly one of configMapRef and secretRef',
    holds: (spec) => (spec.envFrom ?? []).every((item) => (item.configMapRef === undefined) !== (item.secretRef === undefined)),
  },
  {
    field: 'resources',
    cel: '!has(self.resources) || !has(self.resources.requests) || !has(self.resources.limits) || self.resources.requests.all(k, !(k in self.resources.limits) || quantity(string(self.resources.requests[k])).compareTo(quantity(string(self.resources.limits[k]))) <= 0)',
    message: 'a resource request must not be larger than the limit of the same resource',
    holds: requestsWithinLimits,
  },
  {
    field: 'securityContext.seccompProfile',
    cel: `(${seccompCel('securityContext')}) && (${seccompCel('podSecurityContext')})`,
    message: 'seccompProfile.localhostProfile is needed for type Localhost and forbidden for every other type',
    holds: seccompComplete,
  },
  {
    field: 'securityContext.runAsUser',
    cel: `self.?securityContext.?runAsUser.or(self.?podSecurityContext.?runAsUser).orValue(1000) != 0 || !self.?securityContext.?runAsNonRoot.or(self.?podSecurityContext.?runAsNonRoot).orValue(self.securityProfile != 'None')`,
    message: 'runAsUser 0 is root: the kubelet refuses it unless runAsNonRoot is set to false as well',
    holds: rootIsSaid,
  },
  {
    field: 'securityContext.allowPrivilegeEscalation',
    // Optional chaining would hide the bound of the list from the estimate of the rule's cost.
    cel: `!has(self.securityContext) || !has(self.securityContext.allowPrivilegeEscalation) || self.securityContext.allowPrivilegeEscalation || !(self.securityContext.?privileged.orValue(false) || (has(self.securityContext.capabilities) && has(self.securityContext.capabilities.add) && self.securityContext.capabilities.add.exists(c, c in ${celList(ESCALATING_CAPABILITIES)})))`,
    message: 'allowPrivilegeEscalation cannot be false for a privileged container or one with SYS_ADMIN: leave it out',
    holds: ({ securityContext = {} }) => securityContext.allowPrivilegeEscalation !== false || !impliesEscalation(securityContext),
  },
  {
    field: 'drainSeconds',
    cel: 'self.drainSeconds == 0 || self.drainSeconds < self.terminationGracePeriodSeconds',
    message: 'drainSeconds must be smaller than terminationGracePeriodSeconds: raise the grace period, or set drainSeconds to 0',
    holds: (spec) => spec.drainSeconds === 0 || spec.drainSeconds < spec.terminationGracePeriodSeconds,
  },
  {
    field: 'podMetadata.labels',
    cel: `!has(self.podMetadata) || !has(self.podMetadata.labels) || self.podMetadata.labels.all(k, ${freeLabelCel()})`,
    message: `podMetadata.labels needs valid keys; app.kubernetes.io/{name,instance,component,managed-by}, example.com/transport and ${GROUP}/* are the operator's own`,
    holds: ({ podMetadata }) => Object.keys(podMetadata?.labels ?? {}).every(isFreeLabel),
  },
  {
    field: 'podMetadata.annotations',
    cel: `!has(self.podMetadata) || !has(self.podMetadata.annotations) || self.podMetadata.annotations.all(k, k.matches(r'${LABEL_KEY.source}') && !k.startsWith('${GROUP}/'))`,
    message: `podMetadata.annotations needs valid keys; ${GROUP}/* is the operator's own`,
    holds: (spec) => Object.keys(spec.podMetadata?.annotations ?? {}).every((key) => LABEL_KEY.test(key) && !key.startsWith(`${GROUP}/`)),
  },
  {
    field: 'nodeSelector',
    cel: `!has(self.nodeSelector) || self.nodeSelector.all(k, k.matches(r'${LABEL_KEY.source}'))`,
    message: 'the keys of nodeSelector must be valid label keys, such as kubernetes.io/os',
    holds: (spec) => Object.keys(spec.nodeSelector ?? {}).every((key) => LABEL_KEY.test(key)),
  },
  ...MEMORY_RULES,
  ...METADATA_RULES,
  ...POD_RULES,
  ...VOLUME_RULES,
  ...NETWORK_RULES,
  ...SCALING_RULES,
  ...VERIFICATION_RULES,
  ...REFERENCE_RULES,
];

/** Longest name, so that every derived object name and label value stays valid. */
export const MAX_NAME_LENGTH = 52;
/** A DNS-1035 label: what a Service name must be on every supported Kubernetes version. */
export const NAME_PATTERN = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
/** Said when a name breaks the rule. */
export const NAME_MESSAGE = `metadata.name must be at most ${MAX_NAME_LENGTH} lower-case letters, digits and "-", start with a letter and end with a letter or digit`;
