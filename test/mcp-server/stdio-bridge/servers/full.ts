// A stdio server with every fixture of the official conformance suite, on the official SDK: what a bridge has to pass through.
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
  type CallToolRequest,
  type CallToolResult,
  type GetPromptResult,
  type ServerNotification,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;
type Args = Readonly<Record<string, unknown>>;
type Tool = (args: Args, extra: Extra, request: CallToolRequest) => Promise<CallToolResult> | CallToolResult;

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=';
const INFO = { name: 'full', version: '1.0.0' };
const INPUT = { type: 'object' as const, properties: {} };
const EMBEDDED = { uri: 'test://embedded-resource', mimeType: 'text/plain', text: 'This is an embedded resource content.' };

const server = new Server(INFO, {
  capabilities: {
    tools: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    prompts: { listChanged: true },
    logging: {},
    completions: {},
  },
});

const text = (words: string): CallToolResult => ({ content: [{ type: 'text', text: words }] });
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function elicit(requestedSchema: object): Promise<CallToolResult> {
  const schema = requestedSchema as { type: 'object'; properties: Record<string, never> };
  const answer = await server.elicitInput({ message: 'Tell me', requestedSchema: schema });
  return text(`Elicitation completed: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`);
}

const enumOf = (names: readonly string[]) => names.map((name) => ({ const: name, title: name.toUpperCase() }));
const OPTIONS = ['option1', 'option2', 'option3'];
const VALUES = ['value1', 'value2', 'value3'];

const TOOLS: Readonly<Record<string, Tool>> = {
  test_simple_text: () => text('This is a simple text response for testing.'),
  test_image_content: () => ({ content: [{ type: 'image', data: PNG, mimeType: 'image/png' }] }),
  test_audio_content: () => ({ content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] }),
  test_embedded_resource: () => ({ content: [{ type: 'resource', resource: EMBEDDED }] }),
  test_multiple_content_types: () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      { type: 'image', data: PNG, mimeType: 'image/png' },
      { type: 'resource', resource: { ...EMBEDDED, uri: 'test://mixed-content-resource' } },
    ],
  }),
  test_error_handling: () => ({ ...text('This tool intentionally returns an error for testing'), isError: true }),
  async test_tool_with_logging() {
    for (const data of ['started', 'working', 'done']) {
      await server.sendLoggingMessage({ level: 'info', data });
      await pause(50);
    }
    return text('Logged.');
  },
  async test_tool_with_progress(_args, extra, { params }) {
    const progressToken = params._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined) await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
      await pause(50);
    }
    return text(String(progressToken));
  },
  async test_sampling({ prompt }) {
    const answer = await server.createMessage({ messages: [{ role: 'user', content: { type: 'text', text: String(prompt) } }], maxTokens: 100 });
    return text(`LLM response: ${JSON.stringify(answer.content)}`);
  },
  test_elicitation: () => elicit({ type: 'object', properties: { username: { type: 'string' }, email: { type: 'string' } }, required: ['username', 'email'] }),
  test_elicitation_sep1034_defaults: () => elicit({
    type: 'object',
    properties: {
      name: { type: 'string', default: 'John Doe' },
      age: { type: 'integer', default: 30 },
      score: { type: 'number', default: 95.5 },
      status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
      verified: { type: 'boolean', default: true },
    },
    required: [],
  }),
  test_elicitation_sep1330_enums: () => elicit({
    type: 'object',
    properties: {
      untitledSingle: { type: 'string', enum: OPTIONS },
      titledSingle: { type: 'string', oneOf: enumOf(VALUES) },
      legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['One', 'Two', 'Three'] },
      untitledMulti: { type: 'array', items: { type: 'string', enum: OPTIONS } },
      titledMulti: { type: 'array', items: { anyOf: enumOf(VALUES) } },
    },
    required: [],
  }),
  json_schema_2020_12_tool: (args) => text(JSON.stringify(args)),
  test_reconnection: () => text('Reconnection test completed.'),
  // What the bridge's own tests need.
  echo: (args) => text(JSON.stringify(args)),
  pid: () => text(String(process.pid)),
  async wait({ milliseconds }, extra) {
    await Promise.race([pause(Number(milliseconds)), new Promise((resolve) => extra.signal.addEventListener('abort', resolve))]);
    if (extra.signal.aborted) process.stderr.write('cancelled\n');
    return text('waited');
  },
  async change() {
    await server.sendToolListChanged();
    await server.sendResourceUpdated({ uri: 'test://watched-resource' });
    return text('changed');
  },
  die: () => process.exit(7),
  large: ({ bytes }) => text('x'.repeat(Number(bytes))),
};

const SCHEMA_2020_12 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object' as const,
  $defs: { address: { type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
  properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
  additionalProperties: false,
};

server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: Object.keys(TOOLS).map((name) => ({ name, description: `Does ${name}`, inputSchema: name === 'json_schema_2020_12_tool' ? SCHEMA_2020_12 : INPUT })),
}));
server.setRequestHandler(CallToolRequestSchema, async (request, extra) => {
  const { name, arguments: args = {} } = request.params;
  const tool = TOOLS[name];
  return tool === undefined ? { ...text(`no tool ${name}`), isError: true } : await tool(args, extra, request);
});

const RESOURCES: Readonly<Record<string, object>> = {
  'test://static-text': { mimeType: 'text/plain', text: 'This is the content of the static text resource.' },
  'test://static-binary': { mimeType: 'image/png', blob: PNG },
  'test://watched-resource': { mimeType: 'text/plain', text: 'Watched.' },
};
server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: Object.keys(RESOURCES).map((uri) => ({ uri, name: uri })) }));
server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
  resourceTemplates: [{ uriTemplate: 'test://template/{id}/data', name: 'template', mimeType: 'application/json' }],
}));
server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }) => {
  const id = /^test:\/\/template\/(.+)\/data$/.exec(uri)?.[1];
  const data = { mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) };
  const content = id === undefined ? RESOURCES[uri] : data;
  if (content === undefined) throw new Error(`no resource ${uri}`);
  return { contents: [{ uri, ...content } as { uri: string; text: string }] };
});
server.setRequestHandler(SubscribeRequestSchema, () => ({}));
server.setRequestHandler(UnsubscribeRequestSchema, () => ({}));
server.setRequestHandler(SetLevelRequestSchema, () => ({}));
server.setRequestHandler(CompleteRequestSchema, () => ({ completion: { values: ['paris', 'park', 'party'], total: 3, hasMore: false } }));

const PROMPTS: Readonly<Record<string, (args: Args) => GetPromptResult['messages']>> = {
  test_simple_prompt: () => [{ role: 'user', content: { type: 'text', text: 'This is a simple prompt for testing.' } }],
  test_prompt_with_arguments: ({ arg1, arg2 }) => [{ role: 'user', content: { type: 'text', text: `Prompt with arguments: arg1='${String(arg1)}', arg2='${String(arg2)}'` } }],
  test_prompt_with_embedded_resource: ({ resourceUri }) => [
    { role: 'user', content: { type: 'resource', resource: { ...EMBEDDED, uri: String(resourceUri) } } },
    { role: 'user', content: { type: 'text', text: 'Please process the embedded resource above.' } },
  ],
  test_prompt_with_image: () => [
    { role: 'user', content: { type: 'image', data: PNG, mimeType: 'image/png' } },
    { role: 'user', content: { type: 'text', text: 'Please analyze the image above.' } },
  ],
};
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  test_prompt_with_arguments: ['arg1', 'arg2'],
  test_prompt_with_embedded_resource: ['resourceUri'],
};
server.setRequestHandler(ListPromptsRequestSchema, () => ({
  prompts: Object.keys(PROMPTS).map((name) => ({
    name,
    description: `Prompt ${name}`,
    arguments: (ARGUMENTS[name] ?? []).map((argument) => ({ name: argument, description: argument, required: true })),
  })),
}));
server.setRequestHandler(GetPromptRequestSchema, ({ params }) => {
  const prompt = PROMPTS[params.name];
  if (prompt === undefined) throw new Error(`no prompt ${params.name}`);
  return { messages: prompt(params.arguments ?? {}) };
});

await server.connect(new StdioServerTransport());
process.stderr.write('full server started\n');
