// The validation plugin of cdk8s: `cdk8s synth` fails for manifests that the API server would refuse, and says why.
import { readFileSync } from 'node:fs';
import { writtenObjects } from './misread-texts.ts';
import { VALIDATION_RULES, violationsIn, type Violation } from './violations.ts';

/** What cdk8s hands to a plugin, as far as this one needs it. */
export interface ValidationContext {
  /** Files with the synthesized manifests. */
  readonly manifests: readonly string[];
  readonly report: {
    addViolation(violation: {
      readonly ruleName: string;
      readonly recommendation: string;
      readonly fix: string;
      readonly violatingResources: readonly {
        readonly resourceName: string;
        readonly manifestPath: string;
        readonly locations: readonly string[];
      }[];
    }): void;
    submit(status: 'success' | 'failure'): void;
  };
}

/** `class: MCPServerValidation` under `validations` in cdk8s.yaml. It has no properties. */
export class MCPServerValidation {
  /** Reports every violation with the path of its construct and what to do; one is enough to fail the synth. */
  validate(context: ValidationContext): void {
    // Not by parseManifest, which takes some text for a merge key.
    const written = context.manifests.flatMap((file) => writtenObjects(readFileSync(file, 'utf8')).map((each) => ({ ...each, file })));
    const fileOf = new Map(written.map(({ object, file }) => [object, file]));
    const misread = written.flatMap(({ object, misread: texts }): Violation[] =>
      texts.map((problem) => ({ ...problem, object, rule: 'text-is-read-as-meant' })));
    const violations = [...violationsIn([...fileOf.keys()]), ...misread];
    for (const { rule, object, field, message } of violations) {
      context.report.addViolation({
        ruleName: rule,
        recommendation: VALIDATION_RULES[rule],
        fix: `${object.kind} ${object.metadata.name}, ${field}: ${message}`,
        violatingResources: [{ resourceName: object.metadata.name, manifestPath: fileOf.get(object) ?? '', locations: [field] }],
      });
    }
    context.report.submit(violations.length === 0 ? 'success' : 'failure');
  }
}
