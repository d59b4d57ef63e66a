// Hands the catalog to SDK v2, which speaks the 2026-07-28 protocol and, over stdio, the older ones too.
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import type { Catalog } from '../catalog.ts';

/** A server of SDK v2 with everything in the catalog. Cheap: one is built per HTTP request or stdio connection. */
export function buildServer(catalog: Catalog): McpServer {
  const { serverInfo, instructions, capabilities } = catalog;
  const server = new McpServer(serverInfo, { instructions, capabilities });
  for (const tool of catalog.tools) {
    const { name, handler: _handler, action: _action, ...config } = tool;
    server.registerTool(name, config, (args, context) => catalog.callTool(tool, args, context.mcpReq.signal));
  }
  for (const resource of catalog.resources) {
    const { name, title, description, uri, listed } = resource;
    const config = { title, description, mimeType: 'application/json' };
    if (listed === undefined) {
      server.registerResource(name, uri, config, (read, context) =>
        catalog.readResource(resource, { uri: read.href, variables: {} }, context.mcpReq.signal),
      );
    } else {
      const template = new ResourceTemplate(uri, { list: () => ({ resources: [...listed] }) });
      server.registerResource(name, template, config, (read, variables, context) =>
        catalog.readResource(resource, { uri: read.href, variables: variables as Record<string, string> }, context.mcpReq.signal),
      );
    }
  }
  for (const { name, title, description, argsSchema, text } of catalog.prompts) {
    server.registerPrompt(name, { title, description, argsSchema }, (args) => ({
      description,
      messages: [{ role: 'user', content: { type: 'text', text: text(args) } }],
    }));
  }
  return server;
}
