// How the operator does the MCP handshake with the pods of a server, and what it needs to get through.
import * as z from 'zod';
import { dataKey, objectName } from './fields.ts';

/** What holds where `verification` is left out. */
export const DEFAULT_VERIFICATION = { mode: 'Require', intervalSeconds: 300, timeoutSeconds: 10 } as const;
/** Header that carries credentials unless `verification.header` names another. */
export const DEFAULT_HEADER = 'Authorization';

export const verification = z.strictObject({
  mode: z
    .enum(['Require', 'Observe', 'Off'])
    .default(DEFAULT_VERIFICATION.mode)
    .describe(
      'What the MCP handshake decides. Require: Ready only after a passed handshake. Observe: only evidence against the server keeps it from Ready. Off: no handshake.',
    ),
  intervalSeconds: z
    .int()
    .min(10)
    .max(86_400)
    .default(DEFAULT_VERIFICATION.intervalSeconds)
    .describe('Seconds between two handshakes with a pod that passed.'),
  timeoutSeconds: z
    .int()
    .min(1)
    .max(60)
    .default(DEFAULT_VERIFICATION.timeoutSeconds)
    .describe('Seconds after which a handshake without an answer counts as a hang.'),
  credentialsSecretRef: z
    .strictObject({ name: objectName().describe('Name of the Secret.'), key: dataKey().describe('Key whose value is the whole value of the header, such as "Bearer TOKEN".') })
    .describe('Credentials for the handshake. The operator needs a Role with the verb get on this Secret, and must reach pods directly.')
    .optional(),
  header: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[-A-Za-z0-9_]+$/, 'must be letters, digits, "-" and "_"')
    .describe(`Header that carries the credentials. Default: ${DEFAULT_HEADER}.`)
    .optional(),
});

/** TLS spoken by the server itself. */
export const tls = z.strictObject({
  caBundleRef: z
    .strictObject({
      name: objectName().describe('Name of the ConfigMap.'),
      key: dataKey().default('ca.crt').describe('Key with certificates in PEM.'),
    })
    .describe('ConfigMap with the authorities that issue the certificate. Default: those the operator trusts anyway.')
    .optional(),
});
