// Judges bills of materials by the published schema of CycloneDX 1.6, with the list of SPDX licences that belongs to it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

const FOLDER = join(dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json')), 'res/schema');

let judge: ValidateFunction | undefined;

/** What the schema has against a bill; empty when nothing. */
export function complaintsAbout(bill: string): string[] {
  judge ??= compiled();
  judge(JSON.parse(bill));
  return (judge.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
}

function compiled(): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { 'idn-email': true, 'iri-reference': true } });
  formats.default(ajv);
  // They are referred to by the names of their files.
  for (const name of ['spdx', 'jsf-0.82']) ajv.addSchema({ ...schema(name), $id: `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json` });
  return ajv.compile(schema('bom-1.6'));
}

function schema(name: string): object {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.SNAPSHOT.schema.json`), 'utf8')) as object;
}
