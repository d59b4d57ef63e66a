// A pod template in the spelling that API servers store, so that what is applied is found again: canonical amounts, ports with
// their protocol, and without what counts as not said. Pure. Needed where users write what no schema of ours has seen.
import { isFreeMap } from './api/merge-keys.ts';
import { canonicalQuantity } from './api/quantity.ts';
import { isFields, type Json, type JsonFields } from './strategic-merge.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Flags that are not there when they are false. */
const FLAGS = words('chapAuthDiscovery chapAuthSession hostIPC hostNetwork hostPID readOnly sslEnabled stdin stdinOnce tty');
/** Numbers that are not there, or have their default, when they are 0. */
const NUMBERS = words('failureThreshold hostPort initialDelaySeconds partition periodSeconds successThreshold timeoutSeconds');
/** Texts that are not there, or have their default, when they are empty. */
const TEXTS = words(
  'apiVersion audience containerName dnsPolicy effect fsType host hostIP hostname imagePullPolicy iscsiInterface keyring level medium ' +
  'nodeName path pool prefix priorityClassName protocol pullPolicy role schedulerName scheme secretName storageMode subPath subPathExpr ' +
  'subdomain terminationMessagePath terminationMessagePolicy user volumeName volumeNamespace workingDir',
);
/** The same of fields that mean it in the items of one list alone. */
const ITEM_TEXTS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['env', words('value')],
  ['ports', words('name')],
  ['seLinuxOptions', words('type')],
  ['tolerations', words('key operator value')],
]);
/** Lists that are not there when they are empty. */
const LISTS = words(
  'accessModes add args claims command drop env envFrom finalizers hostAliases hostnames httpHeaders imagePullSecrets initContainers items ' +
  'matchExpressions matchFields matchLabelKeys mismatchLabelKeys nameservers namespaces options portals ports ' +
  'preferredDuringSchedulingIgnoredDuringExecution readinessGates requiredDuringSchedulingIgnoredDuringExecution resizePolicy resourceClaims ' +
  'restartPolicyRules schedulingGates searches supplementalGroups sysctls targetWWNs tolerations topologySpreadConstraints values volumeDevices ' +
  'volumeMounts volumes wwids',
);
/** Fields, and maps, that hold amounts. */
const [AMOUNTS, AMOUNT_MAPS] = [words('divisor sizeLimit'), words('limits overhead requests')];

/** The template as it will be read back. What no API server would take is left as it is. */
export function asStored(template: JsonFields): JsonFields {
  return storedFields(template, '');
}

/** `within`: the name of the field, or of the list, that has the object. */
function storedFields(fields: JsonFields, within: string): JsonFields {
  const kept = Object.entries(fields).filter(([field, value]) => !isNothing(field, value, within));
  const stored = kept.map(([field, value]): [string, Json] => [field, storedValue(field, value)]);
  const isPort = within === 'ports' && fields['containerPort'] !== undefined && (fields['protocol'] ?? '') === '';
  return Object.fromEntries(isPort ? [...stored, ['protocol', 'TCP']] : stored);
}

function storedValue(field: string, value: Json): Json {
  if (AMOUNTS.has(field)) return storedAmount(value);
  if (Array.isArray(value)) return value.map((item: Json) => (isFields(item) ? storedFields(item, field) : item));
  if (!isFields(value)) return value;
  if (AMOUNT_MAPS.has(field)) return Object.fromEntries(Object.entries(value).map(([name, amount]) => [name, storedAmount(amount)]));
  return isFreeMap(field, value) ? value : storedFields(value, field);
}

function storedAmount(amount: Json): Json {
  if (typeof amount !== 'string' && typeof amount !== 'number') return amount;
  try {
    return canonicalQuantity(amount);
  } catch (error) {
    if (error instanceof RangeError) return amount;
    throw error;
  }
}

function isNothing(field: string, value: Json, within: string): boolean {
  if (value === false) return FLAGS.has(field);
  if (value === 0) return NUMBERS.has(field);
  if (value === '') return TEXTS.has(field) || ITEM_TEXTS.get(within)?.has(field) === true;
  if (Array.isArray(value)) return value.length === 0 && LISTS.has(field);
  return isFields(value) && isFreeMap(field, value) && Object.keys(value).length === 0;
}
