// What the API server of the oldest Kubernetes that is supported estimates the rules of a CRD to cost, by its own code.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { obtainGoProgram } from '../support/go-program.ts';

const SOURCE = { name: 'rule-cost', source: join(import.meta.dirname, 'go'), packagePath: './rule-cost', files: ['rule-cost/main.go'] };

/** One rule of the CRD: of the schema at `path`, known by its message. */
export interface RuleCost {
  readonly path: string;
  readonly message: string;
  /** The most it may cost with all maps, lists and strings at their bounds, for all places it is asked at. */
  readonly cost: number;
}

/** What the API server thinks of a CRD. */
export interface RuleCosts {
  /** Of the estimator, such as v0.30.14 for Kubernetes 1.30.14. */
  readonly version: string;
  /** What one rule, and all rules together, may cost. */
  readonly ruleLimit: number;
  readonly totalLimit: number;
  readonly rules: readonly RuleCost[];
  /** Why it would refuse the CRD. */
  readonly refused: readonly string[];
}

/** Asks the estimator; the first call on a machine builds it with Go, which takes about a minute. */
export async function ruleCosts(crd: object): Promise<RuleCosts> {
  const program = await obtainGoProgram(SOURCE, (line) => void process.stderr.write(`rule-cost: ${line}\n`));
  const asked = promisify(execFile)(program, { timeout: 30_000, maxBuffer: 2 ** 26 });
  asked.child.stdin?.end(JSON.stringify(crd));
  return JSON.parse((await asked).stdout) as RuleCosts;
}

const over = (cost: number, limit: number): string => `${cost}, ${(cost / limit).toFixed(2)} times what`;

/** Rules over the budget, each named and with how much it is over. */
export function overBudget({ rules, ruleLimit, totalLimit }: RuleCosts): string[] {
  const total = rules.reduce((sum, { cost }) => sum + cost, 0);
  const dear = rules.filter(({ cost }) => cost > ruleLimit);
  const said = dear.map(({ path, message, cost }) => `${path}: "${message}" costs ${over(cost, ruleLimit)} a rule may`);
  return total > totalLimit ? [...said, `all rules together cost ${over(total, totalLimit)} they may`] : said;
}
