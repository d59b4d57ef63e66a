// What somebody brings to `npm start`: image archives or programs, and MCPServers that name them. All of it is checked before anything starts.
import { architectureHere } from '../../../../images/architecture.ts';
import { imageName } from '../../../../images/image-name.ts';
import { UserError } from '../../../../reconciler/commands/user-error.ts';
import type { Images } from '../../images.ts';
import type { NodeKind } from '../node.ts';
import { archiveIn, mustRunOn } from './archive.ts';
import { ownManifests } from './manifests.ts';
import { standIn } from './programs.ts';

/** The flags. */
export interface OwnFlags {
  readonly image: readonly string[];
  readonly apply: readonly string[];
  readonly program: readonly string[];
}

/** What is brought, as it is used. */
export interface Own {
  /** Texts of YAML by file; empty where nothing is brought. */
  readonly manifests: ReadonlyMap<string, string>;
  /** Image archives to load. */
  readonly archives: readonly string[];
  /** Commands by image, as manifests name it. */
  readonly programs: Images;
}

export interface OwnOptions {
  readonly kind: NodeKind;
  /** Images that are there in any case. */
  readonly known: readonly string[];
  /** From where files are named. */
  readonly folder: string;
  /** By which programs are found. */
  readonly path: string;
}

/** Reads what the flags name. Throws UserError for the first mistake. */
export async function readOwn({ image, apply, program }: OwnFlags, { kind, known, folder, path }: OwnOptions): Promise<Own> {
  if (image.length + apply.length + program.length === 0) return { manifests: new Map(), archives: [], programs: {} };
  if (kind === 'process' && image.length > 0) throw new UserError(`--image needs containers, and pods run as local processes here: name a program of this machine instead, with --program ${await exampleOf(image)}=COMMAND`);
  if (kind === 'real' && program.length > 0) throw new UserError('--program is for local processes, and pods run in containers here: bring the image with --image FILE, or start with --node process');
  if (apply.length === 0) throw new UserError(`${image.length > 0 ? '--image' : '--program'} brings what MCPServers run: name these as well, with --apply FILE`);
  const archives = [];
  for (const file of image) {
    const archive = await archiveIn(file);
    mustRunOn(archive, architectureHere() ?? process.arch);
    archives.push(archive);
  }
  const standIns = program.map((each) => standIn(each, { folder, path }));
  const { texts, images } = await ownManifests(apply);
  const brought = [...archives.flatMap(({ names }) => names), ...standIns.map((each) => each.image)];
  for (const each of images) mustBeThere(each, { brought, known, kind });
  const programs = images.flatMap(({ image: named }): [string, readonly string[]][] => {
    const command = standIns.find((each) => each.image === fullName(named))?.command;
    return command === undefined ? [] : [[named, command]];
  });
  return { manifests: texts, archives: image, programs: Object.fromEntries(programs) };
}

/** The image of an archive that cannot be used, to be named in its place. */
async function exampleOf([file = '']: readonly string[]): Promise<string> {
  return archiveIn(file).then(({ names: [name = 'IMAGE'] }) => name, () => 'IMAGE');
}

/** Images that are brought, and those that are there in any case. */
interface There extends Pick<OwnOptions, 'kind' | 'known'> {
  readonly brought: readonly string[];
}

/** The node cannot fetch images: it has no way out. */
function mustBeThere({ image, file }: { image: string; file: string }, { brought, known, kind }: There): void {
  if (known.includes(image) || brought.includes(fullName(image))) return;
  const remedy = kind === 'real' ? `bring it with --image FILE` : `name a program for it with --program '${image}=COMMAND'`;
  const have = brought.length === 0 ? '' : `, and what is brought is ${brought.join(', ')}`;
  throw new UserError(`${file} names the image ${image}, which nothing here fetches${have}: ${remedy}`);
}

/** As archives name it; as it is where it is no name with a tag, such as one with a digest. */
function fullName(image: string): string {
  try {
    return imageName(image).full;
  } catch {
    return image;
  }
}
