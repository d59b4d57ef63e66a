// How a server that speaks stdio is served over HTTP, by the bridge in its pod.
import * as z from 'zod';
import { IMAGE, IMAGE_SYNTAX, quantity } from './fields.ts';
import { matching } from './said-rules.ts';

/** How the bridge comes into a pod: copied from its image by an init container, or as a volume that is the image, once per node. */
export const BRIDGE_WAYS = ['InitContainer', 'ImageVolume'] as const;

/** Room for the packages and caches of npx and uvx, unless the spec says it. */
export const CACHE_SIZE = '1Gi';

const IMAGE_MESSAGE = `stdio.bridge.image ${IMAGE_SYNTAX}`;

/** How the bridge serves a server that speaks stdio. */
export const stdio = z.strictObject({
  sessions: z
    .enum(['PerSession', 'Shared'])
    .default('PerSession')
    .describe('Which process answers. PerSession: one of its own for each session. Shared: one for all, for servers that keep nothing between requests.'),
  maxSessions: z
    .int()
    .min(1)
    .max(1000)
    .default(6)
    .describe('Sessions of a pod at a time, each with a process of its own; beyond, clients get 503 with Retry-After. The default memory limit holds six of a usual size.'),
  idleTimeoutSeconds: z
    .int()
    .min(1)
    .max(604_800)
    .default(600)
    .describe('Seconds after which a session ends that has neither a request being answered nor an open event stream.'),
  warm: z.int().min(0).max(100).default(1).describe('Processes of a pod that wait, started, for the next session. Not with Shared, and not with idleChildren: End.'),
  idleChildren: z
    .enum(['Keep', 'End'])
    .default('Keep')
    .describe('Whether processes wait while nobody asks. Keep: as warm says. End: none does; the first request of a session starts one and waits for it, and the operator wakes none.'),
  startupSeconds: z.int().min(1).max(3600).default(120).describe('Seconds a process has to answer its first request.'),
  cache: z
    .strictObject({
      sizeLimit: quantity().describe('How much may be written; more evicts the pod. Default: 1Gi.').optional(),
    })
    .describe('The folder for packages and caches, which a server has whose command is that of npm (npx, npm) or uv (uvx, uv).')
    .optional(),
  bridge: z
    .strictObject({
      image: matching(IMAGE, 1024, IMAGE_MESSAGE).describe('Container image of the bridge. Default: what the installation says; its own version.').optional(),
      by: z
        .enum(BRIDGE_WAYS)
        .describe('How it comes into the pod. InitContainer: copied when the pod starts. ImageVolume: its image is a volume, once per node; on by default from Kubernetes 1.35. Default: what the installation says.')
        .optional(),
    })
    .describe('The program between HTTP and the server, if not the one of the installation.')
    .optional(),
});

/** What holds where the spec leaves `stdio` out. */
export const DEFAULT_STDIO = stdio.parse({});
