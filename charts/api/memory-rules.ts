// Rules about amounts of memory: see rules.ts. A small m is a thousandth, and no unit means bytes.
import { parseQuantity } from './quantity.ts';
import type { SpecRule } from './spec-rule.ts';
import type { ResolvedSpec } from './spec.ts';

/** Below it no process starts; the container runtime would say so in words of its own. */
const LEAST = '4Mi';

type Part = 'requests' | 'limits';

function memoryIn(part: Part, { resources }: ResolvedSpec): string | number {
  return resources?.[part]?.['memory'] ?? 0;
}

function enough(part: Part): SpecRule {
  const amount = "quantity(string(self['memory']))";
  return {
    field: `resources.${part}`,
    cel: `!('memory' in self) || ${amount}.compareTo(quantity('0')) == 0 || ${amount}.compareTo(quantity('${LEAST}')) >= 0`,
    message: `${part}.memory is less than ${LEAST}, with which no server starts (was Mi meant, as in 512Mi?): write it with its unit`,
    found: { cel: "string(self['memory'])", of: (spec) => String(memoryIn(part, spec)) },
    sparesStored: true,
    meanwhile: 'pods get what is written',
    holds: (spec) => {
      const memory = parseQuantity(memoryIn(part, spec));
      return memory === 0n || memory >= parseQuantity(LEAST);
    },
  };
}

export const MEMORY_RULES: readonly SpecRule[] = [enough('requests'), enough('limits')];
