// What is linted: the files of dist/, and a server with every field set except those that weaken it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { render, type Manifest } from '../../charts/render.ts';
import { FULL_SPEC } from '../support/full-spec.ts';
import { mcpServer } from '../support/rendered.ts';

const DIST = join(import.meta.dirname, '../../dist');
const SUFFIX = '.k8s.yaml';

/** Manifests by what they are: the name of a file without its suffix, or `every-field`. */
export function lintedManifests(): Map<string, Manifest[]> {
  const files = readdirSync(DIST).filter((file) => file.endsWith(SUFFIX));
  const ofFile = (file: string): Manifest[] =>
    parseAllDocuments(readFileSync(join(DIST, file), 'utf8')).map((document) => document.toJS() as Manifest);
  return new Map([...files.map((file): [string, Manifest[]] => [file.slice(0, -SUFFIX.length), ofFile(file)]), ['every-field', everyField()]]);
}

/** FULL_SPEC weakens what it can and names a ServiceAccount that somebody else must make. */
function everyField(): Manifest[] {
  const { securityProfile: _profile, securityContext: _container, podSecurityContext: _pod, serviceAccount: _account, ...spec } = FULL_SPEC;
  return render(mcpServer(spec));
}
