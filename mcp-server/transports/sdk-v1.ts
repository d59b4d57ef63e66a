// Hands the catalog to SDK v1, which speaks the protocols up to 2025-11-25: the older era over HTTP.
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import type { Catalog } from '../catalog.ts';

/** One for all: making one costs more than a request. */
const jsonSchemaValidator = new AjvJsonSchemaValidator();

/** A server of SDK v1 with everything in the catalog. Cheap: one is built per HTTP request. */
export function buildServer2025(catalog: Catalog): McpServer {
  const server = new McpServer(catalog.serverInfo, { instructions: catalog.instructions, jsonSchemaValidator });
  for (const tool of catalog.tools) {
    const { name, handler: _handler, action: _action, ...config } = tool;
    server.registerTool(name, config, (args, extra) => catalog.callTool(tool, args, extra.signal));
  }
  for (const resource of catalog.resources) {
    const { name, title, description, uri, listed } = resource;
    const config = { title, description, mimeType: 'application/json' };
    if (listed === undefined) {
      server.registerResource(name, uri, config, (read, extra) =>
        catalog.readResource(resource, { uri: read.href, variables: {} }, extra.signal),
      );
    } else {
      const template = new ResourceTemplate(uri, { list: () => ({ resources: [...listed] }) });
      server.registerResource(name, template, config, (read, variables, extra) =>
        catalog.readResource(resource, { uri: read.href, variables: variables as Record<string, string> }, extra.signal),
      );
    }
  }
  for (const { name, title, description, argsSchema, text } of catalog.prompts) {
    server.registerPrompt(name, { title, description, argsSchema: argsSchema.shape }, (args) => ({
      description,
      messages: [{ role: 'user', content: { type: 'text', text: text(args) } }],
    }));
  }
  // SDK v1 claims listChanged whatever its options say: take the claim back before anyone connects.
  server.server.registerCapabilities(catalog.capabilities);
  return server;
}
