// What the span of a request to the API server says, by OpenTelemetry's conventions for HTTP clients. It names no object, no query and no
// address: what a client asked for, and where the cluster is, are not for whoever sees traces.
import type { RequestObservation } from '../../kubernetes/client.ts';
import type { SpanEnd, SpanStart } from './port.ts';

/** Paths that are asked for here. */
const TEMPLATES: ReadonlySet<string> = new Set([
  '/readyz', '/api/v1/nodes', '/api/v1/namespaces/{namespace}/pods',
  '/api/v1/namespaces/{namespace}/pods/{name}', '/api/v1/namespaces/{namespace}/pods/{name}/log',
]);

/** The span of a request that has ended. */
export function requestSpan({ method, path, status, failure }: RequestObservation): SpanStart & SpanEnd {
  const template = path.replace(/\/namespaces\/[^/]+/, '/namespaces/{namespace}').replace(/\/pods\/[^/]+/, '/pods/{name}');
  const isKnown = TEMPLATES.has(template);
  const error = status === undefined ? (failure ?? 'cancelled') : status >= 400 ? String(status) : undefined;
  return {
    name: isKnown ? `${method} ${template}` : method,
    attributes: {
      'http.request.method': method,
      ...(isKnown ? { 'url.template': template } : {}),
      ...(status === undefined ? {} : { 'http.response.status_code': status }),
      ...(error === undefined ? {} : { 'error.type': error }),
    },
  };
}
