// Which characters the texts of a spec may have, where that is fewer than JSON has: rules in code alone, because their
// sentences name the character and where it stands, and because the CRD would grow with every field.
import type { ResolvedSpec } from './spec.ts';

/** What some texts of a spec cannot have. */
export interface TextRule {
  /** Whose values, below `spec`: `[]` is any item of a list, `*` any field or key, `**` whatever is in between, or below. */
  readonly fields?: readonly string[];
  /** Maps whose keys are meant, in the same way. */
  readonly keysOf?: readonly string[];
  /** One character that is refused; none is printable ASCII. */
  readonly refused: RegExp;
  /** The same in words. */
  readonly characters: string;
  /** Why, and what to do: what follows the name of the character. */
  readonly reason: string;
  /** Whether the operator goes on with such a spec, because pods of one may run. */
  readonly sparesStored?: boolean;
  /** Whether the field or key of that name is no matter of the rule. */
  readonly exempts?: (name: string, spec: ResolvedSpec) => boolean;
}

/** A text of a spec that breaks a rule. */
export interface UnfitText {
  /** Below `spec`, as `env.0.value`; of a key, that of its map. */
  readonly field: string;
  readonly message: string;
}

/** Keys of `config` that are such names are environment variables, too. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const PRINTABLE_ASCII = {
  refused: /[^ -~]/u,
  characters: 'all but U+0020 to U+007E',
  reason: 'where Kubernetes takes printable ASCII alone: remove it',
};
const NUL = {
  refused: /\0/,
  characters: 'U+0000',
  reason: 'with which no process can start: remove it, or hand the value over in an encoding',
};

/** Every rule about characters. */
export const TEXT_RULES: readonly TextRule[] = [
  {
    fields: ['**'],
    keysOf: ['**'],
    refused: /[\uD800-\uDFFF]/u,
    characters: 'U+D800 to U+DFFF, alone',
    reason: 'which is half of a character without the other half: write the whole character, or remove it',
  },
  { fields: ['command[]', 'args[]', 'env[].value'], ...NUL },
  {
    fields: ['initContainers[]', 'sidecars[]', 'podTemplate.spec.initContainers[]', 'podTemplate.spec.containers[]']
      .flatMap((container) => ['command[]', 'args[]', 'env[].value'].map((field) => `${container}.${field}`)),
    ...NUL,
  },
  {
    ...NUL,
    fields: ['config.*'],
    reason: 'with which no process can start, and under this key it is an environment variable as well: take a key with a dot, or hand it over in an encoding',
    // What env overrides is a file alone.
    exempts: (key, { env = [] }) => !VARIABLE_NAME.test(key) || env.some(({ name }) => name === key),
  },
  { fields: ['probes.*.exec.command[]'], ...NUL, sparesStored: true },
  { fields: ['postStart.exec.command[]'], ...NUL },
  {
    fields: [
      'env[].valueFrom.fieldRef.*', 'env[].valueFrom.resourceFieldRef.resource', 'files[].projected.sources[].downwardAPI.items[].fieldRef.*',
      'files[].projected.sources[].downwardAPI.items[].resourceFieldRef.resource', 'envFrom[].prefix', 'podSecurityContext.sysctls[].name',
      'securityContext.windowsOptions.gmsaCredentialSpecName', 'podSecurityContext.windowsOptions.gmsaCredentialSpecName', 'tolerations[].value',
    ],
    keysOf: ['resources.*', 'affinity.**.matchLabels', 'topologySpreadConstraints[].labelSelector.matchLabels'],
    ...PRINTABLE_ASCII,
  },
  // Refused in objects without which the Deployment goes on.
  {
    fields: ['autoscaling.metrics[].containerResource.container'],
    keysOf: ['networkPolicy.**.matchLabels'],
    ...PRINTABLE_ASCII,
    sparesStored: true,
  },
  {
    fields: ['securityContext.windowsOptions.runAsUserName', 'podSecurityContext.windowsOptions.runAsUserName'],
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    refused: /[\0-\x1F\x7F]/,
    characters: 'U+0000 to U+001F, U+007F',
    reason: 'where Kubernetes takes no control characters: remove it',
  },
];

interface Text {
  /** Names on the way to the text, or to the map of the key. */
  readonly path: readonly string[];
  readonly text: string;
  readonly isKey: boolean;
}

/** The texts of a spec that break a rule, in the order of the fields. Of one that is `stored`, those that the operator cannot go on with. */
export function unfitTexts(spec: ResolvedSpec, { stored = false }: { readonly stored?: boolean } = {}): UnfitText[] {
  const rules = TEXT_RULES.filter(({ sparesStored = false }) => !(stored && sparesStored));
  return unusualTexts(spec).flatMap((text) => {
    for (const rule of rules) {
      const character = breach(rule, text, spec);
      if (character !== undefined) return [unfit(text, character, rule)];
    }
    return [];
  });
}

/** The first character of a text that is no printable ASCII, by its name, such as `U+0000`; undefined without one. */
export function unusualCharacter(text: string): string | undefined {
  const [character] = PRINTABLE_ASCII.refused.exec(text) ?? [];
  return character === undefined ? undefined : nameOf(character);
}

function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function unfit({ path, isKey }: Text, character: string, { reason }: TextRule): UnfitText {
  return { field: path.join('.'), message: `${isKey ? 'a key ' : ''}has the character ${nameOf(character)}, ${reason}` };
}

function breach(rule: TextRule, { path, text, isKey }: Text, spec: ResolvedSpec): string | undefined {
  const { refused, fields = [], keysOf = [], exempts } = rule;
  const [character] = refused.exec(text) ?? [];
  if (character === undefined) return undefined;
  const isMeant = (isKey ? keysOf : fields).some((each) => leadsTo(each.replaceAll('[]', '.[]').split('.'), path));
  return isMeant && exempts?.(path.at(-1) ?? '', spec) !== true ? character : undefined;
}

/** Whether a path is one of those that a pattern stands for. */
function leadsTo([expected, ...rest]: readonly string[], path: readonly string[]): boolean {
  if (expected === undefined) return path.length === 0;
  if (expected === '**') return rest.length === 0 || path.some((_name, index) => leadsTo(rest, path.slice(index)));
  const [name, ...further] = path;
  if (name === undefined) return false;
  return (expected === '*' || expected === name || (expected === '[]' && /^\d+$/.test(name))) && leadsTo(rest, further);
}

/** All texts below a value that have anything but printable ASCII. */
function unusualTexts(value: unknown, path: string[] = [], found: Text[] = []): Text[] {
  if (typeof value === 'string') {
    if (PRINTABLE_ASCII.refused.test(value)) found.push({ path: [...path], text: value, isKey: false });
  } else if (typeof value === 'object' && value !== null) {
    for (const name of Object.keys(value)) {
      if (PRINTABLE_ASCII.refused.test(name)) found.push({ path: [...path], text: name, isKey: true });
      path.push(name);
      unusualTexts((value as Record<string, unknown>)[name], path, found);
      path.pop();
    }
  }
  return found;
}
