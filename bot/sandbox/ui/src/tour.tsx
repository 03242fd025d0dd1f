// Five steps through the product. Each goes on by itself once it was done, and all can be left out.

import { useEffect, useState } from "preact/hooks";

import { useHere } from "./context";
import { Close } from "./icons";
import type { State } from "./live";
import type { Entry } from "./types";

const KEPT = "mini-slack-tour";

export interface Looking {
  thread: string | null;
  panel: boolean;
}

interface Step {
  title: string;
  text: string;
  /** What is outlined on the page. */
  at: string;
  /** A line to put into the composer. */
  line?: string;
  done: (state: State, looking: Looking, since: string) => boolean;
}

const ASK = "/stagecheck staging";

const STEPS: Step[] = [
  {
    title: "Ask whether staging works",
    text: "The bot runs staging's pipeline the way a user would, and shows each step while it runs.",
    at: "composer",
    line: ASK,
    done: (state, _, since) => posted(state, since).some((run) => replies(state, run.ts)),
  },
  {
    title: "Open the thread",
    text: "The report is in the thread below the message: what was checked, and the proof that it ran.",
    at: "thread",
    done: (_, looking) => looking.thread !== null,
  },
  {
    title: "Break staging",
    text: "On the right, switch on seed: the failure this bot was made for. Its loudest error is not its cause.",
    at: "panel",
    done: (state) => (state.panel?.faults.length ?? 0) > 0,
  },
  {
    title: "Ask again, and read why",
    text: "Open the new thread. Five whys lead from what was seen to the cause; what only looks like it is kept apart.",
    at: "composer",
    line: ASK,
    done: (state, looking, since) =>
      looking.thread !== null && looking.thread > since && replies(state, looking.thread),
  },
  {
    title: "Mend it, and press Re-run Check",
    text: "Press Fix everything on the right, then Re-run Check in the thread. The next check says what changed.",
    at: "fix",
    done: (state, _, since) =>
      state.panel?.faults.length === 0 && posted(state, since).some((one) => one.edited || replies(state, one.ts)),
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
  const [since, setSince] = useState("");
  const step = STEPS[at];
  const done = step?.done(state, looking, since) ?? false;

  useEffect(() => {
    if (!done) return;
    setAt(at + 1);
    setSince(newest(state));
  }, [done]);
  useEffect(() => {
    document.body.dataset.tourAt = step?.at ?? "";
    if (step?.at === "panel" || step?.at === "fix") onPanel();
    return () => delete document.body.dataset.tourAt;
  }, [at]);

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
              Step {at + 1} of {STEPS.length}
            </p>
            <h2>{step.title}</h2>
            <p>{step.text}</p>
          </>
        ) : (
          <>
            <p class="tour-at">That is all</p>
            <h2>You know your way around</h2>
            <p>
              Try /stagecheck explain with a log of yours, react, act as somebody else, or break it in another of its
              ways.
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

/** What the app posted for all after a time stamp. A check's message is edited when it ends. */
function posted(state: State, since: string): Entry[] {
  const app = state.hello?.app.id;
  return [...state.entries.values()].filter(
    (entry) => entry.author === app && !entry.private && entry.ts > since,
  );
}

function replies(state: State, ts: string): boolean {
  return [...state.entries.values()].some((entry) => entry.thread_ts === ts);
}

function newest(state: State): string {
  return [...state.entries.keys()].reduce((last, ts) => (ts > last ? ts : last), "");
}
