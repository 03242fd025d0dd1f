// Reading a list of messages: what was seen, where it is scrolled to, and moving with the keys.

import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { useHere } from "./context";
import type { Entry } from "./types";

const NEAR_PX = 120;

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
}

/** Stay at the end while things are added there, unless somebody is elsewhere in the list. */
export function useStickyEnd(
  list: RefObject<HTMLElement | null>,
  last: Entry | undefined,
  { fromEnd = true }: { fromEnd?: boolean } = {},
): Below {
  const atEnd = useRef(fromEnd);
  const known = useRef(last?.ts ?? "");
  /** The first entry that came while somebody was elsewhere. */
  const [missed, setMissed] = useState("");
  useEffect(() => {
    const shown = list.current;
    if (!shown) return;
    const noted = () => {
      atEnd.current = shown.scrollHeight - shown.scrollTop - shown.clientHeight < NEAR_PX;
      if (atEnd.current) setMissed("");
    };
    const stay = () => {
      if (atEnd.current) shown.scrollTop = shown.scrollHeight;
    };
    const grown = new ResizeObserver(stay);
    for (const child of shown.children) grown.observe(child);
    const added = new MutationObserver((changes) => {
      for (const change of changes) {
        for (const node of change.addedNodes) if (node instanceof Element) grown.observe(node);
      }
    });
    added.observe(shown, { childList: true });
    grown.observe(shown);
    shown.addEventListener("scroll", noted, { passive: true });
    return () => {
      grown.disconnect();
      added.disconnect();
      shown.removeEventListener("scroll", noted);
    };
  }, []);
  useLayoutEffect(() => {
    if (!list.current || !last) return;
    if (atEnd.current) list.current.scrollTop = list.current.scrollHeight;
    else if (last.ts > known.current) setMissed((first) => first || last.ts);
    known.current = last.ts;
  }, [last]);
  function go(): void {
    list.current?.querySelector(`[data-message="${missed}"]`)?.scrollIntoView({ block: "start" });
    setMissed("");
  }
  return { missed: missed !== "", go };
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
