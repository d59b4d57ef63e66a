// Random values of the open fields, of which the CRD's schema says nothing: pods as an API server takes them.
import * as fc from 'fast-check';
import { matching } from './arbitrary-schema.ts';

type Fields = Record<string, fc.Arbitrary<unknown>>;

const word = matching(/^[a-z][a-z0-9_]{0,8}$/);
const name = matching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?$/);
/** Unlike keys of podMetadata, over which it would win. */
const key = name.map((each) => `t1-${each}`);
const text = fc.oneof(word, fc.constantFrom('', 'true', '0777', '- a', 'a: b', 'ключ', 'line\nbreak\n'));
const partly = (fields: Fields, ...requiredKeys: string[]): fc.Arbitrary<object> => fc.record(fields, { requiredKeys });
/** A list of items that differ in the first of the fields they must have. */
const keyed = (fields: Fields, key: string, ...required: string[]): fc.Arbitrary<object[]> => {
  const item = partly(fields, key, ...required);
  return fc.uniqueArray(item, { maxLength: 3, selector: (each) => (each as Record<string, unknown>)[key] });
};

/** Values of each open field; amounts are taken from `quantity`. */
export function openArbitraries(quantity: fc.Arbitrary<string | number>): Record<string, fc.Arbitrary<unknown>> {
  const amounts = partly({ cpu: quantity, memory: quantity });
  const fields: Fields = {
    image: word,
    args: fc.array(text, { maxLength: 3 }),
    env: keyed({ name: matching(/^[A-L][A-Z]{0,3}$/), value: text }, 'name'),
    envFrom: fc.array(partly({ secretRef: fc.record({ name }), prefix: word }, 'secretRef'), { maxLength: 2 }),
    ports: keyed({ containerPort: fc.integer({ min: 1, max: 65_535 }), protocol: fc.constantFrom('TCP', 'UDP') }, 'containerPort'),
    // Both may be there only where the one is within the other.
    resources: fc.oneof(partly({ limits: amounts }), partly({ requests: amounts })),
    securityContext: partly({
      runAsUser: fc.integer({ min: 1, max: 9999 }),
      readOnlyRootFilesystem: fc.boolean(),
      capabilities: partly({ add: fc.constant(['NET_BIND_SERVICE']) }),
    }),
    volumeMounts: keyed({ mountPath: word.map((each) => `/${each}`), name: fc.constant('tmp'), readOnly: fc.boolean() }, 'mountPath', 'name'),
  };
  /** Names of one list are unlike those of another by how they begin. */
  const containers = (start: string, more: Fields = {}): fc.Arbitrary<object[]> =>
    keyed({ name: name.map((each) => `${start}-${each}`), ...fields, ...more }, 'name', 'image');
  const emptyDir = partly({ sizeLimit: quantity, medium: fc.constantFrom('', 'Memory') });
  const server = partly({ name: fc.constant('mcp-server'), env: keyed({ name: matching(/^P_[A-Z]{0,3}$/), value: text }, 'name') }, 'name');
  return {
    initContainers: containers('i', { restartPolicy: fc.constant('Always') }),
    sidecars: containers('s', { restartPolicy: fc.constant('Always') }),
    podTemplate: partly({
      metadata: partly({ labels: fc.dictionary(key, name, { maxKeys: 2 }), annotations: fc.dictionary(key, text, { maxKeys: 2 }) }),
      spec: partly({
        containers: fc.tuple(containers('c'), fc.array(server, { maxLength: 1 })).map((lists) => lists.flat()),
        volumes: keyed({ name: name.map((each) => `v-${each}`), emptyDir }, 'name', 'emptyDir'),
      }),
    }),
  };
}
