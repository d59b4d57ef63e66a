// Which values of a difference are not for a screen: what looks like a credential by the name it stands under, or by itself. Pure.
import { isFields } from '../../charts/api/open-values.ts';
import type { Difference } from './differences.ts';

// No pattern repeats without a bound from places that lie close together: texts are as long as their writers like.
const NAME = /pass(word|wd|phrase)|secret|token|api[-_]?key|private[-_]?key|access[-_]?key|credential|authorization|auth[-_]?header|cookie|bearer|dsn|connection[-_]?string/i;
/** Fields whose name says so and that only name an object or a setting. */
const REFERENCES = new Set(['secretName', 'imagePullSecrets', 'nodePublishSecretRef', 'credentialsSecretRef', 'secretKeyRef', 'secretRef']);
/** `NAME=value`, `"NAME": "value"` and `NAME: value` within a text. */
const PAIRS = /(?<![\w.-])([\w.-]{1,128})(["']?[ \t]{0,8}[:=][ \t]{0,8})("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;&}"']+)/g;
/** Schemes of authorization, JSON web tokens, tokens of well-known makers, PEM keys. */
const VALUE = /\b(Bearer|Basic) {1,8}[\w+/=.~-]{8}|\beyJ[\w-]{8,2048}\.[\w-]{8}|\b(gh[opsur]_|github_pat_|glpat-|sk-|xox[abpr]-|AKIA|AIza)[\w-]{8}|-----BEGIN [A-Z ]{0,40}PRIVATE KEY/;
const PASSWORD_IN_URL = /(:\/\/[^\s/:@]{0,256}:)[^\s/@]{1,256}@/g;

/** The difference with `***` for what may be a credential; two that differ are told apart as kubectl does. */
export function masked({ path, before, after }: Difference): Difference {
  const areTwo = before !== undefined && after !== undefined;
  // An item of `env` has its name in the brackets before `value`.
  const [, item, last] = /(?:\[([^\]]*)\])?(?:\.([^.[\]]+)|\[[^\]]*\])?$/.exec(path) ?? [];
  const name = last === 'value' ? item : (last ?? /\[([^\]]*)\]$/.exec(path)?.[1]);
  return { path, before: hide(before, name, areTwo ? '*** (before)' : '***'), after: hide(after, name, areTwo ? '*** (after)' : '***') };
}

function hide(value: unknown, name: string | undefined, mask: string): unknown {
  if (typeof value === 'string') {
    const isNamed = name !== undefined && NAME.test(name) && !REFERENCES.has(name);
    if (isNamed || VALUE.test(value)) return mask;
    const hidePair = (pair: string, named: string, between: string): string => (NAME.test(named) ? `${named}${between}${mask}` : pair);
    return value.replaceAll(PAIRS, hidePair).replaceAll(PASSWORD_IN_URL, `$1${mask}@`);
  }
  if (Array.isArray(value)) return value.map((item, index) => hide(item, flagBefore(value, index), mask));
  if (!isFields(value)) return value;
  const own = typeof value['name'] === 'string' ? value['name'] : undefined;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hide(item, key === 'value' ? own : key, mask)]));
}

/** `--token VALUE` in a list of arguments. */
function flagBefore(list: readonly unknown[], index: number): string | undefined {
  const before = list[index - 1];
  return typeof before === 'string' && before.startsWith('-') ? before : undefined;
}
