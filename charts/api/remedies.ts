// What to do about each reason, in general: docs/troubleshooting.md is made of it. What was seen in a case, and what helps there, is
// told by the message of the condition. Markdown, sentences.
import { SERVER_LABEL } from './labels.ts';
import type { REASONS } from './reasons.ts';

const LOGS = `\`kubectl -n NAMESPACE logs -l ${SERVER_LABEL}=NAME --prefix --tail=100\``;
const DESCRIBE = `\`kubectl -n NAMESPACE describe pods -l ${SERVER_LABEL}=NAME\``;
const GOES_ON = 'The MCPServer goes on by itself as soon as it is there.';
const ASK = 'Ask the server yourself: `kubectl -n NAMESPACE port-forward svc/NAME 8080:8080` with the port of the Service, then [`mcp-operator verify`](verify.md) with the URL.';

/** Where nothing is wrong, or nothing but what was asked for. */
const NOTHING = undefined;

/** By reason; undefined where there is nothing to do. */
export const REMEDIES: Readonly<Record<keyof typeof REASONS, string | undefined>> = {
  NotObserved: 'If it stays for more than a few seconds: `kubectl get pods -A -l app.kubernetes.io/name=mcp-operator` says whether an operator runs. One [installed for some namespaces](installation.md#for-one-namespace) leaves all others alone: create the MCPServer in one of these. One that [chooses by labels](scale.md#several-operators) takes those with them: `npx --no-install mcp-operator check` names MCPServers that none takes.',
  Valid: NOTHING,
  InvalidSpec: 'The message names each field and what it must be; [the reference](api.md#spec) has all bounds. Try before applying: `npx --no-install mcp-operator render -f FILE`. Until it is mended what runs is left as it is.',
  SecretNotFound: `Create the Secret in the namespace of the MCPServer, or correct its name in the field that the message names. ${GOES_ON}`,
  ConfigMapNotFound: `Create the ConfigMap in the namespace of the MCPServer, or correct its name in the field that the message names. ${GOES_ON}`,
  ServiceAccountNotFound: `Create the ServiceAccount, correct \`spec.serviceAccount\`, or leave the field out for one of its own. ${GOES_ON}`,
  KeyNotFound: `Add the key, correct it in the field that the message names, or set \`optional: true\` there. \`kubectl -n NAMESPACE describe secret SECRET\` lists keys without values. ${GOES_ON}`,
  Terminating: 'Wait. If it stays, something holds a finalizer, which is never the operator: `kubectl -n NAMESPACE get mcps NAME -o jsonpath={.metadata.finalizers}`.',
  Suspended: 'Set `spec.suspend` to false, or remove it, when the objects may be changed again.',
  NameConflict: 'Delete or rename the object that the message names, or name the MCPServer otherwise. To hand an object over, [annotate it](mcpserver.md#objects-and-ownership).',
  WaitingForDeletion: 'Wait. If it stays, the object that the message names has a finalizer: see whose, and let that finish.',
  WriteConflict: 'The message names the writer and the fields: keep the other controller from these objects, or say what it wants in the spec of the MCPServer. Where the API server does not keep a field, its feature is off: leave the field out.',
  ImmutableField: 'Change the field back, or delete the object that the message names, so that it is created anew; pods of a Deployment that is deleted end.',
  Forbidden: 'With Stalled, apply the files of the installed version of the operator anew, which hold its rights, or give it the right that the message names. Otherwise the server refuses the handshake: let it accept the Host header that the message names, or clients without a certificate.',
  PolicyRefused: 'The message names the policy or webhook and what it says: change the spec to keep to it, or have the policy make an exception.',
  Retrying: 'Wait: it is tried again by itself. If it stays, the message says who does not answer: an admission webhook whose pods are down, or an API server that is overloaded.',
  NoBridge: 'Name the program of the server in `spec.command`: [stdio servers](stdio.md).',
  NoImageVolume: 'Set `spec.stdio.bridge.by` to `InitContainer`, or turn on image volumes in the cluster: [how the bridge comes into pods](stdio.md).',
  Progressing: `Wait. If nothing else is told for a minute: ${DESCRIBE}.`,
  ProgressDeadlineExceeded: `See what keeps the pods: ${DESCRIBE} and ${LOGS}. Servers that take long to start need a larger \`spec.progressDeadlineSeconds\`.`,
  ImagePullError: 'Check `spec.image` for its registry, name and tag; of a private registry, `spec.imagePullSecrets`. The message has the words of the registry.',
  ContainerConfigError: `Create what the message names, or correct the reference in the spec: ${DESCRIBE} tells the same.`,
  ContainerStartError: 'Check `spec.command` and `spec.workingDir`: the program must be in the image, and executable by the user that runs it. Leave `command` out for the entry point of the image.',
  InitFailed: 'The message names the container and how it ended: `kubectl -n NAMESPACE logs POD -c CONTAINER` has its words.',
  CrashLoop: 'The message has the exit code and the last words; `kubectl -n NAMESPACE logs deploy/NAME --previous` has more. After `OOMKilled` raise the memory in `spec.resources.limits`; where the root file system is read-only, add a folder with `spec.storage`; a program that speaks stdio needs `transport: stdio`.',
  WrongPort: 'Set `spec.port` to the port that the program names, or have the program listen on `spec.port`, which it finds in `MCP_PORT`.',
  NotStarted: `See why it ended: ${LOGS}, with \`--previous\` for the container before. The server must listen on \`spec.port\` of 0.0.0.0, not of 127.0.0.1; one that takes long to start needs a larger \`spec.probes.startup\`.`,
  NotReady: `See what keeps it from answering: ${LOGS}, and ${DESCRIBE} for what the probe found.`,
  ContainerWaiting: `Create what the message names, a Secret or ConfigMap among \`spec.files\` or a volume claim; ${DESCRIBE} has the events.`,
  Paused: 'Resume it: `kubectl -n NAMESPACE rollout resume deployment NAME`.',
  Unschedulable: 'Lower `spec.resources.requests`, correct `nodeSelector`, `affinity` and `tolerations`, or add nodes: the message counts what each node lacks.',
  VolumeHeld: 'Where the volume can be mounted by one node or pod alone, set `strategy: {type: Recreate}` and one replica; otherwise take a claim that many can mount. The message names both pods.',
  QuotaExceeded: 'Lower `spec.resources` or `replicas`, or raise the quota: `kubectl -n NAMESPACE describe resourcequota`.',
  PodsRejected: 'Leave `securityProfile` as it is, and out of `securityContext` what the message names; or change the Pod Security level of the namespace: [leaving restricted](security.md#leaving-restricted).',
  FailedCreate: 'The message has the words of the API server. A LimitRange bounds what containers ask for: `kubectl -n NAMESPACE describe limitrange`.',
  RolledOut: NOTHING,
  NoService: 'As for `NoBridge`: name the program of the server in `spec.command`.',
  EndpointReady: NOTHING,
  NoEndpoint: 'See the reason of `DeploymentReady`, which says what keeps the pods.',
  ScaledToZero: NOTHING,
  Serving: NOTHING,
  Verified: NOTHING,
  AuthRequired: 'Nothing needs to be done. To have the operator see more than the demand, give it credentials: `spec.verification.credentialsSecretRef`.',
  NotVerified: 'As was asked for, where `spec.verification.mode` is Off or Observe. With Require see the reason of `Verified`.',
  NotYetProbed: 'Wait: pods are asked as soon as they serve.',
  Disabled: NOTHING,
  Unreachable: `Nothing is known of the server. Let the operator in, where a NetworkPolicy of yours or a mesh stands between it and the pods, or set \`spec.verification.mode\` to Observe. ${ASK}`,
  TLSRequired: 'Set `spec.tls`, with the certificate of its authority in `caBundleRef`.',
  VerificationUnreachable: 'As for `Unreachable`: let the operator in, or set `spec.verification.mode` to Observe, with which what cannot be asked is no obstacle.',
  PartiallyVerified: `The message names the pods that fail and how: compare their logs, ${LOGS}. Clients of these pods fail.`,
  ChildNotStarted: 'The message has what the program said. Check `spec.command`, `args` and `env`; let it write its log to standard error; give it longer by `spec.stdio.startupSeconds`: [stdio servers](stdio.md).',
  NotMCP: `Check \`spec.port\` and \`spec.path\`: something else answers there, or a server whose answers clients refuse, as the message says. ${ASK}`,
  WrongPath: 'Set `spec.path` to where the server serves MCP, such as `/` or `/mcp`: its documentation or log says it, and the message names the path that works where the operator found one.',
  EraMismatch: 'Take a version of the server that speaks one of the revisions that the message names.',
  SSEOnly: 'Look for a setting of the server that chooses Streamable HTTP, which may be called http, or take a newer version: the HTTP+SSE transport is not served.',
  Hang: `See what the server waits for: ${LOGS}. One that is slow to answer needs a larger \`spec.verification.timeoutSeconds\`. ${ASK}`,
  OneSession: 'Have the server make a transport for each session: its code has one for all. Until then restart its pods after each client.',
  ToolsNotListed: `See why the list of its tools fails: ${LOGS}. ${ASK}`,
  OversizedReply: 'Check that `spec.port` and `spec.path` are those of the MCP endpoint: an answer to a handshake is short.',
  NotTLS: 'Leave `spec.tls` out, or have the server speak TLS on `spec.port`.',
  BadCertificate: 'Put the certificate of the authority that issued it into what `spec.tls.caBundleRef` names; it must be for the name of the Service.',
  NoAffinity: 'Leave `spec.service.sessionAffinity` out, with which calls of a client reach the same pod, or keep to one replica.',
  DeletionPolicyOrphan: NOTHING,
};
