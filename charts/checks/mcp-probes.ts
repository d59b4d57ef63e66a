// Probes that ask the MCP endpoint itself by GET, which only a server that answers more than MCP asks for will pass.
import { PORT_NAME } from '../api/labels.ts';
import type { ResolvedSpec } from '../api/spec.ts';

const PROBES = ['startup', 'readiness', 'liveness'] as const;

/** One sentence that names the probes which ask for the MCP path on the MCP port, and what to do; undefined without one. For a condition: nothing is refused. */
export function mcpProbeMessage(spec: ResolvedSpec): string | undefined {
  const asking = PROBES.filter((name) => asksMcp(name, spec)).map((name) => `probes.${name}`);
  if (asking.length === 0) return undefined;
  const [last = '', ...others] = asking.toReversed();
  const subject = others.length === 0 ? `${last} asks` : `${others.toReversed().join(', ')} and ${last} ask`;
  return `${subject} for the MCP path by GET, which MCP servers answer with 400, 405 or 406, or with a stream that does not end, so that it may fail though the server works: leave it out, for by default the port is asked by TCP, or ask a path for health checks that the server has.`;
}

function asksMcp(name: (typeof PROBES)[number], { probes, port, path }: ResolvedSpec): boolean {
  const get = probes?.[name]?.httpGet;
  if (get === undefined || get.host !== undefined) return false;
  const isPort = get.port === PORT_NAME || get.port === port;
  return isPort && withoutSlash(get.path ?? '/') === withoutSlash(path);
}

/** What servers see of a path, whether or not a slash ends it. */
function withoutSlash(path: string): string {
  return path.replace(/[?#].*$/s, '').replace(/\/+$/, '');
}
