// What a program said about itself before it ended: the kubelet keeps the end of its log as the termination message. Pure.

/** A port a program said to listen on, and the line in which it said so. */
export interface NamedPort {
  readonly port: number;
  readonly line: string;
}

const LISTENS = /\blisten(?:ing|s)?\b|\b(?:running|started|serving|served|available|bound)\s+(?:on|at|to)\b|\bstart(?:ing|ed)\b.*\bserver\b/i;
/** The port of a URL or of an address, `:3000` alone, or `port 3000`; no time of day, no line of a source file, no other number of a JSON log. */
const PORT = /(?:https?:\/\/[^\s/:"]+|\[[0-9a-f:]+\]|(?<![\w.])(?:(?:\d{1,3}\.){3}\d{1,3}|localhost|\*)|(?<=^|[\s(])):(\d{2,5})(?![\d:.])|\bport"?[:=]?\s*"?(\d{2,5})\b/gi;

/** The different ports that lines about listening name, in their order. */
export function portsNamedIn(words: string): NamedPort[] {
  const named = new Map<number, NamedPort>();
  for (const line of words.split('\n').filter((each) => LISTENS.test(each))) {
    for (const match of line.matchAll(PORT)) {
      const port = Number(match[1] ?? match[2]);
      if (port > 0 && port <= 65_535 && !named.has(port)) named.set(port, { port, line: line.trim() });
    }
  }
  return [...named.values()];
}
