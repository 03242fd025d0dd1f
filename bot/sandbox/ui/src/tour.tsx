// The steps through the product. Each goes on by itself once it was done, and all can be left out.

import { useEffect, useRef, useState } from "preact/hooks";

import { useHere } from "./context";
import { Close } from "./icons";
import type { State } from "./live";
import type { Block, Entry } from "./types";

const KEPT = "mini-slack-tour";

export interface Looking {
  thread: string | null;
  panel: boolean;
}

interface Step {
  title: string;
  text: string;
  /** What is outlined on the page now, as a selector; empty for nothing. */
  at: (state: State, looking: Looking, since: string) => string;
  /** It is about what stands in the side panel. */
  panel?: boolean;
  /** Only where checks are also made by themselves. */
  watched?: boolean;
  /** A line to put into the composer. */
  line?: string;
  done: (state: State, looking: Looking, since: string) => boolean;
}

const ASK = "/stagecheck staging";
const TAKE = "Acknowledge";
const AGAIN = "Re-run Check";
const COMPOSER = ".main [data-tour=composer] .composer-box";

const STEPS: Step[] = [
  {
    title: "Ask whether staging works",
    text: "The bot runs staging's pipeline the way a user would, and shows each step while it runs.",
    at: (state, _, since) => (posted(state, since).length ? "" : COMPOSER),
    line: ASK,
    done: (state, _, since) => posted(state, since).some((run) => replies(state, run.ts)),
  },
  {
    title: "Open the thread",
    text: "The report is in the thread below the message: what was checked, and the proof that it ran.",
    at: (state) => threadOf(runs(state, "").findLast((one) => replies(state, one.ts))),
    done: (_, looking) => looking.thread !== null,
  },
  {
    title: "Break staging",
    text:
      "At the side, switch on seed, “Two faults at once”: the failure this bot was made for. " +
      "Its loudest error is not its cause.",
    at: (_, looking) => (looking.panel ? "[data-fault=seed]" : ".simulator"),
    panel: true,
    done: (state) => (state.panel?.faults.length ?? 0) > 0,
  },
  {
    title: "Ask again, and read why",
    text:
      "Then open the new thread. Five whys lead from what was seen to the cause; " +
      "what only looks like it is kept apart.",
    at: (state, _, since) => {
      const asked = runs(state, since);
      return asked.length ? threadOf(asked.find((one) => replies(state, one.ts))) : COMPOSER;
    },
    line: ASK,
    done: (state, looking, since) =>
      looking.thread !== null && looking.thread > since && replies(state, looking.thread),
  },
  {
    title: "Take the incident",
    text:
      "Checks are also made by themselves. When they fail in a row, an incident opens in the channel, " +
      "within half a minute. Press Acknowledge: then all see that somebody looks after it.",
    at: (state) => {
      const open = incidents(state).find((one) => buttonOf(one, TAKE));
      return open ? selectorOf(open, TAKE) : "";
    },
    watched: true,
    done: (state) => incidents(state).some((one) => !buttonOf(one, TAKE)),
  },
  {
    title: "Mend it, and press Re-run Check",
    text: "Press Fix everything at the side, then Re-run Check in the thread. The next check says what changed.",
    at: (state, looking) => {
      if (state.panel?.faults.length) return looking.panel ? "[data-tour=fix]" : ".simulator";
      const shown = fromApp(state, "").filter((one) => [one.ts, one.thread_ts].includes(looking.thread ?? one.ts));
      const last = shown.findLast((one) => buttonOf(one, AGAIN));
      return last ? `${looking.thread ? ".thread" : ".main"} ${selectorOf(last, AGAIN)}` : "";
    },
    panel: true,
    done: (state, _, since) =>
      state.panel?.faults.length === 0 && fromApp(state, since).some((one) => one.edited || replies(state, one.ts)),
  },
];

interface Props {
  looking: Looking;
  onLine: (line: string) => void;
  onPanel: () => void;
  onEnd: () => void;
}

export function Tour({ looking, onLine, onPanel, onEnd }: Props) {
  const { state } = useHere();
  const [at, setAt] = useState(0);
  // What stood here before is nobody's step: somebody else's check, or one of an earlier visit.
  const [since, setSince] = useState(() => newest(state));
  const steps = STEPS.filter((one) => !one.watched || state.panel?.checks);
  const step = steps[at];
  const done = step?.done(state, looking, since) ?? false;

  useEffect(() => {
    if (!done) return;
    setAt(at + 1);
    setSince(newest(state));
  }, [done, at]);
  useEffect(() => {
    if (step?.panel) onPanel();
  }, [at]);
  useOutline(step?.at(state, looking, since) ?? "");

  function end(): void {
    localStorage.setItem(KEPT, "done");
    onEnd();
  }

  return (
    <section class="tour" aria-label="Tour" data-region>
      <button type="button" class="quiet" aria-label="End the tour" onClick={end}>
        <Close />
      </button>
      <div aria-live="polite">
        {step ? (
          <>
            <p class="tour-at">
              Step {at + 1} of {steps.length}
            </p>
            <h2>{step.title}</h2>
            <p>{step.text}</p>
          </>
        ) : (
          <>
            <p class="tour-at">That is all</p>
            <h2>You know your way around</h2>
            <p>
              There is more: the app's Home tab in the sidebar, a week as a chart with /stagecheck history 7d, a log
              of yours with /stagecheck explain, and every other way to break it at the side.
            </p>
          </>
        )}
      </div>
      <div class="tour-foot">
        {step ? (
          <>
            <button type="button" class="link" onClick={end}>
              Skip the tour
            </button>
            <button type="button" class="link" onClick={() => setAt(at + 1)}>
              Next
            </button>
            {step.line ? (
              <button type="button" class="primary" onClick={() => onLine(step.line ?? "")}>
                Type it for me
              </button>
            ) : null}
          </>
        ) : (
          <button type="button" class="primary" onClick={end}>
            Close
          </button>
        )}
      </div>
    </section>
  );
}

/** Whether the tour was not ended before in this browser. */
export function wantsTour(): boolean {
  return localStorage.getItem(KEPT) !== "done";
}

/** Outlines one thing on the page, whenever it comes to be there. */
function useOutline(selector: string): void {
  const outlined = useRef<HTMLElement | null>(null);
  useEffect(() => {
    const found = selector ? document.querySelector<HTMLElement>(selector) : null;
    if (found === outlined.current) return;
    if (outlined.current) delete outlined.current.dataset.tourHere;
    if (found) found.dataset.tourHere = "";
    outlined.current = found;
  });
  useEffect(() => () => void delete outlined.current?.dataset.tourHere, []);
}

/** What the app posted into the channel after a time stamp, oldest first. */
function posted(state: State, since: string): Entry[] {
  return fromApp(state, since).filter((entry) => !entry.thread_ts);
}

/** What the app posted for all, a check that was made again in a thread included. */
function fromApp(state: State, since: string): Entry[] {
  const app = state.hello?.app.id;
  return [...state.entries.values()]
    .filter((entry) => entry.author === app && !entry.private && entry.ts > since)
    .sort((a, b) => Number(a.ts) - Number(b.ts));
}

function replies(state: State, ts: string): boolean {
  return [...state.entries.values()].some((entry) => entry.thread_ts === ts);
}

/** Checks that were asked for in the channel. */
function runs(state: State, since: string): Entry[] {
  return posted(state, since).filter((entry) => !isIncident(entry));
}

function threadOf(entry: Entry | undefined): string {
  return entry ? `[data-message="${entry.ts}"] .thread-link` : "";
}

function incidents(state: State): Entry[] {
  return posted(state, "").filter(isIncident);
}

function isIncident(entry: Entry): boolean {
  return entry.blocks.some((block) => String(block.block_id ?? "").startsWith("incident_"));
}

function buttonOf(entry: Entry, label: string): Block | undefined {
  const elements: Block[] = entry.blocks.flatMap((block) => block.elements ?? []);
  return elements.find((element) => element.text?.text === label);
}

function selectorOf(entry: Entry, label: string): string {
  const action = CSS.escape(String(buttonOf(entry, label)?.action_id));
  return `[data-message="${entry.ts}"] [data-action="${action}"]`;
}

function newest(state: State): string {
  return [...state.entries.keys()].reduce((last, ts) => (ts > last ? ts : last), "");
}
