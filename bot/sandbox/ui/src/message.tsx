// One message with all that hangs on it: files, reactions, its thread, and what can be done with it.

import { memo } from "preact/compat";

import { Blocks, Mrkdwn } from "./blocks";
import { OwnerContext, useHere } from "./context";
import { Dots, Paper, Smile, Thread } from "./icons";
import { emojiOf } from "./library";
import { nameOf } from "./live";
import { Menu } from "./menu";
import type { Entry, SharedFile } from "./types";
import { bytes, clock, counted, fullTime, trouble } from "./words";

const QUICK = ["eyes", "white_check_mark", "+1", "tada", "pray", "fire_engine", "x", "heart"];

export interface ThreadSummary {
  replies: number;
  last: string;
  authors: string[];
  unread: boolean;
}

interface Props {
  entry: Entry;
  /** Follows one of the same author closely: without picture and name. */
  follows?: boolean;
  thread?: ThreadSummary;
  onThread?: (ts: string) => void;
}

export const Message = memo(function Message({ entry, follows = false, thread, onThread }: Props) {
  const { live, state, tell } = useHere();
  const name = nameOf(state, entry.author);
  const owner = {
    press: async (block_id: string, action_id: string, value: unknown) => {
      const outcome = await live.act("press", { ts: entry.ts, block_id, action_id, value });
      // What the app does not take, Slackbot says in the channel.
      if (!outcome.ok && !/^[a-z_]+$/.test(outcome.error ?? "")) tell(trouble(outcome.error));
      return outcome;
    },
  };
  return (
    <div
      class={`message ${follows ? "follows" : ""} ${entry.private ? "private" : ""}`}
      role="listitem"
      tabIndex={-1}
      data-message={entry.ts}
      aria-label={`${name}, ${clock(entry.ts)}`}
    >
      <div class="message-side">
        {follows ? (
          <time class="message-time" title={fullTime(entry.ts)}>
            {clock(entry.ts)}
          </time>
        ) : (
          <Avatar name={name} app={entry.by_app} />
        )}
      </div>
      <div class="message-main">
        {entry.private ? <p class="note">Only visible to you</p> : null}
        {follows ? null : (
          <p class="message-head">
            <strong>{name}</strong>
            {entry.by_app ? <span class="badge">APP</span> : null}
            <time title={fullTime(entry.ts)}>{clock(entry.ts)}</time>
          </p>
        )}
        {entry.thread_ts && onThread && entry.broadcast ? (
          <button type="button" class="link" onClick={() => onThread(entry.thread_ts)}>
            replied to a thread
          </button>
        ) : null}
        <OwnerContext.Provider value={owner}>
          <Content entry={entry} />
        </OwnerContext.Provider>
        {entry.edited ? <span class="edited">(edited)</span> : null}
        {entry.files.map((file) => (
          <Shared key={file.id} file={file} />
        ))}
        <Reactions entry={entry} />
        {thread && thread.replies > 0 && onThread ? (
          <button
            type="button"
            class={`thread-link ${thread.unread ? "unread" : ""}`}
            data-tour="thread"
            onClick={() => onThread(entry.ts)}
          >
            {thread.authors.map((author) => (
              <Avatar key={author} name={nameOf(state, author)} app={author === state.hello?.app.id} />
            ))}
            <span class="thread-count">{counted(thread.replies, "reply", "replies")}</span>
            <small>Last reply {clock(thread.last)}</small>
            {thread.unread ? <span class="dot">new</span> : null}
          </button>
        ) : null}
        {entry.private ? (
          <button type="button" class="link" onClick={() => void live.act("dismiss", { ts: entry.ts })}>
            Dismiss message
          </button>
        ) : null}
      </div>
      {entry.private ? null : <Toolbar entry={entry} onThread={onThread} />}
    </div>
  );
});

function Content({ entry }: { entry: Entry }) {
  if (entry.blocks.length) return <Blocks blocks={entry.blocks} />;
  if (!entry.text) return null;
  // What a person typed stands as typed; only an app's text is mrkdwn to be read.
  return entry.by_app ? <Mrkdwn text={entry.text} /> : <p class="typed">{entry.text}</p>;
}

function Toolbar({ entry, onThread }: { entry: Entry; onThread?: (ts: string) => void }) {
  const { live, state, tell } = useHere();
  const shortcuts = (state.hello?.shortcuts ?? []).filter((shortcut) => shortcut.of_message);
  return (
    <div class="toolbar" role="group" aria-label="Message actions">
      <Menu
        label="Add reaction"
        button={<Smile />}
        row
        items={QUICK.map((name) => ({
          label: <span aria-label={name}>{drawn(name)}</span>,
          onPick: () => void live.act("react", { ts: entry.ts, name }),
        }))}
      />
      {onThread ? (
        <button
          type="button"
          aria-label="Reply in thread"
          title="Reply in thread"
          onClick={() => onThread(entry.thread_ts || entry.ts)}
        >
          <Thread />
        </button>
      ) : null}
      {shortcuts.length ? (
        <Menu
          label="More message shortcuts"
          button={<Dots />}
          items={shortcuts.map((shortcut) => ({
            label: shortcut.name,
            hint: state.hello?.app.name,
            onPick: () => {
              void live.act("shortcut", { callback_id: shortcut.id, ts: entry.ts }).then((outcome) => {
                if (!outcome.ok) tell(trouble(outcome.error));
              });
            },
          }))}
        />
      ) : null}
    </div>
  );
}

function Reactions({ entry }: { entry: Entry }) {
  const { live, state } = useHere();
  if (!entry.reactions.length) return null;
  return (
    <div class="reactions" role="group" aria-label="Reactions">
      {entry.reactions.map(({ name, users }) => (
        <button
          key={name}
          type="button"
          aria-pressed={users.includes(state.hello?.user ?? "")}
          title={`${users.map((user) => nameOf(state, user)).join(", ")} reacted with :${name}:`}
          onClick={() => void live.act("react", { ts: entry.ts, name })}
        >
          <span aria-label={name}>{drawn(name)}</span> {users.length}
        </button>
      ))}
    </div>
  );
}

function Shared({ file }: { file: SharedFile }) {
  if (file.picture) {
    return (
      <figure class="shared">
        <figcaption>{file.title}</figcaption>
        <img src={file.url} alt={file.title} />
      </figure>
    );
  }
  return (
    <a class="file" href={file.url} download={file.name}>
      <Paper />
      <span>
        <strong>{file.title}</strong>
        <small>{bytes(file.size)}</small>
      </span>
    </a>
  );
}

export function Avatar({ name, app }: { name: string; app: boolean }) {
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 6, 7);
  return (
    <span class={`avatar ${app ? "app" : `hue-${hue}`}`} aria-hidden="true">
      {app ? "" : name.slice(0, 1).toUpperCase()}
    </span>
  );
}

function drawn(name: string): string {
  return emojiOf(name) ?? `:${name}:`;
}
