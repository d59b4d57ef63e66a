// What is wrong with an open value as such, whatever it is to be: null, directives, what is no JSON, what is too large or nested
// too deep, and lists whose items cannot be told apart. Pure; never throws, whatever it is given.
import { UNUSABLE_KEYS } from './fields.ts';
import { isFreeMap, ITEM_KEYS, type ItemKey } from './merge-keys.ts';
import { isFields } from './open-values.ts';

/** Something wrong below an open field. */
export interface Mistake {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Bounds of each open field: bytes as JSON, and levels of nesting. */
export const [MAX_OPEN_BYTES, MAX_OPEN_DEPTH] = [65_536, 24];
/** So many mistakes are told of one value. */
const MAX_TOLD = 20;

/** What patches of Kubernetes take for instructions. */
const DIRECTIVES = /^\$(patch|retainKeys|deleteFromPrimitiveList|setElementOrder)(\/|$)/;
/** Names that mean something else to JavaScript objects. */
const UNUSABLE_NAMES = [...UNUSABLE_KEYS, 'prototype'];

type Path = Mistake['path'];

/** All mistakes, the first twenty of them. `key` says how the items are told apart, where the value is such a list. */
export function mistakesIn(value: unknown, key?: ItemKey): Mistake[] {
  const look = new Look();
  look.at(value, [], { key });
  const told = look.found.slice(0, MAX_TOLD);
  const tooLarge = { path: [], message: `must be at most ${MAX_OPEN_BYTES} bytes as JSON: put data into ConfigMaps of your own` };
  return look.bytes > MAX_OPEN_BYTES ? [tooLarge] : told;
}

interface Place {
  readonly key: ItemKey | undefined;
  /** Whether it is a map, whose keys mean nothing. */
  readonly isMap?: boolean;
}

/** One walk, which ends early where there is too much to see. */
class Look {
  readonly found: Mistake[] = [];
  /** About as many as the value has as JSON. */
  bytes = 0;

  at(value: unknown, path: Path, place: Place): void {
    if (this.found.length >= MAX_TOLD || this.bytes > MAX_OPEN_BYTES) return;
    const message = mistakeOf(value, path.length) ?? (place.key !== undefined && !Array.isArray(value) ? 'must be a list' : undefined);
    if (message !== undefined) this.found.push({ path, message });
    else if (Array.isArray(value)) this.#list(value, path, place.key);
    else if (isFields(value)) this.#fields(value, path, place.isMap === true);
    else this.bytes += sizeOf(value);
  }

  #list(list: readonly unknown[], path: Path, key: ItemKey | undefined): void {
    this.bytes += list.length + 2;
    for (const [index, item] of list.entries()) this.at(item ?? null, [...path, index], { key: undefined });
    if (key !== undefined) this.found.push(...itemMistakes(list, path, key));
  }

  #fields(fields: Readonly<Record<string, unknown>>, path: Path, isMap: boolean): void {
    for (const name of Object.keys(fields)) {
      const value = fields[name];
      // As in JSON: what is undefined is not there.
      if (value === undefined) continue;
      if (this.bytes > MAX_OPEN_BYTES) return;
      this.bytes += sizeOf(name) + 2;
      const message = nameMistake(name);
      if (message !== undefined) this.found.push({ path: [...path, name], message });
      else this.at(value, [...path, name], isMap ? { key: undefined } : { key: ITEM_KEYS.get(name), isMap: isFreeMap(name, value) });
    }
  }
}

function mistakeOf(value: unknown, depth: number): string | undefined {
  if (depth > MAX_OPEN_DEPTH) return `is nested more than ${MAX_OPEN_DEPTH} levels deep, which no pod is`;
  if (value === null) return 'null cannot be said here: leave the field out';
  const isPlain = ['string', 'boolean'].includes(typeof value) || Number.isFinite(value) || Array.isArray(value) || isPlainObject(value);
  return isPlain ? undefined : 'is no value of JSON: write text, a number, true or false, a list or an object';
}

function isPlainObject(value: unknown): boolean {
  if (!isFields(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function nameMistake(name: string): string | undefined {
  if (DIRECTIVES.test(name)) return 'is a directive of patches, which are not taken: write what is to be there; for what is to be gone the spec has fields';
  return UNUSABLE_NAMES.includes(name) ? `the key ${name} cannot be used` : undefined;
}

/** Items that cannot be told apart: those that are no objects, that lack the key, or have that of an earlier one. */
function itemMistakes(list: readonly unknown[], path: Path, { unique: [first = '', ...further] }: ItemKey): Mistake[] {
  const seen = new Set<string>();
  return list.flatMap((item, index): Mistake[] => {
    if (!isFields(item)) return item === null || item === undefined ? [] : [{ path: [...path, index], message: 'must be an object' }];
    const value = item[first];
    if (!['string', 'number'].includes(typeof value) || value === '') return [{ path: [...path, index, first], message: 'required: set it, for it tells the items of the list apart' }];
    const key = JSON.stringify([value, ...further.map((field) => item[field] ?? (field === 'protocol' ? 'TCP' : ''))]);
    if (seen.has(key)) return [{ path: [...path, index, first], message: 'is there twice: remove one of the two' }];
    seen.add(key);
    return [];
  });
}

function sizeOf(value: unknown): number {
  if (typeof value !== 'string') return String(value).length;
  return value.length > MAX_OPEN_BYTES ? value.length : new TextEncoder().encode(JSON.stringify(value)).length;
}
