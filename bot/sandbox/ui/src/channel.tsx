// A channel: its messages with days and the line where the unread ones begin, and the composer.

import { Fragment } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";

import { Composer, type Draft } from "./composer";
import { useHere } from "./context";
import { repliesTo, topOf, type State } from "./live";
import { Message, type ThreadSummary } from "./message";
import { NewBelow } from "./new_below";
import { moveBetweenMessages, useReading, useStickyEnd } from "./reading";
import type { Channel as ChannelType, Entry } from "./types";
import { day } from "./words";

const TOGETHER_S = 300;

interface Props {
  channel: ChannelType;
  draft: Draft;
  onDraftTaken: () => void;
  onThread: (ts: string) => void;
}

export function Channel({ channel, draft, onDraftTaken, onThread }: Props) {
  const { state } = useHere();
  const entries = useMemo(() => topOf(state, channel.id), [state.entries, channel.id]);
  const threads = useThreads(state, entries);
  const list = useRef<HTMLDivElement>(null);
  const [mark] = useState(state.read[channel.id] ?? "");
  useReading(channel.id, entries.at(-1)?.ts);
  const below = useStickyEnd(list, entries.at(-1));

  const me = state.hello?.user;
  const firstNew = mark && entries.find((entry) => entry.ts > mark && entry.author !== me)?.ts;
  return (
    <>
      <div
        class="messages"
        ref={list}
        role="list"
        aria-label={`Messages in ${channel.name}`}
        tabIndex={0}
        onKeyDown={moveBetweenMessages}
      >
        <div class="fill" />
        <Beginning channel={channel} />
        {entries.map((entry, at) => {
          const before = entries[at - 1];
          const newDay = !before || day(before.ts) !== day(entry.ts);
          return (
            <Fragment key={entry.ts}>
              {newDay ? (
                <div class="day" role="presentation">
                  <span>{day(entry.ts)}</span>
                </div>
              ) : null}
              {entry.ts === firstNew ? (
                <div class="new-line" role="separator" aria-label="New messages">
                  <span>New</span>
                </div>
              ) : null}
              <Message
                entry={entry}
                follows={!newDay && follows(before, entry)}
                thread={threads.get(entry.ts)}
                onThread={onThread}
              />
            </Fragment>
          );
        })}
      </div>
      <NewBelow below={below} />
      <Composer
        key={channel.id}
        channel={channel}
        draft={draft}
        onDraftTaken={onDraftTaken}
        onSend={below.follow}
      />
    </>
  );
}

function Beginning({ channel }: { channel: ChannelType }) {
  const { state } = useHere();
  const app = state.hello?.app.name;
  return (
    <div class="beginning">
      <h2>{channel.direct ? app : `# ${channel.name}`}</h2>
      <p>
        {channel.direct
          ? `This is between you and ${app}.`
          : `This is the very beginning of #${channel.name}. Type / to see what ${app} can be asked.`}
      </p>
    </div>
  );
}

/** What stands below a message about its thread; the same object while nothing changed. */
function useThreads(state: State, entries: Entry[]): Map<string, ThreadSummary> {
  const kept = useRef(new Map<string, ThreadSummary>());
  return useMemo(() => {
    const now = new Map<string, ThreadSummary>();
    for (const entry of entries) {
      const replies = repliesTo(state, entry.ts);
      const last = replies.at(-1);
      if (!last) continue;
      const mark = state.read[entry.ts] ?? "";
      const fresh = {
        replies: replies.length,
        last: last.ts,
        authors: [...new Set(replies.map((reply) => reply.author))].slice(0, 4),
        unread: last.ts > mark && last.author !== state.hello?.user,
      };
      const before = kept.current.get(entry.ts);
      now.set(entry.ts, JSON.stringify(before) === JSON.stringify(fresh) && before ? before : fresh);
    }
    kept.current = now;
    return now;
  }, [state.entries, state.read, entries]);
}

function follows(before: Entry | undefined, entry: Entry): boolean {
  if (!before || before.author !== entry.author || before.private || entry.private) return false;
  return Number(entry.ts) - Number(before.ts) < TOGETHER_S && !entry.broadcast && !entry.by_app;
}
