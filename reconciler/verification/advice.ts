// What to change in an MCPServer, as sentences at the end of what was seen. Whoever asks from a shell has other things to change, so
// these sentences are told from the rest.

/** By what is to be changed. Judges name fields of the spec in these sentences alone. */
export const ADVICE = {
  path: 'Set spec.path to where the MCP endpoint is.',
  usualPath: 'Set spec.path to where the MCP endpoint is; usual are /mcp, /, /mcp/ and /http.',
  portAndPath: 'Check spec.port and spec.path.',
  port: 'Check spec.port.',
  listen: 'It may listen on 127.0.0.1 only, or on another port than spec.port.',
  tls: 'Set spec.tls, or serve plain HTTP on spec.port.',
  plain: 'Remove spec.tls, or let the server speak TLS on spec.port.',
  certificate: 'It must be issued by the bundle of spec.tls.caBundleRef, for the name of the Service.',
  mutual: 'The operator has none to bring: let the server serve without on spec.port, or set spec.verification.mode to Off.',
  header: 'It was sent a few short headers, and those of spec.verification: shorten the credentials, or raise its limit.',
  host: 'Clients of its Service ask by name.',
  once: 'It is not asked again before its container restarts.',
  slow: 'See its logs, or raise spec.verification.timeoutSeconds.',
  command: 'The first item of spec.command must be a program of the image: "docker inspect IMAGE" and "crane config IMAGE" show what the image starts.',
  executable: 'The first item of spec.command must be a program that the user of the container may execute.',
  ends: 'See its log, and check spec.command, spec.args and spec.env.',
  prints: 'Let it write its log to standard error, and check that spec.command and spec.args choose stdio.',
  overHttp: 'Set spec.transport to streamable-http, and spec.port to where it listens; or choose stdio by spec.args.',
  startup: 'See its log for what it waits for, or raise spec.stdio.startupSeconds.',
  refuses: 'It may lack something in spec.env or spec.args.',
} as const;

export type AdviceKey = keyof typeof ADVICE;

/** A message in two: what was seen, and which advice came with it. */
export function withoutAdvice(message: string): { readonly evidence: string; readonly advice: readonly AdviceKey[] } {
  const advice = (Object.keys(ADVICE) as AdviceKey[]).filter((key) => message.includes(` ${ADVICE[key]}`));
  return { evidence: advice.reduce((text, key) => text.replace(` ${ADVICE[key]}`, ''), message), advice };
}
