// What somebody has done so far of what the tour shows, in whatever order it was done.

import type { State } from "./live";
import type { Block, Entry } from "./types";

export const TAKE = "Acknowledge";
export const AGAIN = "Re-run Check";

export interface Looking {
  thread: string | null;
  panel: boolean;
}

export interface Progress {
  /** The newest message when the tour began: what stood there before is nobody's step. */
  since: string;
  /** Staging is broken now. */
  broken: boolean;
  /** The newest message when staging was last broken or mended. */
  changed: string;
  /** What the app posted while staging was broken. */
  failing: ReadonlySet<string>;
  /** Incidents that nobody had when they were seen. */
  untaken: ReadonlySet<string>;
  asked: boolean;
  opened: boolean;
  /** The report of a run on a broken staging was opened. */
  read: boolean;
  taken: boolean;
  /** A check was asked for after staging was mended, and has ended. */
  again: boolean;
}

export function begin(state: State): Progress {
  const since = newest(state);
  return {
    since,
    broken: false,
    changed: since,
    failing: new Set(),
    untaken: new Set(),
    asked: false,
    opened: false,
    read: false,
    taken: false,
    again: false,
  };
}

/** What was done by now. Once done stays done; the same state twice changes nothing. */
export function advance(before: Progress, state: State, looking: Looking): Progress {
  const broken = (state.panel?.faults.length ?? 0) > 0;
  const changed = before.broken === broken ? before.changed : newest(state);
  const fresh = broken ? fromApp(state, changed).map((one) => one.ts) : [];
  const failing = new Set([...before.failing, ...fresh]);
  const untaken = new Set([...before.untaken, ...incidents(state).filter(isUntaken).map((one) => one.ts)]);
  const thread = looking.thread ?? "";
  const isRead = fromApp(state, "").some(
    (one) => failing.has(one.ts) && (one.thread_ts || one.ts) === thread && (isOutcome(one) || isIncident(one)),
  );
  const me = `<@${state.hello?.user}>`;
  const mended = !broken && failing.size > 0;
  return {
    since: before.since,
    broken,
    changed,
    failing,
    untaken,
    asked: before.asked || posted(state, before.since).some((run) => replies(state, run.ts)),
    opened: before.opened || looking.thread !== null,
    read: before.read || (isRead && replies(state, thread)),
    taken: before.taken || incidents(state).some((one) => untaken.has(one.ts) && !isUntaken(one)),
    again: before.again || (mended && fromApp(state, changed).some((one) => isOutcome(one) && isAskedBy(one, me))),
  };
}

/** What the app posted into the channel after a time stamp, oldest first. */
export function posted(state: State, since: string): Entry[] {
  return fromApp(state, since).filter((entry) => !entry.thread_ts);
}

/** What the app posted for all, a check that was made again in a thread included. */
export function fromApp(state: State, since: string): Entry[] {
  const app = state.hello?.app.id;
  return [...state.entries.values()]
    .filter((entry) => entry.author === app && !entry.private && entry.ts > since)
    .sort((a, b) => Number(a.ts) - Number(b.ts));
}

export function replies(state: State, ts: string): boolean {
  return [...state.entries.values()].some((entry) => entry.thread_ts === ts);
}

/** Checks that were asked for in the channel. */
export function runs(state: State, since: string): Entry[] {
  return posted(state, since).filter((entry) => !isIncident(entry));
}

export function incidents(state: State): Entry[] {
  return posted(state, "").filter(isIncident);
}

export function isUntaken(incident: Entry): boolean {
  return buttonOf(incident, TAKE) !== undefined;
}

export function buttonOf(entry: Entry, label: string): Block | undefined {
  const elements: Block[] = entry.blocks.flatMap((block) => block.elements ?? []);
  return elements.find((element) => element.text?.text === label);
}

function isIncident(entry: Entry): boolean {
  return entry.blocks.some((block) => String(block.block_id ?? "").startsWith("incident_"));
}

/** Whether it says how a check ended: that takes the place of what said that it runs. */
function isOutcome(entry: Entry): boolean {
  return hasSteps(entry) && !isIncident(entry) && buttonOf(entry, AGAIN) !== undefined;
}

/** The report below an outcome offers the same, but shows no steps as they were taken. */
function hasSteps(entry: Entry): boolean {
  return entry.blocks.some((block) => block.type === "plan");
}

function isAskedBy(entry: Entry, mention: string): boolean {
  const small: Block[] = entry.blocks.filter((block) => block.type === "context").flatMap((block) => block.elements ?? []);
  return small.some((one) => String(one.text ?? "").includes(mention));
}

function newest(state: State): string {
  return [...state.entries.keys()].reduce((last, ts) => (ts > last ? ts : last), "");
}
