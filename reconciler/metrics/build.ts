// The metric that says what runs.
import { Gauge, type Registry } from 'prom-client';
import packageJson from '../../package.json' with { type: 'json' };

/** Shows the versions of the operator and of Node. */
export function exposeBuild(registry: Registry): void {
  const info = new Gauge({
    registers: [registry], labelNames: ['version', 'node_version'],
    name: 'mcp_operator_build_info', help: 'Always 1: the versions of the operator and of the Node it runs on.',
  });
  info.set({ version: packageJson.version, node_version: process.versions.node }, 1);
}
