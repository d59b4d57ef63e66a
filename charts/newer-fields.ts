// The one place for fields newer than the 1.28 objects of cdk8s-plus-28: merged into the manifest after its toJson,
// which drops whatever it does not know.
import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';

/** A volume that is an image. Needs Kubernetes 1.35, or the feature gate ImageVolume. */
export interface ImageVolume {
  /** One of the pod's volumes, which says nothing else of itself. */
  readonly name: string;
  readonly image: { readonly reference: string; readonly pullPolicy: string };
}

type NewerFields = Pick<NewerDeploymentProps, 'drainSeconds' | 'imageVolumes'>;

/** Props of the Deployment. */
export interface NewerDeploymentProps extends k8s.KubeDeploymentProps {
  /** Seconds a pod keeps serving after its deletion, while endpoints catch up. 0: none. Needs Kubernetes 1.30. */
  readonly drainSeconds: number;
  readonly imageVolumes: readonly ImageVolume[];
}

/** A Deployment as level 1 writes it. */
interface DeploymentManifest {
  spec: { template: { spec: { containers: Record<string, unknown>[]; volumes?: Record<string, unknown>[] } } };
}

/** A Deployment whose containers drain before SIGTERM, by the kubelet's own sleep: no shell is needed in the image. */
export class NewerDeployment extends k8s.KubeDeployment {
  readonly #newer: NewerFields;

  constructor(scope: Construct, id: string, { drainSeconds, imageVolumes, ...props }: NewerDeploymentProps) {
    super(scope, id, props);
    this.#newer = { drainSeconds, imageVolumes };
  }

  /** The manifest, with the newer fields. */
  override toJson(): object {
    return withNewerFields(super.toJson() as object, this.#newer);
  }
}

/** The manifest of a Deployment, in place, with `lifecycle.preStop.sleep` in every container, and the images of volumes. */
export function withNewerFields(manifest: object, { drainSeconds, imageVolumes }: NewerFields): object {
  const { containers, volumes = [] } = (manifest as DeploymentManifest).spec.template.spec;
  for (const volume of volumes) Object.assign(volume, imageVolumes.find(({ name }) => name === volume['name']));
  if (drainSeconds === 0) return manifest;
  for (const container of containers) {
    container['lifecycle'] = { ...(container['lifecycle'] as object), preStop: { sleep: { seconds: drainSeconds } } };
  }
  return manifest;
}
