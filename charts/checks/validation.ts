// The validation plugin of cdk8s: `cdk8s synth` fails for manifests that the API server would refuse, and says why.
import type { Manifest } from '../render.ts';
import { VALIDATION_RULES, violationsIn } from './violations.ts';

/** What cdk8s hands to a plugin, as far as this one needs it. */
export interface ValidationContext {
  /** Files with the synthesized manifests. */
  readonly manifests: readonly string[];
  /** The documents of such a file. */
  parseManifest(file: string): unknown[];
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
    const fileOf = new Map(context.manifests.flatMap((file) =>
      context.parseManifest(file).filter(isManifest).map((object) => [object, file] as const)));
    const violations = violationsIn([...fileOf.keys()]);
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

function isManifest(value: unknown): value is Manifest {
  const { apiVersion, kind, metadata } = (value ?? {}) as Partial<Manifest>;
  return typeof apiVersion === 'string' && typeof kind === 'string' && typeof metadata?.name === 'string';
}
