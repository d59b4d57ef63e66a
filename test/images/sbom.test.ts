// Bills of materials by the published schema of their format: what we write passes, and the judge finds what is wrong.
import { describe, expect, it } from 'vitest';
import { sbom, type Component } from '../../images/bundle/sbom.ts';
import { complaintsAbout } from '../support/cyclonedx.ts';

const HASH = 'a'.repeat(64);
const KINDS: readonly (readonly [string, Component])[] = [
  ['an npm package', { name: '@a/b', version: '1.0.0', licence: 'MIT' }],
  ['an npm package under a choice of licences', { name: 'b', version: '1.0.0', licence: '(MIT OR Apache-2.0)' }],
  ['a Debian package', { name: 'libc6', version: '2', named: ['GPL-2', 'LGPL-2.1'], purl: 'pkg:deb/debian/libc6@2?arch=amd64&distro=debian-12', sha256: HASH }],
  ['a package whose licence nobody names', { name: 'x', version: '2', named: [], purl: 'pkg:deb/debian/x@2?arch=amd64&distro=debian-12' }],
  ['a distribution', { type: 'operating-system', name: 'debian', version: '12', purl: 'pkg:generic/debian@12' }],
  ['a program', { type: 'application', name: 'node', version: '24.0.0', licence: 'MIT', cpe: 'cpe:2.3:a:nodejs:node.js:24.0.0:*:*:*:*:*:*:*', sha256: HASH }],
];

describe('a bill of materials', () => {
  it.each(KINDS)('of %s passes the schema of CycloneDX 1.6', (_what, component) => {
    expect(complaintsAbout(sbom('subject', [component], '1'))).toEqual([]);
  });

  it('says plainly that nothing is asserted of a licence', () => {
    const bill = JSON.parse(sbom('subject', [{ name: 'x', version: '2', named: [] }], undefined)) as { components: object[] };
    expect(bill.components[0]).toMatchObject({ licenses: [{ license: { name: 'NOASSERTION' } }] });
  });

  it.each([
    ['a licence that does not exist', { name: 'x', version: '1', licence: 'MTI' }, '/components/0/licenses'],
    ['a hash that is none', { name: 'x', version: '1', sha256: 'abc' }, '/components/0/hashes/0/content'],
  ])('with %s does not pass', (_what, component, where) => {
    expect(complaintsAbout(sbom('subject', [component], '1')).join('\n')).toContain(where);
  });
});
