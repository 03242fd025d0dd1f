// What comes from an app is text to be shown: addresses lead only where a browser may go safely.

import type { Block, Json } from "./types";

const SCHEMES = new Set(["http:", "https:", "mailto:"]);
// Ids would clash in the DOM; of verbatim text the library shows mentions and dates as their markup,
// which Slack does not.
const LEFT_OUT = new Set(["action_id", "block_id", "verbatim"]);
const TEXTS = new Set(["text", "plain_text", "raw_text"]);
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

/** The same JSON as the library may draw it: without addresses that are not safe, among others. */
export function safe(value: Json): Json {
  return drawable(value, false);
}

function drawable(value: Json, verbatim: boolean): Json {
  if (Array.isArray(value)) return value.map((one) => drawable(one, verbatim));
  if (value === null || typeof value !== "object") return value;
  const asIs = verbatim || value.type === "rich_text_preformatted" || Boolean(value.style?.code);
  const kept: Block = {};
  for (const [key, inner] of Object.entries(value)) {
    if (LEFT_OUT.has(key)) continue;
    if (ADDRESSES.has(key) && typeof inner === "string" && !isSafe(inner)) continue;
    kept[key] = drawable(inner, asIs);
  }
  if (TEXTS.has(kept.type) && typeof kept.text === "string" && !asIs) kept.text = together(kept.text);
  if (kept.type === "rich_text" && Array.isArray(kept.elements)) kept.elements = renumbered(kept.elements);
  // The library reads markup in a cell of raw text, which Slack does not.
  if (kept.type === "raw_text" || kept.type === "raw_number") return plain(String(kept.text ?? kept.value ?? ""));
  // A link without its address is the text it had.
  if (kept.type === "link" && !kept.url) {
    return { type: "text", text: String(value.text ?? value.url ?? ""), style: value.style };
  }
  return kept;
}

/** A number and its unit on one line. */
function together(text: string): string {
  return text.replace(/(\d) (?=(?:ms|s|min|h|B|kB|MB|GB|%)(?![\p{L}\p{N}]))/gu, "$1\u00a0");
}

function plain(text: string): Block {
  const elements = [{ type: "text", text }];
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements }] };
}

/** Lists whose first number is `offset` + 1, as in Slack; the library adds what it counted itself. */
function renumbered(elements: Block[]): Block[] {
  const counted: number[] = [];
  return elements.map((element) => {
    if (element.type !== "rich_text_list") {
      counted.length = 0;
      return element;
    }
    const level = Number(element.indent ?? 0);
    counted.length = Math.min(counted.length, level + 1);
    const before = counted[level] ?? 0;
    counted[level] = before + (element.elements?.length ?? 0);
    return element.offset === undefined ? element : { ...element, offset: Number(element.offset) - before };
  });
}
