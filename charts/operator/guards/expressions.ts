// CEL as text, for policies of Kubernetes 1.30 and newer: literals, allow lists, and fields nobody has judged.

/** A rule of a policy: what must hold, and what the API server says where it does not. */
export interface Rule {
  readonly expression: string;
  readonly message: string;
}

/** Words as a list of CEL. They hold no quotes and no backslashes. */
export function celList(words: readonly string[]): string {
  return `[${words.map((word) => `'${word}'`).join(', ')}]`;
}

/** Whether a text is one of those allowed; one that ends with `*` allows all that begin like it. */
export function isAllowed(text: string, allowed: readonly string[]): string {
  if (allowed.includes('*')) return 'true';
  const whole = allowed.filter((word) => !word.endsWith('*'));
  const beginnings = allowed.filter((word) => word.endsWith('*')).map((word) => `${text}.startsWith('${word.slice(0, -1)}')`);
  const either = [...(whole.length > 0 ? [`${text} in ${celList(whole)}`] : []), ...beginnings];
  return either.length === 0 ? 'false' : `(${either.join(' || ')})`;
}

/** Whether the text at a path of optional fields is one of those allowed, or there is none. */
export function isAllowedAt(object: string, path: string, allowed: readonly string[]): string {
  return `(!${object}.?${path.replaceAll('.', '.?')}.hasValue() || ${isAllowed(`${object}.${path}`, allowed)})`;
}

/** Whether an object has no other fields than these. */
export function hasOnly(object: string, fields: readonly string[]): string {
  return `${object}.all(field, field in ${celList(fields)})`;
}

/** The same, but for fields that are as they were before: what others put there is theirs. */
export function addsOnly(object: string, before: string, fields: readonly string[]): string {
  return `${object}.all(field, field in ${celList(fields)} || (field in ${before} && ${before}[field] == ${object}[field]))`;
}

/** The value at a path of optional fields, or what stands for none. */
export function at(object: string, path: string, none: string): string {
  return `${object}.?${path.replaceAll('.', '.?')}.orValue(${none})`;
}
