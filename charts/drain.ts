// The one place for fields newer than the 1.28 objects of cdk8s-plus-28: merged into the manifest after its toJson,
// which drops whatever it does not know.
import { k8s } from 'cdk8s-plus-28';

/** Seconds a pod keeps serving after its deletion, while endpoints catch up. Needs Kubernetes 1.30. */
const DRAIN_SECONDS = 5;

interface DeploymentManifest {
  spec: { template: { spec: { containers: Record<string, unknown>[] } } };
}

/** A Deployment whose containers drain before SIGTERM, by the kubelet's own sleep: no shell is needed in the image. */
export class DrainingDeployment extends k8s.KubeDeployment {
  /** The manifest, with `lifecycle.preStop.sleep` in every container. */
  override toJson(): unknown {
    const manifest = super.toJson() as DeploymentManifest;
    for (const container of manifest.spec.template.spec.containers) {
      container['lifecycle'] = { preStop: { sleep: { seconds: DRAIN_SECONDS } } };
    }
    return manifest;
  }
}
