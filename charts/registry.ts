// Where our own images are pulled from: what stands in examples/ until a user says which registry is theirs. Pure.

/** Stands for the user's registry. Names below example.com are reserved (RFC 2606): nobody can register one, and pulling from it fails. */
export const EXAMPLE_REGISTRY = 'registry.example.com/mcp-server-operator';

/** The image in another registry, if it is one of ours; any other image as it is. */
export function inRegistry(image: string, registry: string): string {
  return image.startsWith(`${EXAMPLE_REGISTRY}/`) ? registry + image.slice(EXAMPLE_REGISTRY.length) : image;
}
