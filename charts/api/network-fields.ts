// How a server is reached besides its MCP port, and by whom.
import * as z from 'zod';
import { listMap } from './fields.ts';

/** What Kubernetes takes as the name of a port: letters, digits and single hyphens, at least one letter. */
const PORT_NAME_SYNTAX = /^([0-9]+-)*[0-9]*[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Ports besides the MCP port, of the container and the Service alike. */
export const extraPorts = listMap(
  z.strictObject({
    name: z.string().min(1).max(15).regex(PORT_NAME_SYNTAX).describe('Name of the port, for instance metrics; probes may use it.'),
    port: z.int().min(1).max(65_535).describe('Number of the port, in the container and of the Service.'),
  }),
  { keys: ['name'], max: 16 },
);
