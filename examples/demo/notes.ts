// An MCP server over stdio, with the official SDK. It keeps notes in its memory: the stdio bridge gives each client a process of its own.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';

const MOST = 100;
const notes: string[] = [];
const server = new McpServer({ name: 'notes', version: '1.0.0' });

function say(text: string, isError = false): CallToolResult {
  return { content: [{ type: 'text', text }], isError };
}

const inputSchema = { text: z.string().min(1).max(1000) };
server.registerTool('add-note', { description: 'Keeps a note until you leave.', inputSchema }, ({ text }) => {
  if (notes.length === MOST) return say(`There is room for ${MOST} notes: forget them by forget-notes.`, true);
  return say(`${notes.push(text)} kept.`);
});
server.registerTool('list-notes', { description: 'Lists your notes; nobody else sees them.' }, () => {
  return say(notes.map((note, index) => `${index + 1}. ${note}`).join('\n') || 'There is none.');
});
server.registerTool('forget-notes', { description: 'Forgets all your notes.' }, () => say(`${notes.splice(0).length} forgotten.`));

await server.connect(new StdioServerTransport());
