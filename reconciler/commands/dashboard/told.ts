// What the dashboard sends to its page. Types alone, and of their own: the page runs in a browser and knows nothing of the operator.
// Every text is one plain line of a bounded length, but where it says `text`: those are lines that are fit to be shown.

/** One MCPServer in the table. */
export interface Row {
  /** `NAMESPACE/NAME`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly phase: string;
  readonly ready: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  /** Why it is not Ready, or by what it was verified; the beginning of it. */
  readonly message: string;
  readonly replicas: number;
  readonly readyReplicas: number;
  /** URL inside the cluster; null while none serves. */
  readonly endpoint: string | null;
  /** Name and version that the server gave itself; null before a handshake. */
  readonly server: string | null;
  readonly version: string | null;
  /** RFC 3339; since when Ready is what it is, and since when the verdict of the handshakes is. Null where there is none. */
  readonly since: string | null;
  readonly verdictSince: string | null;
}

/** What the page is about. */
export interface About {
  /** Host of the API server. */
  readonly cluster: string;
  /** Null: all. */
  readonly namespace: string | null;
  readonly version: string;
}

/** One condition of the status. */
export interface ToldCondition {
  readonly type: string;
  /** What it is true of. */
  readonly claim: string;
  readonly status: string;
  readonly reason: string;
  /** What the reason means in general; null for one that is not known. */
  readonly meaning: string | null;
  readonly message: string;
  readonly since: string;
}

/** Something that happened. */
export interface Moment {
  /** RFC 3339; empty where that is not known. */
  readonly time: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly about: string;
  readonly message: string;
  readonly count: number;
}

/** Something to do: a sentence, and the command that does it. */
export interface Step {
  readonly sentence: string;
  readonly command: string | null;
}

/** A line to copy, and what it is for. */
export interface Line {
  readonly what: string;
  readonly command: string;
}

export interface ToldPod {
  readonly name: string;
  readonly state: string;
  readonly message: string | null;
  readonly restarts: number;
  readonly node: string | null;
  readonly lines: readonly Line[];
}

export interface ToldWords {
  readonly pod: string;
  readonly container: string;
  readonly exitCode: number | null;
  readonly text: readonly string[];
}

/** A field of a live object that is not as it is rendered; null where it is not there. Credentials are masked. */
export interface ToldDifference {
  readonly path: string;
  readonly live: string | null;
  readonly rendered: string | null;
}

export interface ToldObject {
  readonly kind: string;
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
  /** Why it cannot be compared; null where it was, or there is nothing to compare. */
  readonly problem: string | null;
  readonly differences: readonly ToldDifference[];
  /** How many more differ. */
  readonly more: number;
  /** What is rendered, as YAML, with credentials masked; null where nothing is. */
  readonly text: string | null;
  readonly command: string;
}

/** How one client is told of the server. */
export interface ToldClient {
  readonly label: string;
  readonly file: string | null;
  /** JSON, ready to paste. */
  readonly text: string;
}

export interface Connections {
  /** Why there is nothing to connect to; null where there is. */
  readonly problem: string | null;
  readonly lines: readonly Line[];
  /** On this machine, while `mcp-operator connect` runs. */
  readonly here: readonly ToldClient[];
  /** In the cluster; none while there is no endpoint. */
  readonly inside: readonly ToldClient[];
  /** What a client has to know besides. */
  readonly notes: readonly string[];
}

/** One MCPServer in full. */
export interface Detail {
  readonly row: Row;
  /** The whole of it. */
  readonly message: string;
  readonly conditions: readonly ToldCondition[];
  readonly evidence: readonly string[];
  readonly steps: readonly Step[];
  /** The newest first. */
  readonly timeline: readonly Moment[];
  readonly pods: readonly ToldPod[];
  readonly morePods: number;
  readonly words: readonly ToldWords[];
  readonly objects: readonly ToldObject[];
  /** Why the objects could not be rendered. */
  readonly renderProblem: string | null;
  readonly connections: Connections;
  readonly lines: readonly Line[];
  /** Kinds that may not be read. */
  readonly unread: readonly string[];
}

/** How the way to the API server is; null: it answers. */
export interface Link {
  readonly away: string | null;
  /** RFC 3339; since when. */
  readonly since: string | null;
}

/** The events of a stream, by name. */
export interface Events {
  /** Once, at first: all of it. */
  readonly fleet: { readonly about: About; readonly rows: readonly Row[] };
  readonly changes: { readonly rows: readonly Row[]; readonly gone: readonly string[] };
  readonly link: Link;
  /** Null: there is none of that name. */
  readonly server: { readonly about: About; readonly detail: Detail | null };
}

/** One field of a tool's form, made of its input schema. */
export interface ToldField {
  /** In its object, as it is sent. */
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'number' | 'integer' | 'boolean' | 'choice' | 'list' | 'group' | 'json';
  readonly description: string;
  readonly isRequired: boolean;
  /** JSON; null: none. */
  readonly default: string | null;
  /** Of a choice, with what is sent as JSON. */
  readonly choices: readonly { readonly label: string; readonly json: string }[];
  /** What a list is of; null for what is none. */
  readonly element: 'text' | 'number' | 'integer' | 'boolean' | null;
  /** Of a group. */
  readonly fields: readonly ToldField[];
}

export interface ToldTool {
  /** As it is called. */
  readonly name: string;
  readonly label: string;
  readonly title: string | null;
  readonly description: string;
  /** What the server claims about it. */
  readonly hints: readonly string[];
  /** Null: no form can be made of its schema. */
  readonly fields: readonly ToldField[] | null;
  /** Why it cannot be called from here; null where it can. */
  readonly problem: string | null;
}

/** What the page asks for by POST. */
export interface Asking {
  readonly namespace: string;
  readonly name: string;
  /** A credential that goes to the pod alone; null: none. */
  readonly header: { readonly name: string; readonly value: string } | null;
}

export interface Calling extends Asking {
  readonly tool: string;
  readonly arguments: object;
}

/** What came of it. */
export type Listing =
  | { readonly problem: string }
  | { readonly problem: null; readonly tools: readonly ToldTool[]; readonly isCut: boolean };

/** A piece of a result: text that is fit to be shown in lines, or what is not shown. */
export interface ToldPart {
  readonly kind: 'text' | 'structured' | 'hidden';
  readonly text: string;
}

export type Outcome =
  | { readonly problem: string }
  | ToldResult;

export interface ToldResult {
  readonly problem: null;
  /** The tool says that it failed. */
  readonly isError: boolean;
  readonly parts: readonly ToldPart[];
  readonly isCut: boolean;
  readonly milliseconds: number;
}
