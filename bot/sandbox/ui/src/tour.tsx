// The steps through the product. What was done is passed over, and all can be left out.

import { useEffect, useRef, useState } from "preact/hooks";

import { useHere } from "./context";
import { Close, Unfold } from "./icons";
import type { State } from "./live";
import {
  advance,
  AGAIN,
  begin,
  buttonOf,
  fromApp,
  incidents,
  isUntaken,
  posted,
  replies,
  runs,
  TAKE,
  type Looking,
  type Progress,
} from "./progress";
import type { Entry } from "./types";

const KEPT = "mini-slack-tour";

interface Step {
  title: string;
  text: string;
  /** What is outlined on the page now, as a selector; empty for nothing. */
  at: (state: State, looking: Looking, progress: Progress) => string;
  /** It is about what stands in the side panel. */
  panel?: boolean;
  /** Only where checks are also made by themselves. */
  watched?: boolean;
  /** A line to put into the composer, while that is what is outlined. */
  line?: string;
  done: (progress: Progress, state: State) => boolean;
}

const ASK = "/stagecheck staging";
const COMPOSER = ".main [data-tour=composer] .composer-box";

const STEPS: Step[] = [
  {
    title: "Ask whether staging works",
    text: "The bot runs staging's pipeline the way a user would, and shows each step while it runs.",
    at: (state, _, { since }) => (posted(state, since).length ? "" : COMPOSER),
    line: ASK,
    done: ({ asked }) => asked,
  },
  {
    title: "Open the thread",
    text: "The report is in the thread below the message: what was checked, and the proof that it ran.",
    at: (state) => threadOf(runs(state, "").findLast((one) => replies(state, one.ts))),
    done: ({ opened }) => opened,
  },
  {
    title: "Break staging",
    text:
      "At the side, switch on seed, “Two faults at once”: the failure this bot was made for. " +
      "Its loudest error is not its cause.",
    at: (_, looking) => (looking.panel ? "[data-fault=seed]" : ".simulator"),
    panel: true,
    done: ({ broken, read }) => broken || read,
  },
  {
    title: "Ask again, and read why",
    text:
      "Then open the new thread. Five whys lead from what was seen to the cause; " +
      "what only looks like it is kept apart.",
    at: (state, _, { failing }) => {
      const asked = runs(state, "").filter((one) => failing.has(one.ts));
      return asked.length ? threadOf(asked.find((one) => replies(state, one.ts))) : COMPOSER;
    },
    line: ASK,
    done: ({ read }) => read,
  },
  {
    title: "Take the incident",
    text:
      "Checks are also made by themselves. When they fail in a row, an incident opens in the channel, " +
      "within half a minute. Press Acknowledge: then all see that somebody looks after it.",
    at: (state) => {
      const open = incidents(state).find(isUntaken);
      return open ? selectorOf(open, TAKE) : "";
    },
    watched: true,
    // Nothing is left to take once it was mended before.
    done: ({ taken, broken }, state) => taken || (!broken && !incidents(state).some(isUntaken)),
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
    done: ({ again }) => again,
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
  const [passed, setPassed] = useState<ReadonlySet<Step>>(new Set());
  const [folded, fold] = useState(false);
  const progress = useRef<Progress | null>(null);
  const now = advance(progress.current ?? begin(state), state, looking);
  progress.current = now;
  const steps = STEPS.filter((one) => !one.watched || state.panel?.checks);
  const step = steps.find((one) => !passed.has(one) && !one.done(now, state));
  const shown = useRef(step);
  const outlined = step?.at(state, looking, now) ?? "";

  useEffect(() => {
    if (step?.panel) onPanel();
    if (step !== shown.current) fold(true);
    shown.current = step;
  }, [step]);
  useOutline(outlined);

  function end(): void {
    localStorage.setItem(KEPT, "done");
    onEnd();
  }

  return (
    <section class={`tour ${folded ? "folded" : ""}`} aria-label="Tour" data-region>
      <button
        type="button"
        class="quiet fold"
        aria-label="What to do in this step"
        aria-expanded={!folded}
        onClick={() => fold(!folded)}
      >
        <Unfold />
      </button>
      <button type="button" class="quiet" aria-label="End the tour" onClick={end}>
        <Close />
      </button>
      <div class="tour-said" aria-live="polite">
        {step ? (
          <>
            <p class="tour-at">
              Step {steps.indexOf(step) + 1} of {steps.length}
            </p>
            <h2>{step.title}</h2>
            <p class="tour-text">{step.text}</p>
          </>
        ) : (
          <>
            <p class="tour-at">That is all</p>
            <h2>You know your way around</h2>
            <p class="tour-text">
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
            <button type="button" class="link" onClick={() => setPassed(new Set([...passed, step]))}>
              Next
            </button>
            {step.line && outlined === COMPOSER ? (
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

function threadOf(entry: Entry | undefined): string {
  return entry ? `[data-message="${entry.ts}"] .thread-link` : "";
}

function selectorOf(entry: Entry, label: string): string {
  const action = CSS.escape(String(buttonOf(entry, label)?.action_id));
  return `[data-message="${entry.ts}"] [data-action="${action}"]`;
}
