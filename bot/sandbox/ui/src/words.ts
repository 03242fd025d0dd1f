// Small sentences and times that several parts of the page say.

import type { Entry } from "./types";

export function trouble(error = ""): string {
  if (/^[a-z_]+$/.test(error)) return `The app did not take it (${error}).`;
  return error || "That did not work.";
}

export function clock(ts: string): string {
  return new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
}

/** A time to the second: what comes within the minute. */
export function moment(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString([], { timeStyle: "medium" });
}

/** A pause in words, such as "minute" or "15 seconds", to stand behind "every". */
export function lasting(seconds: number): string {
  if (seconds % 60) return `${seconds} seconds`;
  if (seconds % 3600) return seconds === 60 ? "minute" : `${seconds / 60} minutes`;
  return seconds === 3600 ? "hour" : `${seconds / 3600} hours`;
}

export function fullTime(ts: string): string {
  return new Date(Number(ts) * 1000).toLocaleString([], { dateStyle: "full", timeStyle: "medium" });
}

export function day(ts: string): string {
  const at = new Date(Number(ts) * 1000);
  if (at.toDateString() === new Date().toDateString()) return "Today";
  return at.toLocaleDateString([], { weekday: "long", month: "long", day: "numeric" });
}

export function counted(count: number, one: string, several: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : several}`;
}

/** What is said of a text that has more characters than it may. */
export function overBy(length: number, most: number): string {
  const over = counted(length - most, "character", "characters");
  return `${over} too many: at most ${most.toLocaleString("en")} fit.`;
}

export function bytes(size: number): string {
  if (size < 1024) return counted(size, "byte", "bytes");
  return size < 1024 * 1024 ? `${Math.round(size / 1024)} kB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}

/** What a screen reader says of a new message: its fallback text without markup, in brief. */
export function spoken(entry: Entry): string {
  const plain = entry.text.replace(/<[^>|]*\|([^>]*)>/g, "$1").replace(/[*_~`<>]/g, "");
  return plain.length > 300 ? `${plain.slice(0, 300)}…` : plain;
}
