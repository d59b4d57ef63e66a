// What a scanner that knows nothing of us sees in our images: the distribution, every Debian and npm package, and Node.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import lock from '../../../images/base-packages.json' with { type: 'json' };
import pinned from '../../../images/node-binaries.json' with { type: 'json' };
import { PROGRAMS } from '../../../images/programs.ts';
import { readImage, tarEntries } from '../../support/image-archive.ts';
import { obtainSyft, scan, type Scan } from './syft.ts';

const MAIN = join(import.meta.dirname, '../../../images/main.ts');
const MINUTES = 60_000;

let program: string;
let folder: string;

beforeAll(async () => {
  program = await obtainSyft((line) => process.stderr.write(`syft: ${line}\n`));
  folder = mkdtempSync(join(tmpdir(), 'scanned-'));
  const { status, stderr } = spawnSync(process.execPath, [MAIN, '--output', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}, 20 * MINUTES);
afterAll(() => rmSync(folder, { recursive: true }));

/** The npm packages that the bill of an image lists. */
async function billed(name: string): Promise<string[]> {
  const { layers } = await readImage(join(folder, `${name}.tar`));
  const entries = await tarEntries(layers[1] ?? Buffer.of());
  const bill = entries.find(({ header }) => header.name === `app/${name}.cdx.json`)?.content.toString() ?? '';
  const { components } = JSON.parse(bill) as { components: { name: string; version: string }[] };
  return components.map((each) => `${each.name}@${each.version}`);
}

function found({ artifacts }: Scan, type: string): string[] {
  return artifacts.filter((each) => each.type === type).map(({ name, version }) => `${name}@${version}`).toSorted();
}

describe.each(PROGRAMS)('syft with its defaults, in the image of $name', ({ name }) => {
  it('sees Debian, each of its packages with its source package, each npm package, and Node', async () => {
    const scanned = await scan(program, join(folder, `${name}.tar`));
    expect(scanned.distro).toMatchObject({ id: 'debian', versionID: expect.stringMatching(/^12/) });
    expect(found(scanned, 'deb')).toEqual(lock.map((each) => `${each.name}@${each.version}`).toSorted());
    const libc = scanned.artifacts.find((each) => each.name === 'libc6');
    expect(libc?.purl).toMatch(/^pkg:deb\/debian\/libc6@.*distro=debian-12.*upstream=glibc/);
    expect(found(scanned, 'npm')).toEqual((await billed(name)).toSorted());
    expect(found(scanned, 'binary')).toEqual([`node@${pinned.version}`]);
  });

  it('reads the bills in it, and finds the same packages there', async () => {
    const scanned = await scan(program, join(folder, `${name}.tar`), ['--override-default-catalogers', 'sbom-cataloger']);
    expect(found(scanned, 'deb')).toEqual(lock.map((each) => `${each.name}@${each.version}`).toSorted());
    expect(found(scanned, 'npm')).toEqual([...(await billed(name)), `node@${pinned.version}`].toSorted());
  });
});
