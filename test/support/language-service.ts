// What an editor shows: the TypeScript language server, asked over its protocol (LSP) as editors ask it.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = join(import.meta.dirname, '../..');

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: { readonly items?: readonly unknown[] };
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Hover {
  readonly contents: string | { readonly value: string };
}

/** One language server for one folder. Not started anew: it ends with `stop`. */
export class LanguageService {
  readonly #server: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #received: Buffer = Buffer.alloc(0);
  #asked = 0;

  private constructor(folder: string) {
    this.#server = spawn(join(ROOT, 'node_modules/.bin/tsc'), ['--lsp', '--stdio'], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#server.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#server.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the language server ended'));
    });
  }

  /** Starts a server for the TypeScript project in a folder. */
  static async start(folder: string): Promise<LanguageService> {
    const service = new LanguageService(folder);
    const capabilities = { textDocument: { hover: { contentFormat: ['plaintext'] } } };
    await service.#ask('initialize', { processId: process.pid, rootUri: pathToFileURL(folder).href, capabilities });
    service.#send({ method: 'initialized', params: {} });
    return service;
  }

  /** What is shown at the offsets of a file whose text an editor holds, saved or not; empty where nothing is. */
  async hovers(file: string, text: string, offsets: readonly number[]): Promise<string[]> {
    const uri = pathToFileURL(file).href;
    this.#send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'typescript', version: 1, text } } });
    const shown: string[] = [];
    // One after the other, as an editor asks: all at once it would check the project for each of them.
    for (const offset of offsets) {
      const before = text.slice(0, offset).split('\n');
      const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
      const hover = (await this.#ask('textDocument/hover', { textDocument: { uri }, position })) as Hover | null;
      shown.push(typeof hover?.contents === 'object' ? hover.contents.value : (hover?.contents ?? ''));
    }
    this.#send({ method: 'textDocument/didClose', params: { textDocument: { uri } } });
    return shown;
  }

  /** Ends the server. */
  stop(): void {
    this.#server.kill();
  }

  #ask(method: string, params: object): Promise<unknown> {
    const id = (this.#asked += 1);
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#send({ id, method, params });
    return answer.promise;
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #read(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (let end = this.#received.indexOf('\r\n\r\n'); end >= 0; end = this.#received.indexOf('\r\n\r\n')) {
      const length = Number(/Content-Length: (\d+)/i.exec(this.#received.toString('latin1', 0, end))?.[1]);
      const body = this.#received.subarray(end + 4, end + 4 + length);
      if (body.length < length) return;
      this.#received = this.#received.subarray(end + 4 + length);
      this.#take(JSON.parse(body.toString()) as Message);
    }
  }

  #take({ id, method, params, result, error }: Message): void {
    // The server's own requests: nothing is configured, everything is fine.
    if (method !== undefined && id !== undefined) this.#send({ id, result: params?.items?.map(() => null) ?? null });
    if (method !== undefined || typeof id !== 'number') return;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error.message));
  }
}

interface Accesses {
  readonly text: string;
  readonly offsets: readonly number[];
}

/** Text that reads every path of a variable, one a line, and where their last names stand; `[]` is an item of a list. */
export function accesses(start: string, variable: string, paths: readonly string[]): Accesses {
  let text = start;
  const offsets = paths.map((path) => {
    // Each in a function of its own: what was read before is then of no matter for its type.
    text += `\n() => ${[variable, ...path.split('.')].join('!.').replaceAll('[]', '![0]')};`;
    return text.lastIndexOf('.') + 1;
  });
  return { text, offsets };
}
