// Probes and the hook of the container. Probes: by connecting to the MCP port unless the user says otherwise, because no path can be assumed
// of a foreign image and a GET on the MCP endpoint fails on healthy servers. No liveness probe by default: it would add
// nothing to the end of the process.
import type { k8s } from 'cdk8s-plus-28';
import type { ResolvedSpec } from './api/spec.ts';
import { intOrString } from './int-or-string.ts';
import { HEALTH_PORT_NAME, PORT_NAME } from './api/labels.ts';
import { isBridged, servesHttp, type ResolvedServer } from './server.ts';

type UserProbe = NonNullable<NonNullable<ResolvedSpec['probes']>['startup']>;

/** Gives a server two minutes to start listening. */
const DEFAULT_STARTUP: UserProbe = { tcpSocket: { port: PORT_NAME }, periodSeconds: 2, failureThreshold: 60 };
/** Takes a pod out of the Service after half a minute without a listener. */
const DEFAULT_READINESS: UserProbe = { tcpSocket: { port: PORT_NAME }, periodSeconds: 10, failureThreshold: 3 };

/** A bridge is asked itself: whether it runs, and whether a process of its server spoke MCP. It starts such a process again by itself. */
const BRIDGE_STARTUP: UserProbe = { httpGet: { path: '/healthz', port: HEALTH_PORT_NAME }, periodSeconds: 2, failureThreshold: 60 };
const BRIDGE_READINESS: UserProbe = { httpGet: { path: '/readyz', port: HEALTH_PORT_NAME }, periodSeconds: 5, failureThreshold: 3 };

/** The probes of the container; a server that cannot be reached has those of the user only. */
export function probes(server: ResolvedServer): Pick<k8s.Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe'> {
  const defaults = defaultProbes(server);
  const { startup, readiness, liveness } = { ...defaults, ...server.spec.probes };
  return {
    ...(startup && { startupProbe: toProbe(startup) }),
    ...(readiness && { readinessProbe: toProbe(readiness) }),
    ...(liveness && { livenessProbe: toProbe(liveness) }),
  };
}

function defaultProbes({ spec }: ResolvedServer): { startup?: UserProbe; readiness?: UserProbe } {
  if (isBridged(spec)) return { startup: BRIDGE_STARTUP, readiness: BRIDGE_READINESS };
  return servesHttp(spec) ? { startup: DEFAULT_STARTUP, readiness: DEFAULT_READINESS } : {};
}

/** What is done right after the start; the other hook, the drain, is merged in afterwards. */
export function postStart({ spec: { postStart: hook } }: ResolvedServer): Pick<k8s.Container, 'lifecycle'> {
  if (hook === undefined) return {};
  const { exec, httpGet } = hook;
  return { lifecycle: { postStart: { ...(exec && { exec }), ...(httpGet && { httpGet: httpGetAction(httpGet) }) } } };
}

/** In the form level 1 and the API server keep: ports as its own IntOrString, and no delay of zero. */
function toProbe({ httpGet, tcpSocket, initialDelaySeconds, ...rest }: UserProbe): k8s.Probe {
  return {
    ...(rest as k8s.Probe),
    ...(initialDelaySeconds && { initialDelaySeconds }),
    ...(httpGet && { httpGet: httpGetAction(httpGet) }),
    ...(tcpSocket && { tcpSocket: { ...tcpSocket, port: intOrString(tcpSocket.port) } as k8s.TcpSocketAction }),
  };
}

function httpGetAction(httpGet: NonNullable<UserProbe['httpGet']>): k8s.HttpGetAction {
  return { ...httpGet, port: intOrString(httpGet.port) } as k8s.HttpGetAction;
}
