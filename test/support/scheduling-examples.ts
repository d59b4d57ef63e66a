// Accepted and rejected values of the fields that say where pods run; see field-examples.ts.
import type { FieldExamples } from './field-examples.ts';

type Examples = Readonly<Record<string, FieldExamples>>;

const long = (length: number): string => 'x'.repeat(length);
const copies = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const keys = (count: number): Record<string, string> => Object.fromEntries(copies(count, '1').map((value, index) => [`k${index}`, value]));

const LABEL_KEY: FieldExamples = { accepted: ['a', 'example.com/b_c.D', long(60)], rejected: ['', 'a b', 'A/b', '-a', 'a/', long(318)] };
const LABELS: FieldExamples = { accepted: [{ a: '1' }, { 'example.com/b': '', c: 'x_y.Z' }], rejected: [{ a: 'ä' }, { a: long(64) }, { a: 1 }, keys(33)] };
const VALUES: FieldExamples = { accepted: [['1'], ['1', '2']], rejected: [[], ['ä'], [long(64)], copies(33, '1')] };
const OBJECT_NAME: FieldExamples = { accepted: ['a', '1.b-c'], rejected: ['', 'A', 'a_b', long(254)] };
const WEIGHT: FieldExamples = { accepted: [1, 100], rejected: [0, 101, '1'] };
const POLICY: FieldExamples = { accepted: ['Honor', 'Ignore'], rejected: ['honor', ''] };

/** What a condition on labels needs besides the field under test. */
export const CONDITION = { key: 'a', operator: 'In', values: ['1'] };

/** Examples of a list of one to sixteen items. */
const list = (item: object, other: object): FieldExamples => ({
  accepted: [[item], [item, other]],
  rejected: [[], copies(17, item), item],
});

/** Examples of a list of conditions and of what is in it. */
function conditions(path: string, operators: readonly [string, string, ...string[]]): Examples {
  return {
    [path]: list(CONDITION, { key: 'b', operator: 'Exists' }),
    [`${path}[].key`]: LABEL_KEY,
    [`${path}[].operator`]: { accepted: operators, rejected: ['in', ''] },
    [`${path}[].values`]: VALUES,
  };
}

/** Examples of a label selector. */
export function labelSelectorExamples(path: string): Examples {
  return { [`${path}.matchLabels`]: LABELS, ...conditions(`${path}.matchExpressions`, ['In', 'NotIn', 'Exists', 'DoesNotExist']) };
}

const NODE_OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'] as const;
const nodeTerm = (path: string): Examples => ({
  ...conditions(`${path}.matchExpressions`, NODE_OPERATORS),
  ...conditions(`${path}.matchFields`, NODE_OPERATORS),
});

const podTerm = (path: string): Examples => ({
  ...labelSelectorExamples(`${path}.labelSelector`),
  ...labelSelectorExamples(`${path}.namespaceSelector`),
  [`${path}.namespaces`]: { accepted: [['a'], ['a', 'b']], rejected: [[], ['A'], copies(17, 'a')] },
  [`${path}.topologyKey`]: LABEL_KEY,
});

const REQUIRED_TERMS = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED_TERMS = 'preferredDuringSchedulingIgnoredDuringExecution';
const POD_AFFINITIES = ['affinity.podAffinity', 'affinity.podAntiAffinity'];
const SPREAD = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };

const podAffinity = (path: string): Examples => ({
  [`${path}.${REQUIRED_TERMS}`]: list({ topologyKey: 'a' }, { topologyKey: 'b' }),
  [`${path}.${PREFERRED_TERMS}`]: list(
    { weight: 1, podAffinityTerm: { topologyKey: 'a' } },
    { weight: 2, podAffinityTerm: { topologyKey: 'b' } },
  ),
  ...podTerm(`${path}.${REQUIRED_TERMS}[]`),
  [`${path}.${PREFERRED_TERMS}[].weight`]: WEIGHT,
  ...podTerm(`${path}.${PREFERRED_TERMS}[].podAffinityTerm`),
});

/** Examples by path. */
export const SCHEDULING_EXAMPLES: Examples = {
  nodeSelector: LABELS,
  priorityClassName: OBJECT_NAME,
  runtimeClassName: OBJECT_NAME,
  tolerations: { accepted: [[{ operator: 'Exists' }], [{ key: 'a' }], []], rejected: [{}, copies(33, { key: 'a' })] },
  'tolerations[].key': LABEL_KEY,
  'tolerations[].operator': { accepted: ['Exists', 'Equal'], rejected: ['In', ''] },
  'tolerations[].value': { accepted: ['a', long(63)], rejected: ['', long(64), 1] },
  'tolerations[].effect': { accepted: ['NoExecute', 'NoSchedule', 'PreferNoSchedule'], rejected: ['noSchedule'] },
  'tolerations[].tolerationSeconds': { accepted: [0, 60], rejected: [-1, '60'] },
  [`affinity.nodeAffinity.${REQUIRED_TERMS}.nodeSelectorTerms`]: list({ matchExpressions: [CONDITION] }, { matchFields: [CONDITION] }),
  ...nodeTerm(`affinity.nodeAffinity.${REQUIRED_TERMS}.nodeSelectorTerms[]`),
  [`affinity.nodeAffinity.${PREFERRED_TERMS}`]: list({ weight: 1, preference: {} }, { weight: 2, preference: { matchFields: [CONDITION] } }),
  [`affinity.nodeAffinity.${PREFERRED_TERMS}[].weight`]: WEIGHT,
  ...nodeTerm(`affinity.nodeAffinity.${PREFERRED_TERMS}[].preference`),
  ...Object.assign({}, ...POD_AFFINITIES.map(podAffinity)) as Examples,
  topologySpreadConstraints: {
    accepted: [[SPREAD], [SPREAD, { ...SPREAD, topologyKey: 'host' }], []],
    rejected: [[SPREAD, SPREAD], [{ maxSkew: 1 }], {}],
  },
  'topologySpreadConstraints[].maxSkew': { accepted: [1, 1000], rejected: [0, 1001] },
  'topologySpreadConstraints[].topologyKey': LABEL_KEY,
  'topologySpreadConstraints[].whenUnsatisfiable': { accepted: ['DoNotSchedule', 'ScheduleAnyway'], rejected: ['', 'Never'] },
  ...labelSelectorExamples('topologySpreadConstraints[].labelSelector'),
  'topologySpreadConstraints[].matchLabelKeys': { accepted: [['a'], ['a', 'b']], rejected: [[], ['a b'], copies(9, 'a')] },
  'topologySpreadConstraints[].minDomains': { accepted: [1, 1000], rejected: [0, 1001] },
  'topologySpreadConstraints[].nodeAffinityPolicy': POLICY,
  'topologySpreadConstraints[].nodeTaintsPolicy': POLICY,
  'podMetadata.labels': { ...LABELS, rejected: [...LABELS.rejected, { 'a b': '1' }] },
  'podMetadata.annotations': { accepted: [{ a: '1' }, { 'example.com/b': 'ü\n' }], rejected: [{ a: 1 }, { 'a b': '' }, keys(33)] },
};

/** What parents need besides the field under test. */
export const SCHEDULING_REQUIRED: Readonly<Record<string, object>> = {
  ...Object.fromEntries(
    Object.keys(SCHEDULING_EXAMPLES)
      .filter((path) => /\.match(Expressions|Fields)\[\]\.key$/.test(path))
      .map((path) => [path.replace(/\.key$/, ''), CONDITION]),
  ),
  'tolerations[]': { key: 'a', effect: 'NoExecute' },
  [`affinity.nodeAffinity.${PREFERRED_TERMS}[]`]: { weight: 1, preference: { matchExpressions: [CONDITION] } },
  ...Object.fromEntries(
    POD_AFFINITIES.flatMap((path) => [
      [`${path}.${REQUIRED_TERMS}[]`, { topologyKey: 'zone' }],
      [`${path}.${PREFERRED_TERMS}[]`, { weight: 1, podAffinityTerm: { topologyKey: 'zone' } }],
      [`${path}.${PREFERRED_TERMS}[].podAffinityTerm`, { topologyKey: 'zone' }],
    ]),
  ),
  'topologySpreadConstraints[]': SPREAD,
};
