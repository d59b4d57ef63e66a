// What linters find, and what docs/security.md explains of it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A complaint: the linter's name of the check, and kind and name of the object. */
export interface Finding {
  readonly check: string;
  readonly object: string;
}

/** A row of the table of deviations in docs/security.md. */
export interface Deviation {
  readonly tool: string;
  readonly check: string;
  /** Names of what is linted, or EVERY_SERVER. */
  readonly where: readonly string[];
}

/** Stands for whatever is rendered for an MCPServer: all but the operator's own installations. */
export const EVERY_SERVER = 'any MCPServer';
const INSTALLATIONS = ['operator', 'operator-namespaced'];

const DOCUMENT = join(import.meta.dirname, '../../docs/security.md');
const ROW = /^\| (kube-linter|kube-score) \| `([-a-z0-9]+)` \| (.+?) \| (.+) \|$/gm;

/** The deviations that are explained. */
export function explainedDeviations(document = readFileSync(DOCUMENT, 'utf8')): Deviation[] {
  return [...document.matchAll(ROW)].map(([, tool = '', check = '', where = '']) => ({ tool, check, where: where.split(', ') }));
}

/** What does not fit together, in sentences: complaints without an explanation, and explanations without a complaint. */
export function compare(found: ReadonlyMap<string, readonly Finding[]>, explained: readonly Omit<Deviation, 'tool'>[]): string[] {
  const meant = ({ where }: Omit<Deviation, 'tool'>): string[] =>
    where.flatMap((name) => (name === EVERY_SERVER ? [...found.keys()].filter((input) => !INSTALLATIONS.includes(input)) : [name]));
  const has = (input: string, check: string): boolean => found.get(input)?.some((finding) => finding.check === check) ?? false;
  const unexplained = [...found].flatMap(([input, findings]) =>
    findings.filter(({ check }) => !explained.some((deviation) => deviation.check === check && meant(deviation).includes(input)))
      .map(({ check, object }) => `${input}: ${object} fails ${check}, which docs/security.md does not explain`),
  );
  const stale = explained.flatMap(({ check, where }) =>
    where.filter((name) => !meant({ check, where: [name] }).some((input) => has(input, check))).map((name) => `docs/security.md explains ${check} for ${name}, which passes it`),
  );
  return [...unexplained, ...stale];
}
