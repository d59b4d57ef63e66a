// Examples of the rules about amounts of memory; see rule-examples.ts.
import type { RuleExamples } from './rule-examples.ts';

const ENOUGH = ['4Mi', 4_194_304, '4194304', '4096Ki', '5M', '.1Gi', '1e9', 0, '0', '0Mi', '0.00'];
const TOO_LITTLE = ['512m', '512', 512, '64k', '4194303', '4095Ki', '3.9Mi', '1n', '.1', '+4M', 1];

const examples = (part: string, amounts: readonly (string | number)[]): [object, ...object[]] =>
  amounts.map((memory) => ({ resources: { [part]: { memory } } })) as [object, ...object[]];

export const MEMORY_RULE_EXAMPLES: Readonly<Record<string, RuleExamples>> = Object.fromEntries(
  ['requests', 'limits'].map((part) => [
    `${part}.memory is less than 4Mi, with which no server starts (was Mi meant, as in 512Mi?): write it with its unit`,
    { accepted: examples(part, ENOUGH), rejected: examples(part, TOO_LITTLE) },
  ]),
);
