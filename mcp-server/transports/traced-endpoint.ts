// The MCP endpoint with a span around each message: from its receipt to the answer that its client gets.
import { asking, BROKEN, CANCELLED, endOf, startOf, type Offered } from '../tracing/message-span.ts';
import type { Tracing } from '../tracing/port.ts';
import type { McpEndpoint } from './endpoint.ts';
import { PROTOCOL_VERSIONS } from './protocol-versions.ts';

interface TracedOptions {
  readonly tracing: Tracing;
  readonly catalog: Offered;
  /** Version of HTTP. */
  readonly http: string;
}

/** Serves as `endpoint` does, and traces. What is no message has no span. */
export function traced(endpoint: McpEndpoint, { tracing, catalog, http }: TracedOptions): McpEndpoint {
  return {
    fetch(request, options) {
      const asked = asking(options?.parsedBody);
      if (asked === undefined) return endpoint.fetch(request, options);
      const { headers, signal } = request;
      const protocolVersion = headers.get('mcp-protocol-version') ?? undefined;
      const start = startOf(asked, catalog, { http, protocolVersion, versions: PROTOCOL_VERSIONS });
      const span = tracing.begin(start, { meta: asked.params['_meta'], headers });
      signal.addEventListener('abort', () => span.end(CANCELLED), { once: true });
      return span.within(async () => {
        try {
          const response = await endpoint.fetch(request, options);
          if (span.isRecorded) span.end(endOf(await answerIn(response), response.status));
          return response;
        } catch (error) {
          span.end(BROKEN);
          throw error;
        }
      });
    },
  };
}

/** Undefined where there is none, as of a notification. */
async function answerIn(response: Response): Promise<unknown> {
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return isJson ? response.clone().json().catch(() => undefined) : undefined;
}
