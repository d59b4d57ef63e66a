// Whether what many servers say at once tells that the operator itself is cut off: each namespace has one vote. Pure.

/** Fewer namespaces prove nothing: then servers vote. */
const LEAST_NAMESPACES = 3;

/** Fewer servers prove nothing. */
const LEAST_SERVERS = 5;

/** What a verified server says since another one stopped to answer: `Nothing` where it was not heard of since. */
export interface Voter {
  readonly namespace: string;
  readonly says: 'Lost' | 'Answers' | 'Nothing';
}

/** Whether there are enough verified servers to tell anything. */
export function canTell(voters: readonly Pick<Voter, 'namespace'>[]): boolean {
  return voters.length >= LEAST_SERVERS || new Set(voters.map(({ namespace }) => namespace)).size >= LEAST_NAMESPACES;
}

/**
 * Whether it is rather the operator that is cut off than a server of `namespace` that is lost. A namespace votes for that when more
 * than half of those of its servers are lost that were heard of; it takes more than half of the votes, and at least three. Where
 * fewer namespaces have a server at all, one would decide alone: then servers vote, at least five, and a namespace of which more
 * servers answer than are lost is not outvoted by another one's.
 */
export function tellsCutOff(voters: readonly Voter[], namespace: string): boolean {
  const byNamespace = Map.groupBy(voters, (voter) => voter.namespace);
  const tallies = [...byNamespace.values()].map(tally);
  if (tallies.length >= LEAST_NAMESPACES) {
    const votes = tallies.filter(({ lost, answers }) => lost + answers > 0);
    const lost = votes.filter(outweighs).length;
    return lost >= LEAST_NAMESPACES && outweighs({ lost, answers: votes.length - lost });
  }
  const all = tally(voters);
  const own = tally(byNamespace.get(namespace) ?? []);
  return all.lost >= LEAST_SERVERS && outweighs(all) && own.lost >= own.answers;
}

interface Tally {
  readonly lost: number;
  readonly answers: number;
}

function outweighs({ lost, answers }: Tally): boolean {
  return lost > answers;
}

function tally(voters: readonly Voter[]): Tally {
  const count = (says: Voter['says']): number => voters.filter((voter) => voter.says === says).length;
  return { lost: count('Lost'), answers: count('Answers') };
}
