// kube-score, the real one: built once from its Go module into the user's cache, and run on manifests.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { obtainGoProgram } from '../support/go-program.ts';
import type { Finding } from './findings.ts';

const PROGRAM = 'kube-score';
/** Its version stands in go.mod here. */
const SOURCE = join(import.meta.dirname, 'go');
/** Version of Kubernetes whose API is judged. */
const KUBERNETES_VERSION = 'v1.36';

/** One check of one object, as kube-score reports it. */
interface ObjectReport {
  readonly type_meta: { readonly kind: string };
  readonly object_meta: { readonly name: string };
  readonly checks: readonly { readonly check: { readonly id: string }; readonly grade: number; readonly skipped: boolean }[];
}

/** Grade of a check without any complaint. */
const ALL_OK = 10;

/** Path of the program; the first call on a machine builds it, which takes about a minute. */
export function obtainKubeScore(log: (line: string) => void): Promise<string> {
  return obtainGoProgram({ name: PROGRAM, source: SOURCE, packagePath: 'github.com/zegl/kube-score/cmd/kube-score' }, log);
}

/** The names of its default checks. */
export async function defaultChecks(program: string): Promise<string[]> {
  const lines = (await run(program, ['list'])).trim().split('\n');
  return lines.filter((line) => line.endsWith(',default')).map((line) => line.split(',')[0] ?? '');
}

/** What its default checks say about YAML documents that belong together. */
export async function kubeScore(program: string, yaml: string): Promise<Finding[]> {
  const args = ['score', '--output-format', 'json', '--kubernetes-version', KUBERNETES_VERSION, '--disable-ignore-checks-annotations', '-'];
  const reports = JSON.parse(await run(program, args, yaml)) as readonly ObjectReport[] | null;
  return (reports ?? []).flatMap(({ type_meta: { kind }, object_meta: { name }, checks }) =>
    checks.filter(({ skipped, grade }) => !skipped && grade < ALL_OK).map(({ check }) => ({ check: check.id, object: `${kind} ${name}` })),
  );
}

/** Resolves with what the program printed; findings make it exit with 1. */
function run(program: string, args: readonly string[], input = ''): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(program, args, { timeout: 60_000 }, (error, stdout, stderr) => {
    if (error !== null && error.code !== 1) reject(new Error(`${PROGRAM} failed: ${stderr}`, { cause: error }));
    else resolve(stdout);
  });
  child.stdin?.end(input);
  return promise;
}
