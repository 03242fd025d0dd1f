// Small sentences and times that several parts of the page say.

import type { Entry } from "./types";

export function trouble(error = ""): string {
  if (/^[a-z_]+$/.test(error)) return `The app did not take it (${error}).`;
  return error || "That did not work.";
}

export function clock(ts: string): string {
  return new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
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
  return `${count} ${count === 1 ? one : several}`;
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
