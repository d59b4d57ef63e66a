// Which of the objects in the caches are an MCPServer's own: others may have its labels and its name.
import { DEPLOYMENTS, type KubernetesObject, type ResourceType } from '../../kubernetes/objects.ts';
import type { DeploymentObject, MCPServerObject } from '../kinds.ts';
import type { View } from '../view/view.ts';
import type { Bridged } from './bridge-turns.ts';
import { ownership } from './ownership.ts';

/** The child of this type and the MCPServer's name, if it is the MCPServer's. */
export function ownChild(view: View, type: ResourceType, server: MCPServerObject): KubernetesObject | undefined {
  const found = view.child(type, server.metadata);
  return found && ownership(found, server).kind === 'owned' ? found : undefined;
}

/** Its Deployment, if that is its own. */
export function ownDeployment(view: View, server: MCPServerObject): DeploymentObject | undefined {
  return ownChild(view, DEPLOYMENTS, server) as DeploymentObject | undefined;
}

/** All MCPServers with their own Deployments, by `namespace/name`. */
export function* withDeployments(view: View): Generator<readonly [key: string, Bridged]> {
  for (const key of view.serverKeys()) {
    const server = view.serverOf(key);
    if (server !== undefined) yield [key, { server, deployment: ownDeployment(view, server) }];
  }
}
