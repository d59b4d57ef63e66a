// Files and folders of the container: what it reads from Secrets, ConfigMaps and the like, and where it may write.
import * as z from 'zod';
import { boundedMap, dataKey, DNS_LABEL, DNS_LABEL_SYNTAX, listMap, objectName, quantity } from './fields.ts';
import { fieldRef, resourceFieldRef } from './pod-fields.ts';
import { matching } from './said-rules.ts';
import { objectMetadataFields } from './scheduling-fields.ts';

/** An absolute path without a trailing slash, of printable ASCII other than the colon. */
const MOUNT_PATH = /^(\/([!-\-0-9;-~]|\.[!-\-0-9;-~]|\.\.[!-.0-9;-~])[!-.0-9;-~]*)+$/;
const MOUNT_PATH_MESSAGE =
  'a mountPath starts with a slash and ends without one (write /data, not data or /data/), has no "//", no segment "." or "..", no colon, and printable ASCII without blanks alone';

/** Where something is mounted; refused in a sentence. */
export const mountPath = matching(MOUNT_PATH, 1024, MOUNT_PATH_MESSAGE).describe('Where it is seen in the container: an absolute path.');

/** A relative path that leads nowhere else. */
const relativePath = (description: string): z.ZodString =>
  z.string().min(1).max(1024).regex(/^\.?[A-Za-z0-9_-][A-Za-z0-9._-]*(\/\.?[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/, 'must be a relative path of letters, digits, "-", "_" and ".", without "..", such as a/b').describe(description);

const fileMode = (what: string): z.ZodOptional<z.ZodInt> =>
  z.int().min(0).max(0o777).describe(`Permissions of ${what}: 0400 in YAML, 256 in JSON. Kubernetes assumes 0644 for what has no permissions of its own.`).optional();

const items = listMap(
  z.strictObject({
    key: dataKey().describe('Key of the Secret or ConfigMap.'),
    path: relativePath('File name below mountPath.'),
    mode: fileMode('the file'),
  }),
  { keys: ['key'], max: 64 },
)
  .min(1)
  .describe('Which keys become files. Default: all, each under its own name.')
  .optional();

const optional = z.boolean().describe('Whether pods may start although the object, or a key in items, is missing. Kubernetes assumes false.').optional();

type Source = z.ZodObject<{ name: z.ZodString; items: typeof items; optional: typeof optional }>;
const source = (kind: string): Source =>
  z.strictObject({ name: objectName().describe(`Name of the ${kind}, in the namespace of the MCPServer.`), items, optional });
const withModes = (kind: string): z.ZodObject<Source['shape'] & { defaultMode: ReturnType<typeof fileMode> }> =>
  source(kind).extend({ defaultMode: fileMode('the files') });

const downwardAPI = z.strictObject({
  items: listMap(
    z.strictObject({
      path: relativePath('File name below mountPath.'),
      fieldRef: fieldRef.describe('A field of the pod itself.').optional(),
      resourceFieldRef: resourceFieldRef.describe('A resource request or limit of a container.').optional(),
      mode: fileMode('the file'),
    }),
    { keys: ['path'], max: 32 },
  )
    .min(1)
    .describe('What becomes a file.'),
});

const serviceAccountToken = z.strictObject({
  path: relativePath('File name below mountPath.'),
  audience: z.string().min(1).max(1024).describe('Whom the token is for. Kubernetes assumes its own API server.').optional(),
  expirationSeconds: z.int().min(600).max(4_294_967_296).describe('Seconds after which the token ends; the kubelet renews it before. Kubernetes assumes 3600.').optional(),
});

const projected = z.strictObject({
  sources: z
    .array(
      z.strictObject({
        secret: source('Secret').describe('A Secret.').optional(),
        configMap: source('ConfigMap').describe('A ConfigMap.').optional(),
        downwardAPI: downwardAPI.describe('What the pod knows of itself.').optional(),
        serviceAccountToken: serviceAccountToken.describe('A token of the ServiceAccount the pods run as, for whom it names.').optional(),
      }),
    )
    .min(1)
    .max(16)
    .describe('What is put together; exactly one kind in each item.'),
  defaultMode: fileMode('the files'),
});

const csi = z.strictObject({
  driver: objectName().max(63).describe('Name of the driver, such as secrets-store.csi.k8s.io.'),
  fsType: z.string().min(1).max(63).describe('File system, where the driver asks for one.').optional(),
  volumeAttributes: boundedMap(z.string().max(4096), 32).describe('Settings of the driver, as its own documentation says.').optional(),
  nodePublishSecretRef: z
    .strictObject({ name: objectName().describe('Name of the Secret, in the namespace of the MCPServer.') })
    .describe('Secret that is handed to the driver.')
    .optional(),
});

const subPath = relativePath('What of the volume is seen at mountPath: a folder or file in it. Default: all of it. What the kubelet changes later is not seen then.').optional();

const volume = z
  .string()
  .min(1)
  .max(63)
  .regex(DNS_LABEL, DNS_LABEL_SYNTAX)
  .describe('Name of the volume, for other containers of the pod that mount it too. Default: one that follows from mountPath.')
  .optional();

/** Secrets, ConfigMaps and what drivers bring, as files. */
export const files = listMap(
  z.strictObject({
    mountPath,
    volume,
    subPath,
    secret: withModes('Secret').describe('The Secret whose keys become files.').optional(),
    configMap: withModes('ConfigMap').describe('The ConfigMap whose keys become files.').optional(),
    projected: projected.describe('Several sources in one folder, tokens among them.').optional(),
    csi: csi.describe('Files that a CSI driver brings to the node, mounted read-only.').optional(),
  }),
  { keys: ['mountPath'], max: 32 },
);

const volumeClaimTemplate = z.strictObject({
  metadata: objectMetadataFields.describe('Labels and annotations of the claims.').optional(),
  spec: z
    .strictObject({
      accessModes: z
        .array(z.enum(['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod']))
        .min(1)
        .max(4)
        .describe('Who may mount it at a time.'),
      storageClassName: objectName().describe('StorageClass. Default: that of the cluster.').optional(),
      resources: z
        .strictObject({
          requests: z.strictObject({ storage: quantity().describe('Size of the volume.') }).describe('What is asked for.'),
        })
        .describe('How large it is.'),
    })
    .describe('What each claim asks for.'),
});

/** Writable folders. */
export const storage = listMap(
  z.strictObject({
    mountPath,
    volume,
    subPath,
    emptyDir: z
      .strictObject({
        sizeLimit: quantity().describe('How much may be written; more evicts the pod.'),
        medium: z.enum(['Memory']).describe('Memory: what is written counts as memory of the container, as browsers need for /dev/shm. Default: the disk of the node.').optional(),
      })
      .describe('A folder that lives as long as the pod.')
      .optional(),
    persistentVolumeClaim: z
      .strictObject({
        claimName: objectName().describe('Name of the PersistentVolumeClaim, in the namespace of the MCPServer.'),
        readOnly: z.boolean().describe('Whether it is mounted read-only. Kubernetes assumes false.').optional(),
      })
      .describe('A folder that outlives the pod.')
      .optional(),
    ephemeral: z
      .strictObject({ volumeClaimTemplate: volumeClaimTemplate.describe('The claim that each pod gets.') })
      .describe('A volume that comes and goes with the pod, of a size that no disk of a node has.')
      .optional(),
  }),
  { keys: ['mountPath'], max: 32 },
);
