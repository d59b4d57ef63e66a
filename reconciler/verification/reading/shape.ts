// What clients require of a value, told in a few words where it is otherwise. Pure; looks at no more than what is there.

export type JsonObject = Readonly<Record<string, unknown>>;

/** What is wrong with a value, as the end of a sentence that its name begins; undefined when nothing. Without a word of the value. */
export type Shape = (value: unknown) => string | undefined;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const text: Shape = (value) => problem(typeof value === 'string', value, 'no text');
export const flag: Shape = (value) => problem(typeof value === 'boolean', value, 'neither true nor false');
export const count: Shape = (value) => problem(Number.isInteger(value) && Number(value) >= 0, value, 'no whole number');
/** An object, or an array: some clients tell them apart, others do not. */
export const container: Shape = (value) => problem(typeof value === 'object' && value !== null, value, 'no object');

/** An object whose members have these shapes; others may stand beside them. */
export function object(members: Readonly<Record<string, Shape>> = {}): Shape {
  return (value) => {
    if (!isObject(value)) return problem(false, value, 'no object');
    for (const [name, shape] of Object.entries(members)) {
      const found = shape(value[name]);
      if (found !== undefined) return `.${name}${found}`;
    }
    return undefined;
  };
}

/** An object in which every member has a shape. */
export function record(shape: Shape): Shape {
  return (value) => {
    if (!isObject(value)) return problem(false, value, 'no object');
    return Object.values(value).some((each) => shape(each) !== undefined) ? ' has a member of the wrong kind' : undefined;
  };
}

export function list(shape: Shape): Shape {
  return (value) => {
    if (!Array.isArray(value)) return problem(false, value, 'no list');
    return value.some((each) => shape(each) !== undefined) ? ' has an element of the wrong kind' : undefined;
  };
}

export function oneOf(...values: readonly string[]): Shape {
  return (value) => problem(typeof value === 'string' && values.includes(value), value, `none of ${values.join(', ')}`);
}

/** It may be left out, which is not the same as null. */
export function optional(shape: Shape): Shape {
  return (value) => (value === undefined ? undefined : shape(value));
}

function problem(isRight: boolean, value: unknown, otherwise: string): string | undefined {
  if (isRight) return undefined;
  return value === undefined ? ' is missing' : value === null ? ' is null' : ` is ${otherwise}`;
}
