// The workspace as this page knows it: told over a WebSocket, changed by gestures.

import type { Channel, Entry, Hello, Json, News, Outcome, PanelState, View } from "./types";

export interface State {
  connected: boolean;
  hello: Hello | null;
  entries: Map<string, Entry>;
  channels: Channel[];
  modals: View[];
  home: View | null;
  read: Record<string, string>;
  panel: PanelState | null;
}

const EMPTY: State = {
  connected: false,
  hello: null,
  entries: new Map(),
  channels: [],
  modals: [],
  home: null,
  read: {},
  panel: null,
};

const AGAIN_MS = 1000;

type Listener = (state: State) => void;

export class Live {
  state: State = EMPTY;
  /** The newest press of a button that was not answered yet; `ts` is empty for one in a view. */
  pressed: { ts: string; at: number } | null = null;
  private listeners = new Set<Listener>();
  private socket: WebSocket | null = null;
  private retry = 0;

  constructor(private user: string) {
    this.connect();
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Act as somebody else from now on. */
  become(user: string): void {
    this.user = user;
    this.set(EMPTY);
    this.connect();
  }

  /** Do one gesture as the person on this page. Never throws: what went wrong is in the outcome. */
  async act(what: string, more: Record<string, Json> = {}): Promise<Outcome> {
    const user = this.state.hello?.user ?? this.user;
    if (what.startsWith("press")) this.pressed = { ts: String(more.ts ?? ""), at: performance.now() };
    return post("/page/do", "application/json", JSON.stringify({ user, do: what, ...more }));
  }

  /** Upload a file that nobody else sees yet. */
  async upload(file: File): Promise<Outcome> {
    const query = new URLSearchParams({ user: this.state.hello?.user ?? this.user, name: file.name });
    return post(`/page/files?${query}`, "application/octet-stream", file);
  }

  private connect(): void {
    window.clearTimeout(this.retry);
    this.socket?.close();
    const query = new URLSearchParams({ user: this.user });
    const socket = new WebSocket(`ws://${location.host}/page/live?${query}`);
    this.socket = socket;
    socket.onmessage = (event) => {
      if (this.socket === socket) this.hear(JSON.parse(String(event.data)));
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.set({ ...this.state, connected: false });
      this.retry = window.setTimeout(() => this.connect(), AGAIN_MS);
    };
  }

  private hear(told: { hello?: Hello; news?: News }): void {
    if (told.hello) {
      this.set({ ...EMPTY, connected: true, hello: told.hello });
    } else if (told.news) {
      this.set(after(this.state, told.news));
    }
  }

  private set(state: State): void {
    this.state = state;
    for (const listener of this.listeners) listener(state);
  }
}

function after(state: State, news: News): State {
  const { entries: changed, removed, ...rest } = news;
  if (!changed && !removed) return { ...state, ...rest };
  const entries = new Map(state.entries);
  for (const entry of changed ?? []) entries.set(entry.ts, entry);
  for (const ts of removed ?? []) entries.delete(ts);
  return { ...state, ...rest, entries };
}

async function post(path: string, type: string, body: BodyInit): Promise<Outcome> {
  try {
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": type }, body });
    if (!answer.ok) return { ok: false, error: await answer.text() };
    return (await answer.json()) as Outcome;
  } catch {
    return { ok: false, error: "The demo does not answer. Is it still running?" };
  }
}

/** The entries that stand in a channel itself, oldest first. */
export function topOf(state: State, channel: string): Entry[] {
  return sorted(state, (entry) => {
    const hidden = entry.thread_ts && !entry.broadcast && state.entries.has(entry.thread_ts);
    return entry.channel === channel && !hidden;
  });
}

/** The replies to an entry, oldest first. */
export function repliesTo(state: State, ts: string): Entry[] {
  return sorted(state, (entry) => entry.thread_ts === ts);
}

function sorted(state: State, wanted: (entry: Entry) => boolean): Entry[] {
  return [...state.entries.values()].filter(wanted).sort((a, b) => Number(a.ts) - Number(b.ts));
}

export function nameOf(state: State, id: string): string {
  const hello = state.hello;
  if (id === "USLACKBOT") return "Slackbot";
  if (id === hello?.app.id) return hello.app.name;
  return hello?.users.find((user) => user.id === id)?.name ?? id;
}
