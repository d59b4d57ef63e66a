// Servers of the modern era, and those that are half of it.
import { serveModern, serveStateful, serveStateless } from '../mcp-servers.ts';
import {
  drops, error, event, EVENTS_TYPE, hangs, INTRODUCTION, message, opens, result, status, TOOL, toText, usual, where,
  type Answer, type Answers, type Question, type Sending,
} from './answers.ts';
import { ALL, NONE, type OddServer } from './odd-server.ts';
import { PY_NULL, V1_MODERN, V2_PROBE, V2_PY_PROBE } from './why.ts';

const { serverInfo, capabilities } = INTRODUCTION;
const LISTED = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
const DISCOVERED = { supportedVersions: ['2026-07-28'], capabilities, serverInfo, _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo }, ...LISTED };
const NOT_FOUND = error({ code: -32_601, message: 'Method not found' }, { status: 404 });
const unsupported = (supported: unknown, status = 400): Answer =>
  error({ code: -32_022, message: 'Unsupported protocol version', data: { supported, requested: 'x' } }, { status });

/** The modern era alone, with other members of the answer to `server/discover`. */
const modern = (members: object = {}, sending?: Sending): Answers => ({
  'server/discover': result({ ...DISCOVERED, ...members }, sending),
  'tools/list': result({ tools: [TOOL], ...LISTED }),
  '*': NOT_FOUND,
});
/** The same answer, and the earlier era beside it. */
const both = (members: object = {}): Answers => ({ 'server/discover': result({ ...DISCOVERED, ...members }), 'tools/list': result({ tools: [TOOL], ...LISTED }) });
const HEADER_MISSING = error({ code: -32_020, message: 'Mcp-Method is missing' }, { status: 400 });
const INCAPABLE = error({ code: -32_021, message: 'Missing capability', data: { requiredCapabilities: { sampling: {} } } }, { status: 400 });
const ONE_OF_MANY = result({ tools: [TOOL], nextCursor: 'b', ...LISTED });
const isModern = ({ headers }: Question): boolean => headers['mcp-method'] !== undefined;
const HALF: Answer = ({ response }) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('{', () => response.socket?.destroy());
};
const discovering = (answer: Answer): Answers => ({ 'server/discover': answer });

/** Answers only where the header repeats the method, as that era demands. */
const withHeaders = (answers: Answers): Answers => Object.fromEntries(Object.entries(answers).map(([method, answer]): [string, Answer] => [
  method, where(({ headers, method: asked }) => headers['mcp-method'] === asked, answer, HEADER_MISSING),
]));
const EVENTS = { type: EVENTS_TYPE, as: (json: string) => event(json) };

export const ERAS: readonly OddServer[] = [
  { name: 'the SDK v1, stateless', says: 'Verified', works: ALL, serve: (host) => serveStateless(host, { tools: true }) },
  { name: 'the SDK v1, stateless, without tools', says: 'Verified', works: ALL, serve: (host) => serveStateless(host) },
  { name: 'the SDK v1 with sessions', says: 'Verified', works: ALL, serve: (host) => serveStateful(host, { tools: true }) },
  { name: 'the SDK v2, modern era only', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, serve: (host) => serveModern(host, { tools: true }) },
  { name: 'modern era only', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: modern() },
  { name: 'modern era only, in events', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: modern({}, EVENTS) },
  { name: 'modern era only, in events that stay open', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: modern({}, { ...EVENTS, isOpen: true }) },
  { name: 'modern era only, which demands its headers', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: withHeaders(modern()) },
  { name: 'modern era only, with status 201', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: modern({}, { status: 201 }) },
  { name: 'modern era only, with status 202', says: 'NotMCP', works: NONE, answers: modern({}, { status: 202 }), timeoutMs: 2500 },
  { name: 'modern era only, with status 400', says: 'NotMCP', works: NONE, answers: modern({}, { status: 400 }) },
  { name: 'modern era only, as text/plain', says: 'NotMCP', works: NONE, answers: modern({}, { type: 'text/plain' }) },
  { name: 'modern era only, id as a string', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: { ...modern(), 'server/discover': toText(result(DISCOVERED)) } },
  { name: 'modern era only, without supportedVersions', says: 'NotMCP', works: NONE, answers: modern({ supportedVersions: undefined }) },
  { name: 'modern era only, supportedVersions empty', says: 'NotMCP', works: NONE, answers: modern({ supportedVersions: [] }) },
  { name: 'modern era only, supportedVersions a string', says: 'NotMCP', works: NONE, answers: modern({ supportedVersions: '2026-07-28' }) },
  { name: 'modern era only, a number among supportedVersions', says: 'NotMCP', works: NONE, answers: modern({ supportedVersions: ['2026-07-28', 1] }) },
  { name: 'modern era only, other versions of the future', says: 'EraMismatch', works: NONE, answers: modern({ supportedVersions: ['2031-01-01'] }) },
  { name: 'modern era only, older versions alone', says: 'NotMCP', works: NONE, answers: modern({ supportedVersions: ['2025-11-25'] }) },
  { name: 'modern era only, without capabilities', says: 'NotMCP', works: NONE, answers: modern({ capabilities: undefined }) },
  { name: 'modern era only, capabilities null', says: 'NotMCP', works: NONE, answers: modern({ capabilities: null }) },
  { name: 'modern era only, capabilities empty', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: modern({ capabilities: {} }) },
  { name: 'modern era only, tools null', says: 'NotMCP', works: ['python'], why: PY_NULL, answers: modern({ capabilities: { tools: null } }) },
  { name: 'modern era only, tools true', says: 'NotMCP', works: NONE, answers: modern({ capabilities: { tools: true } }) },
  { name: 'modern era only, logging a list', says: 'NotMCP', works: NONE, answers: modern({ capabilities: { logging: [] } }) },
  { name: 'modern era only, without a name', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: modern({ serverInfo: undefined, _meta: undefined }) },
  { name: 'modern era only, serverInfo null', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: modern({ serverInfo: null }) },
  { name: 'modern era only, serverInfo without a version', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: modern({ serverInfo: { name: 'odd' }, _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'odd' } } }) },
  { name: 'modern era only, _meta null', says: 'NotMCP', works: ['python'], why: PY_NULL, answers: modern({ _meta: null }) },
  { name: 'modern era only, without resultType', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: modern({ resultType: undefined }) },
  { name: 'modern era only, a resultType nobody knows', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: modern({ resultType: 'odd' }) },
  { name: 'modern era only, input required', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: modern({ resultType: 'input_required', inputRequests: {} }) },
  { name: 'modern era only, without ttlMs and cacheScope', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: modern({ ttlMs: undefined, cacheScope: undefined }) },
  { name: 'modern era only, ttlMs below zero', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: modern({ ttlMs: -1 }) },
  { name: 'modern era only, a cacheScope nobody knows', says: 'Verified', works: ['v2'], why: 'The SDK v1 knows the earlier era alone, and Python’s client refuses the cacheScope.', answers: modern({ cacheScope: 'odd' }) },
  { name: 'modern era only, instructions null', says: 'NotMCP', works: ['python'], why: PY_NULL, answers: modern({ instructions: null }) },
  { name: 'modern era only, tools without resultType', says: 'ToolsNotListed', works: NONE, answers: { ...modern(), 'tools/list': result({ tools: [TOOL] }) } },
  { name: 'modern era only, tools with resultType alone', says: 'ToolsNotListed', works: NONE, answers: { ...modern(), 'tools/list': result({ tools: [TOOL], resultType: 'complete' }) } },
  { name: 'modern era only, a tool without an inputSchema', says: 'ToolsNotListed', works: NONE, answers: { ...modern(), 'tools/list': result({ tools: [{ name: 'b' }], ...LISTED }) } },
  { name: 'modern era only, tools refused', says: 'ToolsNotListed', works: NONE, answers: { ...modern(), 'tools/list': NOT_FOUND } },
  { name: 'modern era only, tools dropped', says: 'NotMCP', works: NONE, answers: { ...modern(), 'tools/list': drops } },
  { name: 'modern era only, tools that ask for credentials', says: 'AuthRequired', works: NONE, answers: { ...modern(), 'tools/list': status(401) } },
  { name: 'modern era only, tools without end of pages', says: 'Verified', works: ['v2', 'python'], why: V1_MODERN, answers: { ...modern(), 'tools/list': ONE_OF_MANY } },
  { name: 'both eras', says: 'Verified', works: ALL, answers: both() },
  { name: 'both eras, older versions named too', says: 'Verified', works: ALL, answers: both({ supportedVersions: ['2026-07-28', '2025-11-25', '2025-06-18'] }) },
  { name: 'both eras, only older versions named', says: 'Verified', works: ALL, answers: both({ supportedVersions: ['2025-11-25', '2025-06-18'] }) },
  { name: 'both eras, a version of the future named', says: 'Verified', works: ALL, answers: both({ supportedVersions: ['2031-01-01'] }) },
  { name: 'both eras, without supportedVersions', says: 'Verified', works: ALL, answers: both({ supportedVersions: undefined }) },
  { name: 'both eras, supportedVersions empty', says: 'Verified', works: ALL, answers: both({ supportedVersions: [] }) },
  { name: 'both eras, discover without capabilities', says: 'Verified', works: ALL, answers: both({ capabilities: undefined }) },
  { name: 'both eras, discover with tools null', says: 'Verified', works: ALL, answers: both({ capabilities: { tools: null } }) },
  { name: 'both eras, discover with tools, which only the earlier one lists', says: 'Verified', works: ['v1'], why: 'The SDK v2 and Python’s client choose the modern era, and ask for tools as it does.', answers: { ...both(), 'tools/list': where(isModern, NOT_FOUND) } },
  { name: 'both eras, tools in the form of the earlier one', says: 'Verified', works: ['v1'], why: 'The SDK v2 and Python’s client choose the modern era, whose list of tools has members that this one lacks.', answers: { ...both(), 'tools/list': usual } },
  { name: 'discover answered with an empty result', says: 'Verified', works: ALL, answers: discovering(result({})) },
  { name: 'discover answered with null', says: 'Verified', works: ['v1', 'python'], why: V2_PROBE, answers: discovering(result(null)) },
  { name: 'discover answered as initialize', says: 'Verified', works: ALL, answers: discovering(result(INTRODUCTION)) },
  { name: 'discover answered with the id of another question', says: 'Verified', works: ['v1'], why: V2_PY_PROBE, answers: discovering(message({ id: 99, result: {} })) },
  { name: 'discover refused: method not found', says: 'Verified', works: ALL, answers: discovering(error({ code: -32_601, message: 'Method not found' })) },
  { name: 'discover refused: method not found, 404', says: 'Verified', works: ALL, answers: discovering(NOT_FOUND) },
  { name: 'discover refused: not initialized', says: 'Verified', works: ALL, answers: discovering(error({ code: -32_002, message: 'Server not initialized' }, { status: 400 })) },
  { name: 'discover refused: invalid params', says: 'Verified', works: ALL, answers: discovering(error({ code: -32_602, message: 'Invalid request parameters' })) },
  { name: 'discover refused with data null', says: 'Verified', works: ALL, answers: discovering(error({ data: null })) },
  { name: 'discover refused without a message', says: 'Verified', works: ['v1', 'python'], why: V2_PROBE, answers: discovering(error({ message: undefined })) },
  { name: 'discover refused with a message null', says: 'Verified', works: ['v1', 'python'], why: V2_PROBE, answers: discovering(error({ message: null })) },
  { name: 'discover refused with a code that has a fraction', says: 'Verified', works: ['v1', 'python'], why: V2_PROBE, answers: discovering(error({ code: 1.5 })) },
  { name: 'discover refused with a code that is a string', says: 'Verified', works: ['v1', 'python'], why: V2_PROBE, answers: discovering(error({ code: 'E' })) },
  { name: 'discover refused with id null', says: 'Verified', works: ALL, answers: discovering(message({ id: null, error: { code: -32_600, message: 'Bad Request: Server not initialized' } }, { status: 400 })) },
  { name: 'discover refused with id null and status 200', says: 'Verified', works: ['v1'], why: V2_PY_PROBE, answers: discovering(message({ id: null, error: { code: -32_600, message: 'Invalid Request' } })) },
  { name: 'discover refused for its version, none named', says: 'Verified', works: ALL, answers: discovering(error({ code: -32_022, message: 'Unsupported protocol version' }, { status: 400 })) },
  { name: 'discover refused for its version, an empty list named', says: 'Verified', works: ['v1', 'v2'], why: 'Python’s client takes an empty list for a server without a revision in common.', answers: discovering(unsupported([])) },
  { name: 'discover refused for its version, older ones named', says: 'Verified', works: ALL, answers: discovering(unsupported(['2025-11-25'])) },
  { name: 'discover refused for its version, later ones named', says: 'Verified', works: ['v1'], why: V2_PY_PROBE, answers: discovering(unsupported(['2031-01-01'])) },
  { name: 'discover refused for its version, the one asked for named', says: 'Verified', works: ['v1'], why: V2_PY_PROBE, answers: discovering(unsupported(['2026-07-28'])) },
  { name: 'discover refused for its version, older and later ones named', says: 'Verified', works: ['v1', 'python'], why: V2_PROBE, answers: discovering(unsupported(['2031-01-01', '2025-11-25'])) },
  { name: 'discover refused for its version with status 200, later ones named', says: 'Verified', works: ['v1'], why: V2_PY_PROBE, answers: discovering(unsupported(['2031-01-01'], 200)) },
  { name: 'discover refused for its headers', says: 'Verified', works: ALL, answers: discovering(error({ code: -32_020, message: 'Header mismatch' }, { status: 400 })) },
  { name: 'discover refused for a capability', says: 'Verified', works: ALL, answers: discovering(INCAPABLE) },
  { name: 'both refused for their version, later ones named', says: 'EraMismatch', works: NONE, answers: { '*': unsupported(['2031-01-01']) } },
  { name: 'discover dropped', says: 'Verified', works: ['v1'], why: V2_PY_PROBE, answers: discovering(drops) },
  { name: 'discover answered with half an answer, then dropped', says: 'Verified', works: ['v1'], why: V2_PY_PROBE, answers: discovering(HALF) },
  { name: 'discover answered with what is no HTTP', says: 'Verified', works: ['v1'], why: V2_PY_PROBE, answers: discovering(({ response }) => void response.socket?.end('no\r\n\r\n')) },
  { name: 'discover never answered', says: 'Verified', works: ['v1'], why: V2_PY_PROBE, answers: discovering(hangs) },
  { name: 'discover answered by events that never come to the point', says: 'Verified', works: ['v1'], why: V2_PY_PROBE, answers: discovering(opens()) },
];
