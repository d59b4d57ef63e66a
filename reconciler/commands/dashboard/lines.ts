// Command lines to copy: each for the cluster that is shown, with every name quoted where a shell would read more into it. Pure.
import { SERVER_LABEL } from '../../../charts/api/labels.ts';
import { PLURAL, GROUP } from '../../../charts/api/group.ts';
import type { Line, Step, ToldObject } from './told.ts';

/** The flags that name the cluster, as the user gave them. */
export interface ClusterFlags {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

interface Place {
  readonly namespace: string;
  readonly name: string;
}

const RESOURCE = `${PLURAL}.${GROUP}`;
/** What every shell takes as it stands. */
const HARMLESS = /^[\w@%+=:,./-]+$/;

/** A text as one word of a shell, whatever is in it. */
export function shellWord(text: string): string {
  return HARMLESS.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The command with the flags that name the cluster behind it. */
export function commandLineOf(words: readonly string[], flags: ClusterFlags): string {
  const { kubeconfig, context } = flags;
  const cluster = [...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]), ...(context === undefined ? [] : ['--context', context])];
  return [...words, ...cluster].map(shellWord).join(' ');
}

/** A next step, whose command stands behind its colon; it is made of names the API server has taken, of which none has a blank. */
export function stepOf(text: string, flags: ClusterFlags): Step {
  const [, sentence, command] = /^(.*): ((?:mcp-operator|kubectl) .*)$/.exec(text) ?? [];
  if (sentence === undefined || command === undefined) return { sentence: text, command: null };
  return { sentence, command: commandLineOf(command.split(' '), flags) };
}

/** What shows the MCPServer itself. */
export function serverLines({ namespace, name }: Place, flags: ClusterFlags): Line[] {
  const line = (what: string, ...words: readonly string[]): Line => ({ what, command: commandLineOf(words, flags) });
  return [
    line('The MCPServer', 'kubectl', '-n', namespace, 'get', RESOURCE, name, '-o', 'yaml'),
    line('Its status in words', 'mcp-operator', 'explain', name, '-n', namespace),
    line('Its pods', 'kubectl', '-n', namespace, 'get', 'pods', '-l', `${SERVER_LABEL}=${name}`, '-o', 'wide'),
    line('What its pods say', 'mcp-operator', 'logs', name, '-n', namespace, '-f'),
    line('Its events', 'mcp-operator', 'events', name, '-n', namespace),
    line('A handshake with each pod', 'mcp-operator', 'verify', name, '-n', namespace),
  ];
}

/** What shows one of its pods. */
export function podLines(namespace: string, pod: string, flags: ClusterFlags): Line[] {
  const kubectl = ['kubectl', '-n', namespace];
  return [
    { what: 'Log', command: commandLineOf([...kubectl, 'logs', pod, '--all-containers'], flags) },
    { what: 'Description', command: commandLineOf([...kubectl, 'describe', 'pod', pod], flags) },
  ];
}

/** What shows an object as it lives. */
export function objectLine(namespace: string, { kind, name }: Pick<ToldObject, 'kind' | 'name'>, flags: ClusterFlags): string {
  return commandLineOf(['kubectl', '-n', namespace, 'get', kind.toLowerCase(), name, '-o', 'yaml'], flags);
}
