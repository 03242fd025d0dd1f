// What the app answers to a press where nobody looks: in a thread that is not open, or elsewhere.
// Where the link to the thread is in view, it stands out; else a note leads there.

import { useEffect, useRef, useState } from "preact/hooks";

import { nameOf, type Live, type State } from "./live";
import type { Entry } from "./types";

/** An answer that comes later than this is not taken for one. */
const ANSWER_MS = 60_000;
const SHOWN_MS = 20_000;

/** An answer out of sight: what to say of it, and the message to go to. */
export interface Answer {
  text: string;
  label: string;
  entry: Entry;
}

interface Seen {
  channel: string;
  thread: string | null;
}

export function useAnswers(live: Live, state: State, seen: Seen): [Answer | null, () => void] {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const known = useRef(new Set<string>());
  useEffect(() => {
    const before = known.current;
    known.current = new Set(state.entries.keys());
    const press = live.pressed;
    if (!press || performance.now() - press.at > ANSWER_MS) return;
    const app = state.hello?.app.id;
    const fresh = [...state.entries.values()].filter((one) => one.author === app && !before.has(one.ts));
    const at = press.ts ? state.entries.get(press.ts) : undefined;
    for (const entry of fresh) {
      const inThread = entry.thread_ts !== "" && entry.thread_ts !== seen.thread && !entry.broadcast;
      if (at && entry.channel === at.channel && entry.thread_ts !== (at.thread_ts || at.ts)) continue;
      live.pressed = null;
      if (!inThread && (entry.thread_ts || entry.channel === seen.channel)) return;
      const link = inThread ? threadLink(entry.thread_ts) : null;
      if (link) mark(link);
      else setAnswer({ ...said(state, entry, inThread), entry });
      return;
    }
  }, [state.entries]);
  useEffect(() => {
    if (!answer) return;
    const { entry } = answer;
    if (entry.thread_ts ? entry.thread_ts === seen.thread : entry.channel === seen.channel) setAnswer(null);
  }, [answer, seen.channel, seen.thread]);
  useEffect(() => {
    if (!answer) return;
    const timer = window.setTimeout(() => setAnswer(null), SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [answer]);
  return [answer, () => setAnswer(null)];
}

/** The link to a thread in the channel, if it is in view. */
function threadLink(ts: string): HTMLElement | null {
  const link = document.querySelector<HTMLElement>(`.main [data-message="${ts}"] .thread-link`);
  const list = link?.closest(".messages");
  if (!link || !list) return null;
  const [place, around] = [link.getBoundingClientRect(), list.getBoundingClientRect()];
  return place.top >= around.top && place.bottom <= around.bottom ? link : null;
}

/** Let a link stand out for a while. */
function mark(link: HTMLElement): void {
  link.dataset.answered = "";
  window.setTimeout(() => delete link.dataset.answered, SHOWN_MS);
}

function said(state: State, entry: Entry, inThread: boolean): { text: string; label: string } {
  const name = nameOf(state, entry.author);
  if (inThread) return { text: `${name} answers in the thread of that message.`, label: "Open the thread" };
  const channel = state.channels.find((one) => one.id === entry.channel);
  const place = !channel || channel.direct ? "in its messages to you" : `in #${channel.name}`;
  return { text: `${name} answers ${place}.`, label: "Show it" };
}
