// The open fields: what stands in them is judged by the API server where the Deployment is applied. Here is what an open value
// must be anyway: plain, bounded, without null and without directives of patches.
import * as z from 'zod';
import { DNS_LABEL } from './fields.ts';
import { ITEM_KEYS } from './merge-keys.ts';
import { mistakesIn, type Mistake } from './open-mistakes.ts';
import { isFields, type OpenContainer } from './open-values.ts';
import { unusualCharacter } from './text-rules.ts';

/** The fields of a spec that preserve unknown fields. */
export const OPEN_FIELDS = ['initContainers', 'sidecars', 'podTemplate'] as const;
/** So many containers may stand in one of them. */
export const MAX_OPEN_CONTAINERS = 16;
const PRESERVED = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const;

/** A list of containers, merged by name. */
export function openContainers(): z.ZodType<OpenContainer[], OpenContainer[]> {
  return z.unknown().superRefine((value, context) => { tell(containersMistakes(value), context); }).meta({
    type: 'array',
    maxItems: MAX_OPEN_CONTAINERS,
    items: {
      ...PRESERVED,
      required: ['name'],
      properties: {
        name: {
          type: 'string', minLength: 1, maxLength: 63, pattern: DNS_LABEL.source,
          description: 'Name of the container: unlike that of any other container of the pod. Every other field is as in pods.',
        },
      },
    },
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
  }) as unknown as z.ZodType<OpenContainer[], OpenContainer[]>;
}

/** A pod template, or parts of one. */
export function openTemplate(): z.ZodType<Record<string, unknown>, Record<string, unknown>> {
  return z.unknown().superRefine((value, context) => { tell(templateMistakes(value), context); }).meta(PRESERVED) as unknown as
    z.ZodType<Record<string, unknown>, Record<string, unknown>>;
}

function tell(mistakes: readonly Mistake[], context: z.RefinementCtx): void {
  for (const { path, message } of mistakes) context.addIssue({ code: 'custom', path: [...path], message });
}

function containersMistakes(value: unknown): Mistake[] {
  if (!Array.isArray(value)) return [{ path: [], message: 'must be a list of containers' }];
  if (value.length > MAX_OPEN_CONTAINERS) return [{ path: [], message: `must have at most ${MAX_OPEN_CONTAINERS} containers` }];
  const names = value.flatMap((item: unknown, index): Mistake[] => {
    const message = isFields(item) ? nameMistake(item['name']) : undefined;
    return message === undefined ? [] : [{ path: [index, 'name'], message }];
  });
  return [...names, ...mistakesIn(value, ITEM_KEYS.get('containers'))];
}

function nameMistake(name: unknown): string | undefined {
  const message = 'a container needs a name of at most 63 lower-case letters, digits and "-"';
  if (typeof name !== 'string') return message;
  const character = unusualCharacter(name);
  if (character !== undefined) return `${message}; it has the character ${character}`;
  return name.length <= 63 && DNS_LABEL.test(name) ? undefined : message;
}

function templateMistakes(value: unknown): Mistake[] {
  if (!isFields(value)) return [{ path: [], message: 'must be an object, as the template of a Deployment is' }];
  const inner = ['metadata', 'spec'].filter((field) => value[field] !== undefined && !isFields(value[field]));
  return [...inner.map((field) => ({ path: [field], message: 'must be an object' })), ...mistakesIn(value)];
}
