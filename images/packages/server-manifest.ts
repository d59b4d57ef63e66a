// The MCPServer that goes with an image, as text to apply. Pure.
import { stringify } from 'yaml';

/** What a user says of how the server is run. */
export interface ServerOptions {
  /** Of the MCPServer. */
  readonly name: string;
  readonly image: string;
  readonly program: string;
  /** It listens there and speaks Streamable HTTP; without one it speaks stdio. */
  readonly port?: number | undefined;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A document of YAML. */
export function serverManifest({ name, image, program, port, args, env }: ServerOptions): string {
  const manifest = {
    apiVersion: 'mcp.example.com/v1alpha1',
    kind: 'MCPServer',
    metadata: { name },
    spec: {
      image,
      ...(port === undefined ? { transport: 'stdio', command: [program] } : { port }),
      ...(args.length === 0 ? {} : { args }),
      ...(Object.keys(env).length === 0 ? {} : { env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })) }),
    },
  };
  // Read by YAML 1.1 and 1.2 alike.
  return stringify(manifest, { version: '1.1', lineWidth: 0 });
}
