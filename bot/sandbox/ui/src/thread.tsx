// A thread at the side: the message it began with, the replies, and a composer of its own.

import { useMemo, useRef } from "preact/hooks";

import { Composer } from "./composer";
import { useHere } from "./context";
import { Close } from "./icons";
import { repliesTo } from "./live";
import { Message } from "./message";
import { NewBelow } from "./new_below";
import { moveBetweenMessages, useReading, useStickyEnd } from "./reading";
import type { Channel } from "./types";
import { counted } from "./words";

interface Props {
  ts: string;
  channel: Channel;
  onClose: () => void;
}

export function Thread({ ts, channel, onClose }: Props) {
  const { state } = useHere();
  const parent = state.entries.get(ts);
  const replies = useMemo(() => repliesTo(state, ts), [state.entries, ts]);
  const list = useRef<HTMLDivElement>(null);
  useReading(ts, replies.at(-1)?.ts);
  // A thread is read from its beginning.
  const below = useStickyEnd(list, replies.at(-1) ?? parent, { fromEnd: false });
  return (
    <aside class="thread" aria-label="Thread" data-region>
      <header class="pane-head">
        <h2>Thread</h2>
        <span class="muted">{channel.direct ? channel.name : `#${channel.name}`}</span>
        <button type="button" class="quiet" aria-label="Close thread" onClick={onClose}>
          <Close />
        </button>
      </header>
      <div
        class="messages"
        ref={list}
        role="list"
        aria-label="Messages in the thread"
        tabIndex={0}
        onKeyDown={moveBetweenMessages}
      >
        {parent ? <Message entry={parent} /> : <p class="empty">This message was deleted.</p>}
        {replies.length ? (
          <div class="day" role="presentation">
            <span>{counted(replies.length, "reply", "replies")}</span>
          </div>
        ) : null}
        {replies.map((reply) => (
          <Message key={reply.ts} entry={reply} />
        ))}
      </div>
      <NewBelow below={below} />
      {parent ? <Composer channel={channel} thread={ts} onSend={below.follow} /> : null}
    </aside>
  );
}
