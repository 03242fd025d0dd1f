// Reading a list of messages: what was seen, where it is scrolled to, and moving with the keys.

import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { useHere } from "./context";
import type { Entry } from "./types";

const NEAR_PX = 120;
/** So much room stays above what is aligned: its toolbar stands out at the top. */
const EDGE_PX = 16;
const NEXT_TO_NOTHING_PX = 40;
/** For how long what came is news: afterwards the list follows its end again. */
const NEWS_MS = 30_000;
/** So soon after a touch of the list, its moving is somebody's and not ours. */
const TOUCH_MS = 1_000;
const TOUCHES = ["wheel", "touchmove", "keydown", "pointerdown"];

/** Tell that a channel or thread was read up to `last`, while the page is looked at. */
export function useReading(place: string, last: string | undefined): void {
  const { live, state } = useHere();
  const mark = state.read[place] ?? "";
  useEffect(() => {
    if (!last || last <= mark) return;
    const look = () => {
      if (document.visibilityState === "visible") void live.act("look", { place, ts: last });
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [place, last, mark]);
}

/** Whether something new stands below what is seen, and how to go there. */
export interface Below {
  missed: boolean;
  go: () => void;
  /** Go to the end, and stay there: whoever says something wants to see what comes of it. */
  follow: () => void;
}

interface Kept {
  ts: string;
  since: number;
}

/** Stay at the end while things are added there, unless somebody is elsewhere in the list.
 *
 * What came is not pushed out at the top by what comes after it, or by growing itself: its
 * beginning stays in view, and the rest is one press away.
 */
export function useStickyEnd(
  list: RefObject<HTMLElement | null>,
  last: Entry | undefined,
  { fromEnd = true }: { fromEnd?: boolean } = {},
): Below {
  const following = useRef(fromEnd);
  const begun = useRef(!fromEnd);
  const known = useRef(last?.ts ?? "");
  /** The first of what came since somebody moved, while it is news. */
  const kept = useRef<Kept | null>(null);
  const ours = useRef(0);
  /** The first entry that came while somebody was elsewhere. */
  const [missed, setMissed] = useState("");

  function keep(ts: string): void {
    const now = performance.now();
    const before = kept.current;
    if (!before || now - before.since > NEWS_MS || ts <= before.ts) kept.current = { ts, since: now };
  }
  function settle(): void {
    const shown = list.current;
    if (!shown || !following.current) return;
    const news = kept.current && performance.now() - kept.current.since < NEWS_MS ? kept.current.ts : "";
    const first = news ? messageAt(shown, news) : null;
    const end = shown.scrollHeight - shown.clientHeight;
    const most = first ? topIn(shown, first) - EDGE_PX : end;
    shown.scrollTop = Math.max(shown.scrollTop, Math.min(end, most));
    ours.current = shown.scrollTop;
  }

  useEffect(() => {
    const shown = list.current;
    if (!shown) return;
    let touched = 0;
    const heights = new WeakMap<Element, number>();
    const near = () => shown.scrollHeight - shown.scrollTop - shown.clientHeight < NEAR_PX;
    const touch = () => void (touched = performance.now());
    const noted = () => {
      following.current = near();
      const moved = Math.abs(shown.scrollTop - ours.current) > 1;
      if (moved && performance.now() - touched < TOUCH_MS) kept.current = null;
      if (following.current && !isBelow(shown, lastMessage(shown))) setMissed("");
    };
    const grown = new ResizeObserver((changes) => {
      for (const { target } of changes) {
        const height = target.clientHeight;
        const more = height > (heights.get(target) ?? height);
        heights.set(target, height);
        const ts = (target as HTMLElement).dataset.message;
        if (more && ts && following.current && topIn(shown, target) >= shown.scrollTop) keep(ts);
      }
      if (near()) following.current = true;
      settle();
    });
    for (const child of shown.children) grown.observe(child);
    const added = new MutationObserver((changes) => {
      for (const change of changes) {
        for (const node of change.addedNodes) if (node instanceof Element) grown.observe(node);
      }
    });
    added.observe(shown, { childList: true });
    grown.observe(shown);
    for (const kind of TOUCHES) shown.addEventListener(kind, touch, { passive: true });
    shown.addEventListener("scroll", noted, { passive: true });
    return () => {
      grown.disconnect();
      added.disconnect();
      for (const kind of TOUCHES) shown.removeEventListener(kind, touch);
      shown.removeEventListener("scroll", noted);
    };
  }, []);
  useLayoutEffect(() => {
    const shown = list.current;
    if (!shown || !last) return;
    const isNew = !begun.current || last.ts > known.current;
    const first = begun.current ? firstAfter(shown, known.current) : last.ts;
    begun.current = true;
    known.current = last.ts;
    if (following.current) {
      if (isNew) keep(first);
      settle();
    }
    if (isNew && isBelow(shown, lastMessage(shown))) setMissed((before) => before || first);
  }, [last]);

  function go(): void {
    const shown = list.current;
    if (!shown) return;
    messageAt(shown, missed)?.scrollIntoView({ block: "start" });
    ours.current = shown.scrollTop;
    kept.current = { ts: missed, since: performance.now() };
    setMissed("");
  }
  function follow(): void {
    following.current = true;
    kept.current = null;
    setMissed("");
    settle();
  }
  return { missed: missed !== "", go, follow };
}

function topIn(list: Element, one: Element): number {
  return one.getBoundingClientRect().top - list.getBoundingClientRect().top + list.scrollTop;
}

function messageAt(list: Element, ts: string): Element | null {
  return list.querySelector(`[data-message="${ts}"]`);
}

function lastMessage(list: Element): Element | null {
  return list.querySelector(":scope > [data-message]:last-of-type");
}

function firstAfter(list: Element, ts: string): string {
  const all = [...list.querySelectorAll<HTMLElement>("[data-message]")].map((one) => one.dataset.message ?? "");
  return all.find((one) => one > ts) ?? "";
}

/** Whether nothing of it, or next to nothing, is in view. */
function isBelow(list: Element, one: Element | null): boolean {
  return one !== null && topIn(list, one) > list.scrollTop + list.clientHeight - NEXT_TO_NOTHING_PX;
}

/** Arrow keys go from message to message, Home and End to the first and the last. */
export function moveBetweenMessages(event: KeyboardEvent): void {
  const list = event.currentTarget as HTMLElement;
  const focused = document.activeElement;
  const inMessage = focused?.closest("[data-message]");
  if (focused !== list && focused !== inMessage) return;
  const all = [...list.querySelectorAll<HTMLElement>("[data-message]")];
  const at = inMessage ? all.indexOf(inMessage as HTMLElement) : all.length;
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  all[Math.max(0, Math.min(to, all.length - 1))]?.focus();
}
