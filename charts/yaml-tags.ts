// How a text of YAML is read here: as kubectl reads it, so that what is rendered is what would have been applied.
import { isAlias, isMap, isSeq, Scalar, type ScalarTag } from 'yaml';
import { plainValue } from './yaml-values.ts';

type AddToMap = NonNullable<Scalar['addToJSMap']>;
type Context = Parameters<AddToMap>[0];
type Target = Parameters<AddToMap>[1];

/** Whatever stands without quotes. */
const PLAIN: ScalarTag = { tag: 'tag:yaml.org,2002:plain', default: true, test: /^/, resolve: plainValue };
const SAID: readonly ScalarTag[] = ['null', 'bool', 'int', 'float'].map((name) => ({ tag: `tag:yaml.org,2002:${name}`, resolve: plainValue }));
const BINARY: ScalarTag = { tag: 'tag:yaml.org,2002:binary', resolve: (text) => Buffer.from(text, 'base64').toString() };

/** `<<`, which puts in the fields of one map or of several: those of the first win, and all of them over what stands before. */
const MERGE: ScalarTag = {
  tag: 'tag:yaml.org,2002:merge',
  default: 'key',
  test: /^<<$/,
  resolve: () => Object.assign(new Scalar(Symbol('<<')), { addToJSMap: merge }),
};

/** The tags of kubectl, over the `failsafe` schema. */
export const KUBECTL_TAGS: readonly ScalarTag[] = [MERGE, PLAIN, ...SAID, BINARY];

function merge(context: Context, target: Target, value: unknown): void {
  const source = followed(context, value);
  for (const each of isSeq(source) ? source.items.toReversed() : [source]) {
    const map = followed(context, each);
    if (!isMap(map)) throw new Error('what << merges must be a map, or a list of maps');
    for (const [key, item] of map.toJSON(undefined, context, Map)) put(target, String(key), item);
  }
}

/** What an alias stands for. The context counts how much that is in all, within bounds. */
function followed(context: Context, value: unknown): unknown {
  return context !== undefined && isAlias(value) ? value.resolve(context.doc, context) : value;
}

function put(target: Target, key: string, value: unknown): void {
  if (target instanceof Map) target.set(key, value);
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
