// Label selectors as the API server reads them: parsed, asked whether labels match, and whether two of them may match the same. Pure.

/** Which values of a label match: those named, or all but those named; and whether its absence does. */
interface Requirement {
  readonly key: string;
  readonly values: ReadonlySet<string>;
  readonly allBut: boolean;
  readonly absent: boolean;
}

/** All of it must match. */
export type LabelSelector = readonly Requirement[];

/** Labels of an object; none where it has none. */
export type Labels = Readonly<Record<string, string>>;

const NAME = /^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;
const ACCEPTED = 'use KEY, !KEY, KEY=VALUE, KEY!=VALUE, KEY in (A,B) or KEY notin (A,B), with commas between them';

/** @throws Error that says what is wrong, and what to write instead. */
export function parseLabelSelector(text: string): LabelSelector {
  if (text.trim() === '') throw new Error(`it names no label: ${ACCEPTED}`);
  // A comma between parentheses parts values.
  return text.split(/,(?![^(]*\))/).map((part) => requirement(part.trim()));
}

/** What is wrong with a selector; undefined when it is one. */
export function labelSelectorProblem(text: string): string | undefined {
  try {
    parseLabelSelector(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Whether an object with these labels is selected. */
export function matchesLabels(selector: LabelSelector, labels: Labels = {}): boolean {
  return selector.every(({ key, values, allBut, absent }) => {
    const value = labels[key];
    return value === undefined ? absent : values.has(value) !== allBut;
  });
}

/** Whether some labels would be selected by both: no label is told apart by them. An empty selector matches everything. */
export function mayOverlap(one: LabelSelector, other: LabelSelector): boolean {
  const byKey = Map.groupBy([...one, ...other], ({ key }) => key);
  return [...byKey.values()].every((requirements) => {
    const { values, allBut, absent } = requirements.reduce(both);
    return absent || allBut || values.size > 0;
  });
}

function requirement(text: string): Requirement {
  const [, not, exists = ''] = /^(!?)\s*([^\s!=<>()]+)$/.exec(text) ?? [];
  if (exists !== '') return { key: keyOf(exists, text), values: new Set(), allBut: not === '', absent: not !== '' };
  const [, key = '', operator = '', value = ''] = /^([^\s!=<>()]+)\s*(=|==|!=)\s*([^\s!=<>()]*)$/.exec(text) ?? [];
  if (key !== '') return { key: keyOf(key, text), values: valuesOf([value], text), ...signOf(operator === '!=') };
  const [, name = '', word = '', list = ''] = /^([^\s!=<>()]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text) ?? [];
  if (name !== '') {
    const values = list.split(',').map((each) => each.trim());
    return { key: keyOf(name, text), values: valuesOf(values, text), ...signOf(word === 'notin') };
  }
  throw new Error(`${JSON.stringify(text)} is no requirement of a label: ${ACCEPTED}`);
}

/** What excludes values matches objects without the label, too. */
function signOf(excludes: boolean): Pick<Requirement, 'allBut' | 'absent'> {
  return { allBut: excludes, absent: excludes };
}

function keyOf(key: string, text: string): string {
  const [name = '', prefix, ...more] = key.split('/').toReversed();
  const isKey = NAME.test(name) && (prefix === undefined || (prefix.length <= 253 && PREFIX.test(prefix))) && more.length === 0;
  if (!isKey) throw new Error(`${JSON.stringify(key)} in ${JSON.stringify(text)} is no key of a label`);
  return key;
}

function valuesOf(values: readonly string[], text: string): Set<string> {
  const wrong = values.find((value) => value !== '' && !NAME.test(value));
  if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} in ${JSON.stringify(text)} is no value of a label`);
  return new Set(values);
}

/** What meets two requirements of one key. */
function both(one: Requirement, other: Requirement): Requirement {
  const absent = one.absent && other.absent;
  if (one.allBut && other.allBut) return { ...one, values: one.values.union(other.values), absent };
  const [only, rest] = one.allBut ? [other, one] : [one, other];
  const values = rest.allBut ? only.values.difference(rest.values) : only.values.intersection(rest.values);
  return { key: one.key, values: new Set(values), allBut: false, absent };
}
