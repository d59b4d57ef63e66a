// The name of an MCPServer as an argument of a command.
import { InvalidArgumentError } from 'commander';

/** What kubectl puts before a name. */
export const SHORT_KIND = /^(mcpservers?|mcps)(\.mcp\.example\.com)?\//;

/** `weather`, or as kubectl names it: `mcpserver/weather`. Throws InvalidArgumentError for what can be no name. */
export function serverName(value: string): string {
  const name = value.replace(SHORT_KIND, '');
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw new InvalidArgumentError('It must be the name of an MCPServer: small letters, digits and -.');
}
