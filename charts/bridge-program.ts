// How the stdio bridge is started from the folder that it lies in: by the loader that came with its Node, for the
// image may have another C library, or none. Pure.

/** A young generation of 1 MiB, and a heap that grows slowly: there is a bridge in every pod, and it keeps nothing of what passes through (docs/stdio.md#measured). */
export const BRIDGE_NODE_FLAGS: readonly string[] = ['--max-semi-space-size=1', '--optimize-for-size'];

/** The command line before the bridge's own options. `folder` is absolute and has no slash at its end; empty is the root of the bridge's image. */
export function bridgeProgram(folder: string): string[] {
  return [`${folder}/lib/ld.so`, '--library-path', `${folder}/lib`, `${folder}/node`, ...BRIDGE_NODE_FLAGS, `${folder}/stdio-bridge.mjs`];
}
