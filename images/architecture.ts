// The processor architectures of images, and what each is called by those who name it.

/** By their names in images. */
export const ARCHITECTURES = ['amd64', 'arm64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** What others call an architecture. */
export interface ArchitectureNames {
  /** Node and npm. */
  readonly node: 'x64' | 'arm64';
  /** Python's wheels, and the machine's own `uname -m`. */
  readonly machine: 'x86_64' | 'aarch64';
}

const NAMES: Readonly<Record<Architecture, ArchitectureNames>> = {
  amd64: { node: 'x64', machine: 'x86_64' },
  arm64: { node: 'arm64', machine: 'aarch64' },
};

/** Its names elsewhere. */
export function namesOf(architecture: Architecture): ArchitectureNames {
  return NAMES[architecture];
}

/** That of this machine, by Node's name for it; undefined where images are for none such. */
export function architectureHere(node: string = process.arch): Architecture | undefined {
  return ARCHITECTURES.find((each) => NAMES[each].node === node);
}
