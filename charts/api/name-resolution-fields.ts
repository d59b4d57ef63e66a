// How names are resolved in the pods, as in pods of Kubernetes 1.28.
import * as z from 'zod';
import { listMap, objectName } from './fields.ts';
import { ipAddress } from './network-fields.ts';

/** Lines of the hosts file. */
export const hostAliases = listMap(
  z.strictObject({
    ip: ipAddress().describe('Address the names stand for.'),
    hostnames: z.array(objectName()).min(1).max(32).describe('Names that stand for it.'),
  }),
  { keys: ['ip'], max: 32 },
);

/** Name servers, domains and options besides those of the policy. */
export const dnsConfig = z.strictObject({
  nameservers: z.array(ipAddress()).min(1).max(3).describe('Addresses of name servers.').optional(),
  searches: z
    .array(z.string().min(1).max(253).regex(/^(\.|[a-z0-9_]([-a-z0-9_]*[a-z0-9])?(\.[a-z0-9_]([-a-z0-9_]*[a-z0-9])?)*\.?)$/, 'must be a domain, such as example.com'))
    .min(1)
    .max(32)
    .describe('Domains that names are tried in.')
    .optional(),
  options: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(63).regex(/^[!-~]+$/, 'must be printable ASCII without blanks').describe('Name of the option, such as ndots.'),
        value: z.string().min(1).max(63).regex(/^[!-~]+$/, 'must be printable ASCII without blanks').describe('Its value.').optional(),
      }),
    )
    .min(1)
    .max(16)
    .describe('Options of the resolver.')
    .optional(),
});
