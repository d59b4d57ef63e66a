// An MCP server over HTTP, with the official SDK. It needs no credentials and keeps nothing between requests.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:http';
import { toNodeHandler, type NodeIncomingMessageLike } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer, type CallToolResult } from '@modelcontextprotocol/server';
import * as z from 'zod';

const { MCP_PORT = '8080', POD_NAME = 'no pod' } = process.env;

function say(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] };
}

function dice(): McpServer {
  const server = new McpServer({ name: 'dice', version: '1.0.0' });
  const inputSchema = z.object({ count: z.int().min(1).max(100).default(2), sides: z.int().min(2).max(1000).default(6) });
  server.registerTool('roll-dice', { description: 'Rolls dice and says what they show.', inputSchema }, ({ count, sides }) => {
    const rolls = Array.from({ length: count }, () => randomInt(sides) + 1);
    return say(`${rolls.join(' + ')} = ${rolls.reduce((sum, roll) => sum + roll)}`);
  });
  server.registerTool('who-answers', { description: 'Says which pod answers.' }, () => say(POD_NAME));
  return server;
}

const mcp = toNodeHandler(createMcpHandler(dice));
createServer((request, response) => {
  if (request.url === '/mcp') void mcp(request as NodeIncomingMessageLike, response);
  else response.writeHead(404, { 'content-type': 'text/plain' }).end('MCP is at /mcp.\n');
}).listen(Number(MCP_PORT));
// The first process of a container is not ended by a signal that it does not handle.
process.once('SIGTERM', () => process.exit());
