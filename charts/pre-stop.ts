// The one place for fields newer than the 1.28 objects of cdk8s-plus-28: merged into the manifest after its toJson,
// which drops whatever it does not know.
import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';

/** Props of the Deployment. */
export interface DrainingDeploymentProps extends k8s.KubeDeploymentProps {
  /** Seconds a pod keeps serving after its deletion, while endpoints catch up. 0: none. Needs Kubernetes 1.30. */
  readonly drainSeconds: number;
}

interface DeploymentManifest {
  spec: { template: { spec: { containers: Record<string, unknown>[] } } };
}

/** A Deployment whose containers drain before SIGTERM, by the kubelet's own sleep: no shell is needed in the image. */
export class DrainingDeployment extends k8s.KubeDeployment {
  readonly #drainSeconds: number;

  constructor(scope: Construct, id: string, { drainSeconds, ...props }: DrainingDeploymentProps) {
    super(scope, id, props);
    this.#drainSeconds = drainSeconds;
  }

  /** The manifest, with `lifecycle.preStop.sleep` in every container. */
  override toJson(): unknown {
    const manifest = super.toJson() as DeploymentManifest;
    if (this.#drainSeconds === 0) return manifest;
    for (const container of manifest.spec.template.spec.containers) {
      container['lifecycle'] = { ...(container['lifecycle'] as object), preStop: { sleep: { seconds: this.#drainSeconds } } };
    }
    return manifest;
  }
}
