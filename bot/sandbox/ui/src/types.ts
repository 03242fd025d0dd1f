// What the mini Slack tells the page. Blocks are Slack's own, so they stay plain JSON.

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;
export type Block = Record<string, Json>;

export interface Person {
  id: string;
  name: string;
}

export interface Reaction {
  name: string;
  users: string[];
}

export interface SharedFile {
  id: string;
  name: string;
  title: string;
  size: number;
  picture: boolean;
  url: string;
}

export interface Entry {
  ts: string;
  channel: string;
  author: string;
  text: string;
  blocks: Block[];
  /** The parent's ts when this is a reply, else empty. */
  thread_ts: string;
  /** Only the person who looks at the page sees it. */
  private: boolean;
  by_app: boolean;
  broadcast: boolean;
  edited: boolean;
  files: SharedFile[];
  attachments: Block[];
  reactions: Reaction[];
  pinned: boolean;
}

export interface Channel {
  id: string;
  name: string;
  direct: boolean;
  private: boolean;
  archived: boolean;
  members: number;
}

export interface View extends Block {
  id: string;
  hash: string;
  blocks: Block[];
}

export interface Completion {
  line: string;
  summary: string;
  usage: string;
}

export interface Shortcut {
  id: string;
  name: string;
  of_message: boolean;
}

export interface Fault {
  name: string;
  /** In a word or two; empty where the summary has to do. */
  title: string;
  summary: string;
  /** What it is about. */
  group: string;
  /** How a check ends: passed, degraded, failed or errored. */
  effect: string;
}

export interface PanelOffer {
  title: string;
  picks: string[];
  faults: Fault[];
}

export interface PanelState {
  faults: string[];
  /** How a check should end now. */
  effect: string;
  busy: boolean;
  /** null where nothing is checked by itself. */
  checks: Checks | null;
}

/** How often the bot checks by itself. */
export interface Checks {
  every_s: number;
  failing_every_s: number;
  /** So many failures in a row are that close together; then the pauses grow. */
  soon: number;
  /** So many failures open an incident. */
  failures: number;
  /** When the next one begins, in seconds since 1970. */
  next: number;
}

export interface Hello {
  workspace: string;
  user: string;
  users: Person[];
  app: Person;
  completions: Completion[];
  shortcuts: Shortcut[];
  panel: PanelOffer | null;
}

export interface News {
  entries?: Entry[];
  removed?: string[];
  channels?: Channel[];
  modals?: View[];
  home?: View | null;
  read?: Record<string, string>;
  panel?: PanelState;
}

/** What came of a gesture. `errors` are for the fields of a form, by block_id. */
export interface Outcome {
  ok: boolean;
  error?: string;
  errors?: Record<string, string>;
  id?: string;
}
