// The page as a whole: sidebar, channel or Home tab, thread, side panel, tour and dialogs.

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";

import { useAnswers } from "./answers";
import { Channel } from "./channel";
import { HereContext } from "./context";
import { Home } from "./home";
import { Menu as MenuIcon, Moon, Sun, Wrench } from "./icons";
import { nameOf, type Live, type State } from "./live";
import { Modal } from "./modal";
import { Panel } from "./panel";
import { isSafe } from "./safe";
import { Sidebar, type Place } from "./sidebar";
import { useTheme } from "./theme";
import { Thread } from "./thread";
import { Toast } from "./toast";
import { Tour, wantsTour } from "./tour";
import type { Entry } from "./types";
import { counted, spoken } from "./words";

const WIDE_PX = 1240;

export function App({ live }: { live: Live }) {
  const [state, setState] = useState(live.state);
  const [place, setPlace] = useState<Place | null>(null);
  const [thread, setThread] = useState<string | null>(null);
  const [panel, setPanel] = useState(window.innerWidth >= WIDE_PX);
  const [menu, setMenu] = useState(false);
  const [tour, setTour] = useState(wantsTour);
  const [draft, setDraft] = useState({ line: "", at: 0 });
  const [toast, setToast] = useState("");
  const { theme, turn, choice } = useTheme();
  useEffect(() => live.listen(setState), [live]);

  const users = state.hello?.users;
  const names = useMemo(() => {
    const app = state.hello?.app;
    return { users: [...(users ?? []), ...(app ? [app] : [])], channels: state.channels };
  }, [users, state.channels]);
  const here = useMemo(() => ({ live, state, theme, names, tell: setToast }), [live, state, theme, names]);
  const first = state.channels.find((channel) => !channel.direct);
  const direct = state.channels.find((one) => one.direct);
  const shown: Place | null = place ?? (first ? { kind: "channel", id: first.id } : null);
  const channel = shown?.kind === "channel" ? state.channels.find((one) => one.id === shown.id) : undefined;
  const [answer, dropAnswer] = useAnswers(live, state, { channel: channel?.id ?? "", thread });
  const modal = state.modals.at(-1);
  const threadIn = thread ? state.channels.find((one) => one.id === state.entries.get(thread)?.channel) : undefined;
  const openThread = useCallback((ts: string) => setThread(ts), []);

  function go(to: Place): void {
    setPlace(to);
    setThread(null);
    setMenu(false);
    if (to.kind === "home") void live.act("open_home", { tab: "home" });
  }
  function show(entry: Entry): void {
    if (channel?.id !== entry.channel) setPlace({ kind: "channel", id: entry.channel });
    setThread(entry.thread_ts || null);
  }
  function become(name: string): void {
    setThread(null);
    setMenu(false);
    if (place?.kind === "channel" && state.channels.find((one) => one.id === place.id)?.direct) setPlace(null);
    history.replaceState(null, "", `?as=${encodeURIComponent(name)}`);
    live.become(name);
  }
  function onKeyDown(event: KeyboardEvent): void {
    const typing = (event.target as Element).closest("input, textarea, select, dialog");
    if (event.key === "Escape" && !(event.target as Element).closest("dialog")) {
      if (menu) setMenu(false);
      else if (thread) setThread(null);
    } else if (event.key === "F6") {
      event.preventDefault();
      nextRegion(event.shiftKey ? -1 : 1);
    } else if (event.key === "/" && !typing) {
      // The composer takes the slash itself: a command begins with it.
      document.querySelector<HTMLElement>(".composer textarea")?.focus();
    }
  }

  useEffect(() => {
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  });

  /** The library's own links are looked at when they are followed: no other way leads past this. */
  function onClick(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLAnchorElement>(".blocks a[href]");
    if (link && !isSafe(link.getAttribute("href"))) event.preventDefault();
  }

  const classes = ["page", thread ? "has-thread" : "", panel ? "has-panel" : "", menu ? "has-menu" : ""];
  return (
    <HereContext.Provider value={here}>
      <div class={classes.join(" ")} data-theme={theme} onClickCapture={onClick}>
        <a class="skip" href="#main" onClick={() => document.getElementById("main")?.focus()}>
          Skip to the messages
        </a>
        {shown ? <Sidebar place={shown} onPlace={go} onUser={become} /> : <nav class="sidebar" />}
        <main class="main" id="main" tabIndex={-1} data-region>
          <header class="pane-head">
            <button type="button" class="quiet narrow-only" aria-label="Channels" aria-expanded={menu} onClick={() => setMenu(!menu)}>
              <MenuIcon />
            </button>
            <h2>{shown?.kind === "home" ? state.hello?.app.name : channel ? title(channel) : "…"}</h2>
            {shown?.kind === "home" || channel?.direct ? (
              <span class="tabs" role="group" aria-label="What is shown of the app">
                <button type="button" aria-pressed={shown?.kind === "home"} onClick={() => go({ kind: "home" })}>
                  Home
                </button>
                <button
                  type="button"
                  aria-pressed={Boolean(channel)}
                  disabled={!direct}
                  onClick={() => direct && go({ kind: "channel", id: direct.id })}
                >
                  Messages
                </button>
              </span>
            ) : null}
            <span class="muted">{channel && !channel.direct ? counted(channel.members, "member", "members") : ""}</span>
            <span class="spacer" />
            <button type="button" class="quiet" aria-label={`Colours: ${choice}`} title={`Colours: ${choice}`} onClick={turn}>
              {theme === "dark" ? <Sun /> : <Moon />}
            </button>
            {state.hello?.panel ? (
              <button
                type="button"
                aria-label={state.hello.panel.title}
                class={`simulator ${state.panel?.faults.length ? "broken" : ""}`}
                aria-expanded={panel}
                onClick={() => setPanel(!panel)}
              >
                <Wrench /> <span>{state.hello.panel.title}</span>
              </button>
            ) : null}
          </header>
          {state.hello && !state.connected ? (
            <p class="offline" role="alert">
              The demo does not answer. Is it still running? Trying again…
            </p>
          ) : null}
          {shown?.kind === "home" ? <Home /> : null}
          {channel ? (
            <Channel
              key={`${state.hello?.user} ${channel.id}`}
              channel={channel}
              draft={draft}
              onDraftTaken={() => setDraft({ line: "", at: draft.at })}
              onThread={openThread}
            />
          ) : null}
        </main>
        {thread && threadIn ? <Thread key={thread} ts={thread} channel={threadIn} onClose={() => setThread(null)} /> : null}
        {panel && state.hello?.panel ? <Panel onClose={() => setPanel(false)} /> : null}
        {tour && state.panel ? (
          <Tour
            looking={{ thread, panel }}
            onLine={(line) => {
              if (!channel && first) setPlace({ kind: "channel", id: first.id });
              setDraft({ line, at: draft.at + 1 });
            }}
            onPanel={() => setPanel(window.innerWidth >= WIDE_PX || panel)}
            onEnd={() => setTour(false)}
          />
        ) : null}
        {modal ? <Modal key={modal.id} view={modal} /> : null}
        {toast ? <Toast text={toast} trouble onClose={() => setToast("")} /> : null}
        {answer && !toast ? (
          <Toast text={answer.text} label={answer.label} onAct={() => show(answer.entry)} onClose={dropAnswer} />
        ) : null}
        <Announcer state={state} />
      </div>
    </HereContext.Provider>
  );
}

function title(channel: { name: string; direct: boolean }): string {
  return channel.direct ? channel.name : `# ${channel.name}`;
}

/** Says new messages once, in words, to who cannot see them come. */
function Announcer({ state }: { state: State }) {
  const known = useRef<Set<string> | null>(null);
  const [words, setWords] = useState("");
  useEffect(() => {
    if (!state.hello) {
      known.current = null;
      return;
    }
    const before = known.current;
    known.current = new Set(state.entries.keys());
    if (!before) return;
    const fresh = [...state.entries.values()].filter((one: Entry) => !before.has(one.ts) && one.author !== state.hello?.user);
    if (fresh.length) setWords(fresh.map((one) => `${nameOf(state, one.author)}: ${spoken(one)}`).join(" "));
  }, [state.hello, state.entries]);
  return (
    <div class="out-of-sight" aria-live="polite">
      {words}
    </div>
  );
}

/** F6 goes round the parts of the page, as in Slack. */
function nextRegion(step: number): void {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")].filter((one) => one.offsetParent);
  const at = regions.findIndex((one) => one.contains(document.activeElement));
  const region = regions[(at + step + regions.length) % regions.length];
  const target = region?.querySelector<HTMLElement>("textarea, [tabindex='0'], button");
  (target ?? region)?.focus();
}
