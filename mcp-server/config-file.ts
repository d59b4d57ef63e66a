// Reads the text of a config file, a flat JSON object, and says where things stand: what stands there may be a secret that does not belong there.

/** The values by key. */
export type ConfigFile = ReadonlyMap<string, { readonly text: string; readonly place: string }>;

// oxlint-disable-next-line no-control-regex -- JSON has none in strings
const TOKEN = /(\s*)(?:("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false)(?![\w.])|([{}:,])|)/y;

interface Token {
  /** Where it begins. */
  readonly at: number;
  readonly kind: 'string' | 'scalar' | '{' | '}' | ':' | ',' | 'other';
  readonly text: string;
}

/** The entries, of a key that stands there twice the last; or where the text is no object of strings, numbers and booleans. */
export function readConfig(text: string): { readonly entries: ConfigFile; readonly wrong?: string } {
  const entries = new Map<string, { text: string; place: string }>();
  const tokens = tokensOf(text);
  const next = (): Token => tokens.next().value;
  const wrong = ({ at }: Token): { entries: ConfigFile; wrong: string } => ({ entries, wrong: placeOf(text, at) });
  const open = next();
  if (open.kind !== '{') return wrong(open);
  let key = next();
  while (key.kind !== '}' || entries.size > 0) {
    const colon = next();
    const value = next();
    const separator = next();
    if (key.kind !== 'string') return wrong(key);
    if (colon.kind !== ':') return wrong(colon);
    if (value.kind !== 'string' && value.kind !== 'scalar') return wrong(value);
    entries.set(JSON.parse(key.text) as string, { text: String(JSON.parse(value.text)), place: placeOf(text, key.at) });
    if (separator.kind === '}') break;
    if (separator.kind !== ',') return wrong(separator);
    key = next();
  }
  const rest = next();
  return rest.at < text.trimEnd().length ? wrong(rest) : { entries };
}

/** Without end: where no token begins, and at the end of the text, the same `other` again and again. */
function* tokensOf(text: string): Generator<Token, never> {
  let from = 0;
  for (;;) {
    TOKEN.lastIndex = from;
    const [all = '', blank = '', string, scalar, sign = 'other'] = TOKEN.exec(text) ?? [];
    yield { at: from + blank.length, kind: kindOf(string, scalar, sign), text: string ?? scalar ?? '' };
    from += all.length;
  }
}

function kindOf(string: string | undefined, scalar: string | undefined, sign: string): Token['kind'] {
  if (string !== undefined) return 'string';
  return scalar === undefined ? (sign as Token['kind']) : 'scalar';
}

function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
