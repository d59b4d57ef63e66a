// Finds the images a Dockerfile starts from, and writes digests to them. Pure.

/** `ARG NAME=image` before the first stage, `FROM image` and `COPY --from=image`; a flag may stand before the image. */
const NAMED = /^((?:ARG \w*IMAGE\w*=|FROM (?:--\S+ )*|COPY (?:--\S+ )*?--from=))(\S+)/gm;
const STAGE = /^FROM .* AS (\S+)$/gim;
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

/** The images a Dockerfile takes from registries, each once. Throws for one without registry or tag: what it is depends on who builds. */
export function imagesOf(dockerfile: string): Reference[] {
  const found = named(dockerfile).map(reference);
  return [...new Map(found.map((each) => [each.tagged, each])).values()];
}

/** The Dockerfile with these digests behind the tags they belong to; keys are images without digest. */
export function pinned(dockerfile: string, digests: ReadonlyMap<string, string>): string {
  const images = new Set(named(dockerfile));
  return dockerfile.replaceAll(NAMED, (line, before: string, image: string) => {
    const digest = images.has(image) ? digests.get(reference(image).tagged) : undefined;
    return digest === undefined ? line : `${before}${reference(image).tagged}@${digest}`;
  });
}

function named(dockerfile: string): string[] {
  const stages = new Set([...dockerfile.matchAll(STAGE)].map(([, name]) => name));
  const images = [...dockerfile.matchAll(NAMED)].map(([, , image = '']) => image);
  return images.filter((image) => !stages.has(image) && image !== 'scratch' && !image.startsWith('$') && !/^\d+$/.test(image));
}

function reference(image: string): Reference {
  const [, registry, repository, tag, digest] = REFERENCE.exec(image) ?? [];
  if (registry === undefined || repository === undefined || tag === undefined) {
    throw new Error(`${image} names no registry or no tag: write it out, for instance docker.io/library/node:24.0.0`);
  }
  return { tagged: `${registry}/${repository}:${tag}`, registry, repository, tag, digest };
}
