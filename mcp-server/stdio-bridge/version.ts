// What the bridge calls itself.

export { BRIDGE_VERSION as VERSION } from '../../charts/bridge-version.ts';
