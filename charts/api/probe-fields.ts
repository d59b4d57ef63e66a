// Probes as in pods of Kubernetes 1.28.
import * as z from 'zod';
import { intOrString } from './fields.ts';

const port = intOrString(/^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$/, { min: 1, max: 65_535, message: 'must be the number of a port, from 1 to 65535, or the name of a container port, such as mcp' }).describe('Number of the port, or name of a container port such as mcp.');
const seconds = (description: string, min = 1): z.ZodOptional<z.ZodInt> => z.int().min(min).max(86_400).describe(description).optional();
const times = (description: string): z.ZodOptional<z.ZodInt> => z.int().min(1).max(1000).describe(description).optional();

const httpGet = z.strictObject({
  path: z.string().min(1).max(1024).describe('Path asked for. Kubernetes assumes /.').optional(),
  port,
  host: z.string().min(1).max(253).describe('Host to connect to instead of the pod. Not allowed by Pod Security.').optional(),
  scheme: z.enum(['HTTP', 'HTTPS']).describe('HTTPS checks no certificate. Kubernetes assumes HTTP.').optional(),
  httpHeaders: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(253).regex(/^[-A-Za-z0-9]+$/, 'must be letters, digits and "-"').describe('Name of the header.'),
        value: z.string().min(1).max(1024).describe('Its value.'),
      }),
    )
    .min(1)
    .max(16)
    .describe('Headers sent.')
    .optional(),
});

const exec = z.strictObject({ command: z.array(z.string().max(8192)).min(1).max(128).describe('The command, without a shell.') });

/** What is done right after the container was started. */
export const postStart = z.strictObject({
  exec: exec.describe('A command in the container; where it fails, the container is ended.').optional(),
  httpGet: httpGet.describe('A GET; where it fails, the container is ended.').optional(),
});

const probe = z.strictObject({
  httpGet: httpGet.describe('Passes when a GET answers with a status from 200 to 399.').optional(),
  tcpSocket: z
    .strictObject({ port, host: z.string().min(1).max(253).describe('Host to connect to instead of the pod. Not allowed by Pod Security.').optional() })
    .describe('Passes when the port takes a connection.')
    .optional(),
  grpc: z
    .strictObject({
      port: z.int().min(1).max(65_535).describe('Number of the port.'),
      service: z.string().min(1).max(253).describe('Service asked about.').optional(),
    })
    .describe('Passes when the gRPC health service says SERVING.')
    .optional(),
  exec: exec.describe('Passes when a command in the container ends with 0.').optional(),
  initialDelaySeconds: seconds('Seconds after the start of the container before the first probe.', 0),
  periodSeconds: seconds('Seconds between two probes. Kubernetes assumes 10.'),
  timeoutSeconds: seconds('Seconds after which a probe counts as failed. Kubernetes assumes 1.'),
  successThreshold: times('Successes in a row that count; must be 1 for startup and liveness.'),
  failureThreshold: times('Failures in a row that count. Kubernetes assumes 3.'),
});

/** A probe whose failure ends the container. */
const endingProbe = probe.extend({
  terminationGracePeriodSeconds: seconds("Seconds the container has to end after it failed, instead of the pod's."),
});

/** The three probes. */
export const probes = z.strictObject({
  startup: endingProbe.describe('Whether the container has started; until then the other probes wait. Default: the MCP port takes a connection within two minutes.').optional(),
  readiness: probe.describe('Whether the pod takes requests. Default: the MCP port takes a connection.').optional(),
  liveness: endingProbe.describe('Whether the container must be restarted. Default: none, because it would add nothing to the end of the process.').optional(),
});
