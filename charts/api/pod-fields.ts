// Fields that mean what they mean in pods: the Kubernetes 1.28 shape, closed, so that a typing mistake is refused.
import * as z from 'zod';
import { boundedMap, dataKey, listMap, objectName, quantity } from './fields.ts';

const id = (description: string): z.ZodInt => z.int().min(0).max(2_147_483_647).describe(description);
const text = (description: string, max = 253): z.ZodString => z.string().min(1).max(max).describe(description);
const optionalReference = z
  .boolean()
  .describe('Whether the pod may start although the referenced object or key is missing. Kubernetes assumes false.')
  .optional();

const keySelector = (kind: string): z.ZodObject<{ name: z.ZodString; key: z.ZodString; optional: typeof optionalReference }> =>
  z.strictObject({
    name: objectName().describe(`Name of the ${kind}, in the namespace of the MCPServer.`),
    key: dataKey().describe(`Key in the ${kind}.`),
    optional: optionalReference,
  });

/** A field of the pod itself. */
export const fieldRef = z.strictObject({
  apiVersion: text('Version of the schema the path is written in terms of. Kubernetes assumes v1.').optional(),
  fieldPath: text('Path of the field, for instance metadata.name or status.podIP.'),
});

/** A resource request or limit of a container. */
export const resourceFieldRef = z.strictObject({
  containerName: text('Container whose resources are meant. Default: the server.', 63).optional(),
  resource: text('Resource, for instance limits.memory.'),
  divisor: quantity().describe('Unit of the value. Kubernetes assumes 1.').optional(),
});

const envVarSource = z.strictObject({
  fieldRef: fieldRef.describe('A field of the pod itself.').optional(),
  resourceFieldRef: resourceFieldRef.describe('A resource request or limit of the container.').optional(),
  configMapKeyRef: keySelector('ConfigMap').describe('A key of a ConfigMap.').optional(),
  secretKeyRef: keySelector('Secret').describe('A key of a Secret.').optional(),
});

/** Environment variables, unique by name. */
export const env = listMap(
  z.strictObject({
    name: z.string().min(1).max(253).regex(/^[\x21-\x3c\x3e-\x7e]+$/, 'must be printable ASCII without blanks and without "="').describe('Name of the variable: printable ASCII without blanks and without "=".'),
    value: z.string().max(32_768).describe('Literal value. $(OTHER_NAME) is expanded by the kubelet.').optional(),
    valueFrom: envVarSource.describe('Where the value comes from; exactly one source.').optional(),
  }),
  { keys: ['name'], max: 256 },
);

const nameReference = (kind: string): z.ZodObject<{ name: z.ZodString; optional: typeof optionalReference }> =>
  z.strictObject({ name: objectName().describe(`Name of the ${kind}.`), optional: optionalReference });

/** Whole ConfigMaps and Secrets as environment variables. */
export const envFrom = z
  .array(
    z.strictObject({
      prefix: z.string().min(1).max(253).describe('Text put before every key.').optional(),
      configMapRef: nameReference('ConfigMap').describe('The ConfigMap whose keys become variables.').optional(),
      secretRef: nameReference('Secret').describe('The Secret whose keys become variables.').optional(),
    }),
  )
  .max(64);

/** Names of image pull Secrets. */
export const imagePullSecrets = listMap(
  z.strictObject({ name: objectName().describe('Name of a Secret of type kubernetes.io/dockerconfigjson.') }),
  { keys: ['name'], max: 16 },
);

/** As many as Kubernetes 1.30 affords to compare: its API server takes every amount of a CRD's int-or-string for 3 MB of text. */
const MAX_RESOURCES = 7;
const amounts = (): z.ZodRecord<z.ZodString, ReturnType<typeof quantity>> =>
  boundedMap(quantity(), MAX_RESOURCES, `may name at most ${MAX_RESOURCES} resources: leave out those the server does not need`);

/** Requests and limits of the container. */
export const resources = z.strictObject({
  requests: amounts().describe('What the scheduler reserves for each pod.').optional(),
  limits: amounts().describe('What a pod may use at most.').optional(),
});

const seLinuxOptions = z.strictObject({
  level: text('SELinux level label.').optional(),
  role: text('SELinux role label.').optional(),
  type: text('SELinux type label.').optional(),
  user: text('SELinux user label.').optional(),
});

const seccompProfile = z.strictObject({
  type: z.enum(['RuntimeDefault', 'Localhost', 'Unconfined']).describe('Which kind of profile is used.'),
  localhostProfile: text('Profile file on the node, relative to the kubelet\'s folder; needed by and only valid for type Localhost.').optional(),
});

const windowsOptions = z.strictObject({
  gmsaCredentialSpec: text('Contents of the GMSA credential spec.', 8192).optional(),
  gmsaCredentialSpecName: text('Name of the GMSA credential spec.').optional(),
  hostProcess: z.boolean().describe('Whether the container runs as a Windows HostProcess container.').optional(),
  runAsUserName: text('User name the entry point runs as on Windows.').optional(),
});

const identity = {
  runAsUser: id('User id of the process.').optional(),
  runAsGroup: id('Group id of the process.').optional(),
  runAsNonRoot: z.boolean().describe('Whether the kubelet refuses to start the container as root.').optional(),
  seLinuxOptions: seLinuxOptions.describe('SELinux context.').optional(),
  seccompProfile: seccompProfile.describe('System call filter.').optional(),
  windowsOptions: windowsOptions.describe('Settings for Windows nodes.').optional(),
};

const capability = z.string().min(1).max(64).describe('Name of a Linux capability without CAP_.');

/** Security settings of the container, merged field by field over the defaults of the profile. */
export const securityContext = z.strictObject({
  ...identity,
  allowPrivilegeEscalation: z.boolean().describe('Whether the process can gain more privileges than its parent.').optional(),
  capabilities: z
    .strictObject({
      add: z.array(capability).min(1).max(64).describe('Capabilities added.').optional(),
      drop: z.array(capability).min(1).max(64).describe('Capabilities dropped. Replaces the default of the profile, ALL.').optional(),
    })
    .describe('Linux capabilities.')
    .optional(),
  privileged: z.boolean().describe('Whether the container runs with the privileges of the node.').optional(),
  procMount: z.enum(['Default', 'Unmasked']).describe('How /proc is mounted.').optional(),
  readOnlyRootFilesystem: z.boolean().describe('Whether the root file system is read-only; /tmp stays writable.').optional(),
});

/** Security settings of the pod, merged field by field over the defaults of the profile. */
export const podSecurityContext = z.strictObject({
  ...identity,
  fsGroup: id('Group that owns the volumes.').optional(),
  fsGroupChangePolicy: z.enum(['Always', 'OnRootMismatch']).describe('When the ownership of volumes is changed.').optional(),
  supplementalGroups: z.array(id('Group id.')).min(1).max(32).describe('Further groups of the process.').optional(),
  sysctls: listMap(
    z.strictObject({ name: text('Name of the kernel setting.'), value: text('Its value.') }),
    { keys: ['name'], max: 32 },
  )
    .min(1)
    .describe('Namespaced kernel settings.')
    .optional(),
});
