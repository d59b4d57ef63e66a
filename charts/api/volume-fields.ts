// Files and folders of the container: what it reads from Secrets and ConfigMaps, and where it may write.
import * as z from 'zod';
import { dataKey, listMap, objectName, quantity } from './fields.ts';

/** An absolute path without a trailing slash, of printable ASCII other than the colon. */
const mountPath = z.string().min(2).max(1024).regex(/^(\/([!-\-0-9;-~]|\.[!-\-0-9;-~]|\.\.[!-.0-9;-~])[!-.0-9;-~]*)+$/).describe('Where it is seen in the container: an absolute path.');

const items = listMap(
  z.strictObject({
    key: dataKey().describe('Key of the Secret or ConfigMap.'),
    path: z
      .string()
      .min(1)
      .max(1024)
      .regex(/^\.?[A-Za-z0-9_-][A-Za-z0-9._-]*(\/\.?[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/)
      .describe('File name below mountPath.'),
  }),
  { keys: ['key'], max: 64 },
)
  .min(1)
  .describe('Which keys become files. Default: all, each under its own name.')
  .optional();

const source = (kind: string): z.ZodObject<{ name: z.ZodString; items: typeof items }> =>
  z.strictObject({ name: objectName().describe(`Name of the ${kind}, in the namespace of the MCPServer.`), items });

/** Secrets and ConfigMaps as files. */
export const files = listMap(
  z.strictObject({
    mountPath,
    secret: source('Secret').describe('The Secret whose keys become files.').optional(),
    configMap: source('ConfigMap').describe('The ConfigMap whose keys become files.').optional(),
  }),
  { keys: ['mountPath'], max: 32 },
);

/** Writable folders. */
export const storage = listMap(
  z.strictObject({
    mountPath,
    emptyDir: z
      .strictObject({ sizeLimit: quantity().describe('How much may be written; more evicts the pod.') })
      .describe('A folder that lives as long as the pod.')
      .optional(),
    persistentVolumeClaim: z
      .strictObject({ claimName: objectName().describe('Name of the PersistentVolumeClaim, in the namespace of the MCPServer.') })
      .describe('A folder that outlives the pod.')
      .optional(),
  }),
  { keys: ['mountPath'], max: 32 },
);
