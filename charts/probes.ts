// Probes of the container: by connecting to the MCP port, because no path can be assumed of a foreign image and a GET
// on the MCP endpoint fails on healthy servers. No liveness probe: it would add nothing to the end of the process.
import { k8s } from 'cdk8s-plus-28';
import { PORT_NAME } from './labels.ts';

const tcpSocket = (): k8s.TcpSocketAction => ({ port: k8s.IntOrString.fromString(PORT_NAME) });

/** Gives a server two minutes to start listening. */
export function startupProbe(): k8s.Probe {
  return { tcpSocket: tcpSocket(), periodSeconds: 2, failureThreshold: 60 };
}

/** Takes a pod out of the Service after half a minute without a listener. */
export function readinessProbe(): k8s.Probe {
  return { tcpSocket: tcpSocket(), periodSeconds: 10, failureThreshold: 3 };
}
