// The configuration files of a node's programs. Pure: values in, texts out.
import { join } from 'node:path';
import type { KubeletClient } from '../components.ts';

/** The node's own address, in a network of its own; the API server, DNS and kubelet are there for pods. */
export const NODE_ADDRESS = '10.88.0.1';
const KUBELET_PORT = 10_250;
/** The container that holds a pod's namespaces. */
export const PAUSE_IMAGE = 'localhost/pause:1';
const POD_NETWORK = { subnet: '10.244.0.0/24', gateway: '10.244.0.1' };

export interface NodeFiles {
  readonly dir: string;
  readonly cniBin: string;
  readonly cgroup: string;
  readonly kubeletClient: KubeletClient;
}

/** File name below the node's folder, to content. */
export function nodeFiles(files: NodeFiles): Readonly<Record<string, string>> {
  return {
    'containerd.toml': containerd(files),
    'cni/10-pods.conflist': JSON.stringify(podNetwork()),
    // YAML is a superset of JSON.
    'kubelet.yaml': JSON.stringify(kubelet(files)),
  };
}

function containerd({ dir, cniBin }: NodeFiles): string {
  const others = ['snapshotter.v1.btrfs', 'snapshotter.v1.zfs', 'snapshotter.v1.devmapper', 'snapshotter.v1.erofs', 'snapshotter.v1.blockfile', 'nri.v1.nri', 'tracing.processor.v1.otlp'];
  return `version = 3
disabled_plugins = ${JSON.stringify(others.map((name) => `io.containerd.${name}`))}

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = ${JSON.stringify(PAUSE_IMAGE)}

[plugins.'io.containerd.cri.v1.runtime']
  # Where root lacks CAP_SYS_RESOURCE no sandbox would start otherwise.
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = [${JSON.stringify(cniBin)}]
    conf_dir = ${JSON.stringify(join(dir, 'cni'))}
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = 'io.containerd.runc.v2'
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      SystemdCgroup = false
`;
}

/** A point-to-point link per pod: all traffic between pods is routed by the node, so that Services work between pods too. */
function podNetwork(): object {
  const ipam = { type: 'host-local', ranges: [[POD_NETWORK]], routes: [{ dst: '0.0.0.0/0' }] };
  return { cniVersion: '1.0.0', name: 'pods', plugins: [{ type: 'ptp', ipMasq: false, ipam }] };
}

function kubelet({ cgroup, kubeletClient }: NodeFiles): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: NODE_ADDRESS,
    port: KUBELET_PORT,
    healthzPort: 0,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: false }, x509: { clientCAFile: kubeletClient.certificateFile } },
    authorization: { mode: 'AlwaysAllow' },
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    // Otherwise it would change kernel settings of the host.
    protectKernelDefaults: true,
    resolvConf: '',
    clusterDNS: [NODE_ADDRESS],
    clusterDomain: 'cluster.local',
    volumePluginDir: '/var/lib/kubelet/volumeplugins',
    // Nothing could pull an image again that was collected, and the host's disk may be nearly full.
    imageGCHighThresholdPercent: 100,
    evictionHard: Object.fromEntries([['memory.available', '1Mi'], ...['nodefs.available', 'imagefs.available', 'nodefs.inodesFree', 'imagefs.inodesFree'].map((name) => [name, '0%'])]),
    registerNode: true,
  };
}

/** Kernel settings a kubelet insists on; the node is shown files with them in their place. */
export const KERNEL_SETTINGS: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};
