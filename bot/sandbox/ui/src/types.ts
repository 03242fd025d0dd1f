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
  summary: string;
  group: string;
}

export interface PanelOffer {
  title: string;
  picks: string[];
  faults: Fault[];
}

export interface PanelState {
  faults: string[];
  busy: boolean;
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
