// Where one types: messages, and slash commands that are completed while they are typed.

import { useEffect, useId, useRef, useState } from "preact/hooks";

import { useHere } from "./context";
import { Bolt, Close, Paper, Plus, Send } from "./icons";
import { Menu } from "./menu";
import type { Channel, Completion } from "./types";
import { counted, overBy, trouble } from "./words";

/** What Slack takes as one message. */
const MOST_TYPED = 12_000;

interface Props {
  channel: Channel;
  thread?: string;
  /** A line to begin with, such as one that the tour proposes; it is put here once. */
  draft?: Draft;
  onDraftTaken?: () => void;
  onSend: () => void;
}

export interface Draft {
  line: string;
  /** Counts up with each line that is put here. */
  at: number;
}

interface Attached {
  id: string;
  name: string;
}

export function Composer({ channel, thread = "", draft, onDraftTaken, onSend }: Props) {
  const { live, state, tell } = useHere();
  const [text, setText] = useState("");
  const [files, setFiles] = useState<Attached[]>([]);
  const [picked, setPicked] = useState(-1);
  const [hidden, setHidden] = useState(false);
  const [busy, setBusy] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const id = useId();
  const found = hidden || thread ? [] : matching(state.hello?.completions ?? [], text);
  const tooLong = text.length > MOST_TYPED;
  const where = thread ? "Reply…" : `Message ${channel.direct ? channel.name : `#${channel.name}`}`;

  useEffect(() => {
    if (!draft?.line) return;
    setText(draft.line);
    setHidden(true);
    area.current?.focus();
    onDraftTaken?.();
  }, [draft?.at]);
  useEffect(() => {
    const shown = area.current;
    if (!shown) return;
    shown.style.height = "auto";
    shown.style.height = `${Math.min(shown.scrollHeight, 240)}px`;
  }, [text]);

  function write(now: string): void {
    setText(now);
    setPicked(-1);
    setHidden(false);
  }

  function complete(one: Completion): void {
    write(one.usage ? `${one.line} ` : one.line);
    if (!one.usage) setHidden(true);
    area.current?.focus();
  }

  async function send(): Promise<void> {
    const line = text.trim();
    if (busy || tooLong || (!line && !files.length)) return;
    setBusy(true);
    onSend();
    const place = { channel: channel.id, thread_ts: thread };
    const command = line.startsWith("/") && !files.length;
    const outcome = await live.act(command ? "command" : "say", {
      text: line,
      files: files.map((file) => file.id),
      ...place,
    });
    setBusy(false);
    const answered = /^[a-z_]+$/.test(outcome.error ?? ""); // then Slackbot says so in the channel
    if (!outcome.ok && !answered) return tell(trouble(outcome.error));
    write("");
    setFiles([]);
  }

  async function attach(chosen: FileList | null): Promise<void> {
    for (const file of chosen ?? []) {
      const outcome = await live.upload(file);
      if (outcome.ok && outcome.id) {
        const kept = { id: outcome.id, name: file.name };
        setFiles((now) => [...now, kept]);
      } else tell(trouble(outcome.error));
    }
    if (chooser.current) chooser.current.value = "";
    area.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const first = found[0]?.line === text.trim() ? undefined : found[0];
    const wanted = found[picked] ?? (event.key === "Tab" ? first : undefined);
    if (found.length && step) {
      event.preventDefault();
      // Nothing is picked at first: upwards from there is the last one.
      const from = picked < 0 && step < 0 ? 0 : picked;
      setPicked((from + step + found.length) % found.length);
    } else if (found.length && event.key === "Escape") {
      event.stopPropagation();
      setHidden(true);
    } else if (wanted && (event.key === "Tab" || event.key === "Enter") && !event.shiftKey) {
      event.preventDefault();
      complete(wanted);
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      void send();
    }
  }

  return (
    <div class="composer" data-tour={thread ? undefined : "composer"}>
      {found.length ? <Found found={found} picked={picked} id={id} onPick={complete} /> : null}
      <div class="composer-box">
        <textarea
          ref={area}
          rows={1}
          value={text}
          placeholder={where}
          aria-label={where}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={`${id}-list`}
          aria-activedescendant={found[picked] ? `${id}-${picked}` : undefined}
          aria-busy={busy}
          disabled={channel.archived}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        {files.length ? (
          <ul class="attached" aria-label="Attached files">
            {files.map((file) => (
              <li key={file.id}>
                <Paper /> {file.name}
                <button
                  type="button"
                  class="quiet"
                  aria-label={`Remove ${file.name}`}
                  onClick={() => setFiles(files.filter((one) => one !== file))}
                >
                  <Close />
                </button>
              </li>
            ))}
          </ul>
        ) : null}
        <div class="composer-foot">
          <button type="button" class="quiet" aria-label="Attach a file" title="Attach a file" onClick={() => chooser.current?.click()}>
            <Plus />
          </button>
          <input ref={chooser} type="file" multiple hidden onChange={(event) => void attach(event.currentTarget.files)} />
          {thread ? null : <Shortcuts onLine={(line) => write(line)} />}
          {tooLong ? (
            <span class="too-long" role="alert">
              {overBy(text.length, MOST_TYPED)} Attach it as a file.
            </span>
          ) : (
            <span class="muted keys">Enter to send · Shift+Enter for a new line</span>
          )}
          <button
            type="button"
            class="send"
            aria-label="Send"
            title="Send"
            disabled={tooLong || (!text.trim() && !files.length)}
            onClick={() => void send()}
          >
            <Send />
          </button>
        </div>
      </div>
    </div>
  );
}

function Shortcuts({ onLine }: { onLine: (line: string) => void }) {
  const { live, state, tell } = useHere();
  const globals = (state.hello?.shortcuts ?? []).filter((shortcut) => !shortcut.of_message);
  const first = state.hello?.completions[0]?.line.split(" ")[0];
  const items = [
    ...(first ? [{ label: first, hint: "Slash command", onPick: () => onLine(`${first} `) }] : []),
    ...globals.map((shortcut) => ({
      label: shortcut.name,
      hint: state.hello?.app.name,
      onPick: () => {
        void live.act("shortcut", { callback_id: shortcut.id }).then((outcome) => {
          if (!outcome.ok) tell(trouble(outcome.error));
        });
      },
    })),
  ];
  return items.length ? <Menu label="Shortcuts" button={<Bolt />} class="quiet" items={items} /> : null;
}

interface FoundProps {
  found: Completion[];
  picked: number;
  id: string;
  onPick: (one: Completion) => void;
}

function Found({ found, picked, id, onPick }: FoundProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [picked]);
  return (
    <div class="completions">
      <p class="completions-head">
        <strong>{counted(found.length, "command", "commands")}</strong>
        <span>↑ ↓ to choose · Enter to take · Esc to close</span>
      </p>
      <ul ref={list} role="listbox" id={`${id}-list`} aria-label="Commands">
        {found.map((one, at) => (
          <li
            key={one.line}
            role="option"
            id={`${id}-${at}`}
            aria-selected={at === picked}
            onPointerDown={(event) => {
              event.preventDefault(); // the focus stays in the text
              onPick(one);
            }}
          >
            <span>
              <strong>{one.line}</strong> <span class="usage">{one.usage}</span>
            </span>
            <small>{one.summary.replaceAll("`", "")}</small>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The lines that what is typed may become; none once it stands there in full. */
function matching(all: Completion[], typed: string): Completion[] {
  if (!typed.startsWith("/")) return [];
  const wanted = typed.toLowerCase();
  const found = all.filter((one) => one.line.startsWith(wanted.trimEnd()) && one.line.length >= wanted.trimEnd().length);
  const exact = found.length === 1 && found[0]?.line === wanted.trimEnd();
  return exact && !wanted.endsWith(" ") && !found[0]?.usage ? [] : found;
}
