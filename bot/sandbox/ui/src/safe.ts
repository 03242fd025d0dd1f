// What comes from an app is text to be shown: addresses lead only where a browser may go safely.

import type { Block, Json } from "./types";

const SCHEMES = new Set(["http:", "https:", "mailto:"]);
const ADDRESSES = new Set(["url", "title_url", "image_url", "thumbnail_url", "video_url", "href"]);

/** Whether following the address runs nothing: javascript: and data: do. */
export function isSafe(address: unknown): boolean {
  if (typeof address !== "string") return false;
  try {
    return SCHEMES.has(new URL(address).protocol);
  } catch {
    return false;
  }
}

/** The same JSON without addresses that are not safe, and without ids that would clash in the DOM. */
export function safe(value: Json): Json {
  if (Array.isArray(value)) return value.map(safe);
  if (value === null || typeof value !== "object") return value;
  const kept: Block = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key === "block_id" || key === "action_id") continue;
    if (ADDRESSES.has(key) && typeof inner === "string" && !isSafe(inner)) continue;
    kept[key] = safe(inner);
  }
  // A link without its address is the text it had.
  if (kept.type === "link" && !kept.url) {
    return { type: "text", text: String(value.text ?? value.url ?? ""), style: value.style };
  }
  return kept;
}
