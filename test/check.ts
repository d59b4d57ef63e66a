// `npm run check`: types, lint, and whether generated files are fresh. Changes nothing.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GENERATED } from './generate.ts';

const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');

/** A check returns what is wrong and what to do, or nothing. */
type Check = () => string | undefined | Promise<string | undefined>;

function passes(program: string, ...args: string[]): string | undefined {
  const { status } = spawnSync(join(BIN, program), args, { cwd: ROOT, stdio: 'inherit' });
  return status === 0 ? undefined : `${program} found problems; see above`;
}

async function generatedAreFresh(): Promise<string | undefined> {
  const stale: string[] = [];
  for (const [file, generate] of Object.entries(GENERATED)) if (content(join(ROOT, file)) !== (await generate())) stale.push(file);
  return stale.length === 0 ? undefined : `${stale.join(', ')}: stale, run npm run generate`;
}

/** Synthesizes into a folder of its own, because a failing synth has already deleted its output. */
function distIsFresh(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'synth-'));
  try {
    execFileSync(process.execPath, [join(ROOT, 'charts/main.ts')], { env: { ...process.env, CDK8S_OUTDIR: folder }, stdio: 'inherit' });
    const files = new Set([...readdirSync(folder), ...readdirSync(join(ROOT, 'dist'))]);
    const stale = [...files].filter((file) => content(join(folder, file)) !== content(join(ROOT, 'dist', file)));
    return stale.length === 0 ? undefined : `dist/ is stale (${stale.join(', ')}): run npm run synth`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function content(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

const CHECKS: Readonly<Record<string, Check>> = {
  types: () => passes('tsc', '-p', '.') ?? passes('tsc', '-p', 'reconciler/commands/dashboard/page'),
  lint: () => passes('oxlint', '--type-aware'),
  generated: generatedAreFresh,
  dist: distIsFresh,
};

let failed = 0;
for (const [name, check] of Object.entries(CHECKS)) {
  const problem = await check();
  process.stdout.write(problem === undefined ? `${name}: ok\n` : `${name}: ${problem}\n`);
  if (problem !== undefined) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
