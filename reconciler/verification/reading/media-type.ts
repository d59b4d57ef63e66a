// What an answer says it is, as clients tell it: by the media type alone, whatever its parameters (RFC 9110 §8.3.1).
import type { IncomingHttpHeaders } from 'node:http';

/** The media type of an answer in lower case, without parameters; undefined when it names none. */
export function mediaTypeOf(headers: IncomingHttpHeaders): string | undefined {
  const [type = ''] = headers['content-type']?.split(';', 1) ?? [];
  return type.trim().toLowerCase() || undefined;
}

/** Whether the answer is a stream of server-sent events. */
export function isEventStream(headers: IncomingHttpHeaders): boolean {
  return mediaTypeOf(headers) === 'text/event-stream';
}

/** Whether clients read the body of an answer to a question: not where its status says that there is none. Nobody asked for a compressed one. */
export function isReadable({ status, headers }: { readonly status: number; readonly headers: IncomingHttpHeaders }): boolean {
  const { 'content-encoding': encoding = 'identity' } = headers;
  const hasBody = status >= 200 && status < 300 && ![202, 204, 205].includes(status) && encoding === 'identity';
  return hasBody && (isEventStream(headers) || mediaTypeOf(headers) === 'application/json');
}
