// What is kept of a pod while a list is read: the fields that are looked at, and no others, for a pod may have over a megabyte.
import { DEFAULT_CONTAINER, type Container, type ContainerState, type ContainerStatus, type Pod } from './port.ts';

/** The fields of the cluster port, copied, so that nothing else is held. Fields that are absent stay so. */
export function keptPod({ metadata, spec, status }: Pod): Pod {
  const { name, namespace, creationTimestamp, deletionTimestamp, annotations } = metadata;
  const defaultContainer = annotations?.[DEFAULT_CONTAINER];
  return {
    metadata: {
      name,
      ...present({ namespace, creationTimestamp, deletionTimestamp }),
      ...(defaultContainer === undefined ? {} : { annotations: { [DEFAULT_CONTAINER]: defaultContainer } }),
    },
    spec: present({
      containers: spec?.containers?.map(keptContainer),
      initContainers: spec?.initContainers?.map(keptContainer),
      ephemeralContainers: spec?.ephemeralContainers?.map(keptContainer),
    }),
    status: present({
      phase: status?.phase,
      reason: status?.reason,
      conditions: status?.conditions?.map(({ type, status: is, reason }) => ({ type, status: is, ...present({ reason }) })),
      containerStatuses: status?.containerStatuses?.map(keptStatus),
      initContainerStatuses: status?.initContainerStatuses?.map(keptStatus),
    }),
  };
}

function keptContainer({ name, restartPolicy }: Container): Container {
  return { name, ...present({ restartPolicy }) };
}

function keptStatus({ name, ready, restartCount, started, state }: ContainerStatus): ContainerStatus {
  const { waiting, running, terminated } = state ?? {};
  return {
    name,
    ready,
    restartCount,
    ...present({ started }),
    state: {
      ...(waiting == null ? {} : { waiting: present({ reason: waiting.reason }) }),
      ...(running == null ? {} : { running: {} }),
      ...(terminated == null ? {} : { terminated: keptEnd(terminated) }),
    },
  };
}

function keptEnd({ exitCode, reason, signal }: NonNullable<ContainerState['terminated']>): NonNullable<ContainerState['terminated']> {
  return { exitCode, ...present({ reason, signal }) };
}

type Present<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
