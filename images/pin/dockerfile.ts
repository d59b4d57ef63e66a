// Finds the images a Dockerfile starts from, and writes digests to them. Pure.

/** `ARG NAME=image`, `FROM image` and `COPY --from=image`; flags may stand before the image. */
const NAMED = /^((?:ARG (\w+)=|FROM (?:--\S+ )*|COPY (?:--\S+ )*?--from=))(\S+)/gim;
const FROM = /^FROM (?:--\S+ )*(\S+)(?: AS (\S+))?/gim;
const VARIABLE = /^\$\{?(\w+)\}?$/;
/** A registry may have a port; the tag follows the last slash. */
const REFERENCE = /^(?:([^/]*[.:][^/]*|localhost)\/)?([^@:]+):([\w.-]+)(?:@(sha256:[0-9a-f]{64}))?$/;

/** An image by its tag, and by a digest where one was written. */
export interface Reference {
  /** As it stands in the file, without digest. */
  readonly tagged: string;
  /** Host, with port where it has one. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string | undefined;
}

/** The images a Dockerfile takes from registries, each once. Throws for one that only whoever builds knows: without registry, tag or default. */
export function imagesOf(dockerfile: string): Reference[] {
  const found = named(dockerfile).map(({ image }) => reference(image));
  return [...new Map(found.map((each) => [each.tagged, each])).values()];
}

/** The Dockerfile with these digests behind the tags they belong to; keys are images without digest. */
export function pinned(dockerfile: string, digests: ReadonlyMap<string, string>): string {
  const places = new Map(named(dockerfile).map(({ image, at }) => [at, reference(image).tagged]));
  return dockerfile.replaceAll(NAMED, (line: string, ...[before, , , at]: [string, string, string, number]) => {
    const tagged = places.get(at);
    const digest = tagged === undefined ? undefined : digests.get(tagged);
    return digest === undefined ? line : `${before}${tagged}@${digest}`;
  });
}

/** Where images stand: in arguments that stages start from, first lines of stages, and copies. */
function named(dockerfile: string): { image: string; at: number }[] {
  const froms = [...dockerfile.matchAll(FROM)];
  const stages = new Set(froms.map(([, , name]) => name));
  const used = froms.flatMap(([line, image = '']) => (image.includes('$') ? [variableOf(line, image)] : []));
  const all = [...dockerfile.matchAll(NAMED)].map(({ 2: argument, 3: image = '', index: at }) => ({ argument, image, at }));
  for (const name of used) {
    if (!all.some(({ argument }) => argument === name)) throw new Error(`FROM \${${name}} cannot be pinned: no ARG gives it a default`);
  }
  const isImage = (image: string): boolean => !stages.has(image) && image !== 'scratch' && !image.includes('$') && !/^\d+$/.test(image);
  return all.filter(({ argument, image }) => (argument === undefined ? isImage(image) : used.includes(argument)));
}

function variableOf(line: string, image: string): string {
  const [, name] = VARIABLE.exec(image) ?? [];
  if (name === undefined) throw new Error(`${line} cannot be pinned: only a build knows the image`);
  return name;
}

function reference(image: string): Reference {
  const [, registry, repository, tag, digest] = REFERENCE.exec(image) ?? [];
  if (registry === undefined || repository === undefined || tag === undefined) {
    throw new Error(`${image} names no registry or no tag: write it out, for instance docker.io/library/node:24.0.0`);
  }
  return { tagged: `${registry}/${repository}:${tag}`, registry, repository, tag, digest };
}
