// What an image was made from, as an in-toto statement with SLSA provenance. Without times: the same inputs give the same bytes.
import type { Material } from './base.ts';

/** Names what the parameters of a build mean; docs/images.md describes it. */
export const BUILD_TYPE = 'https://mcp.example.com/build-types/npm-run-images/v1';
/** The builder of whoever names none: a statement that nobody answers for. */
export const NO_BUILDER = 'https://mcp.example.com/builders/unnamed';

/** The sources an image was built from. */
export interface Source {
  /** In hexadecimal; undefined outside a git repository. */
  readonly commit: string | undefined;
  /** Whether files differed from the commit, or were not in it. */
  readonly modified: boolean;
  /** SHA-256 of package-lock.json, which names every npm package by its hash. */
  readonly lockSha256: string;
}

/** What the caller of a build chose. */
export interface Parameters {
  readonly target: string;
  /** Names of the image, written out, with tags. */
  readonly names: readonly string[];
  /** Whether other versions of base packages than the locked ones could be taken. */
  readonly anyBaseVersions: boolean;
  /** Of an image of a package: its program, what was let pass, and for which architectures it is. */
  readonly package?: { readonly program: string; readonly accepted: readonly string[]; readonly architectures: readonly string[] };
}

/** All that a statement says. */
export interface Build {
  /** Of the image's manifest, with `sha256:`. */
  readonly digest: string;
  /** What the caller of the build chose. */
  readonly parameters: Parameters;
  readonly source: Source;
  /** What the base was made of. */
  readonly materials: readonly Material[];
  /** Further files, and packages by hashes of another kind. */
  readonly others?: readonly Resource[];
  /** Address that stands for whoever builds. */
  readonly builder: string;
}

/** A file or commit a statement names. */
export interface Resource {
  readonly name: string;
  readonly uri?: string;
  readonly digest: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** An in-toto statement v1 with a predicate of SLSA provenance v1. */
export interface Statement {
  readonly _type: 'https://in-toto.io/Statement/v1';
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicateType: 'https://slsa.dev/provenance/v1';
  readonly predicate: {
    readonly buildDefinition: {
      readonly buildType: string;
      readonly externalParameters: Parameters;
      readonly resolvedDependencies: readonly Resource[];
    };
    readonly runDetails: { readonly builder: { readonly id: string } };
  };
}

/** The statement about an image. */
export function provenance({ digest, parameters, source, materials, others = [], builder }: Build): Statement {
  const commit: Resource[] = source.commit === undefined ? [] : [{
    name: 'source',
    digest: { gitCommit: source.commit },
    // A commit that is not all that was built must not look as if it were.
    ...(source.modified ? { annotations: { modified: true } } : {}),
  }];
  const repositories = new Set(parameters.names.map((name) => name.replace(/:[^:/]+$/, '')));
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [...repositories].map((name) => ({ name, digest: { sha256: digest.replace('sha256:', '') } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: parameters,
        resolvedDependencies: [
          ...commit,
          { name: 'package-lock.json', digest: { sha256: source.lockSha256 } },
          ...materials.map(({ uri, name, sha256 }) => ({ name, uri, digest: { sha256 } })),
          ...others,
        ],
      },
      runDetails: { builder: { id: builder } },
    },
  };
}
