// Slack's mrkdwn as the elements of rich text, which the library draws exactly as they are.
// The library's own reading of mrkdwn takes &lt;!channel&gt; for a mention and 16:24:18 for an emoji.

import { emojiOf } from "./library";
import type { Block } from "./types";

type Style = Record<string, true>;

const SIGNS: Record<string, string> = { "*": "bold", _: "italic", "~": "strike" };
// So many places are tried where a mark could end: a line of nothing but marks stays cheap.
const TRIED = 40;

/** A text object as rich text. */
export function richText(object: { type?: string; text?: string; emoji?: boolean }): Block {
  const text = String(object.text ?? "");
  const elements =
    object.type === "mrkdwn" ? mrkdwn(text) : [section(object.emoji === false ? words(text, {}) : withEmoji(text, {}))];
  return { type: "rich_text", elements };
}

/** The blocks of mrkdwn: code, quotes, and everything between them. */
export function mrkdwn(text: string): Block[] {
  const blocks: Block[] = [];
  text.split("```").forEach((part, at, all) => {
    if (at % 2 && at < all.length - 1) {
      const code = part.replace(/^\n|\n$/g, "");
      blocks.push({ type: "rich_text_preformatted", elements: [{ type: "text", text: unescaped(code) }] });
    } else {
      blocks.push(...paragraphs(at % 2 ? `\`\`\`${part}` : part));
    }
  });
  return blocks;
}

function paragraphs(text: string): Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let quoted = false;
  const flush = () => {
    const joined = lines.join("\n");
    if (joined.trim()) {
      blocks.push({ ...section(inline(joined, {})), type: quoted ? "rich_text_quote" : "rich_text_section" });
    }
    lines = [];
  };
  for (const line of text.split("\n")) {
    const quote = /^(?:>|&gt;) ?/.exec(line);
    if (Boolean(quote) !== quoted) flush();
    quoted = Boolean(quote);
    lines.push(quote ? line.slice(quote[0].length) : line);
  }
  flush();
  return blocks;
}

function inline(text: string, style: Style): Block[] {
  const found: Block[] = [];
  let plain = "";
  const flush = () => {
    if (plain) found.push(...withEmoji(unescaped(plain), style));
    plain = "";
  };
  for (let at = 0; at < text.length; ) {
    const mark = code(text, at, style) ?? named(text, at, style) ?? styled(text, at, style);
    if (mark) {
      flush();
      found.push(...mark.elements);
      at = mark.end;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return found;
}

interface Mark {
  elements: Block[];
  end: number;
}

function code(text: string, at: number, style: Style): Mark | null {
  if (text[at] !== "`") return null;
  const end = text.indexOf("`", at + 1);
  const inner = text.slice(at + 1, end);
  if (end < 0 || !inner.trim() || inner.includes("\n")) return null;
  return { elements: words(unescaped(inner), { ...style, code: true }), end: end + 1 };
}

/** What stands in angle brackets: people, channels, dates, links. */
function named(text: string, at: number, style: Style): Mark | null {
  if (text[at] !== "<") return null;
  const end = text.indexOf(">", at + 1);
  const inner = text.slice(at + 1, end);
  if (end < 0 || !inner || inner.includes("\n") || inner.includes("<")) return null;
  const [target = "", ...rest] = inner.split("|");
  if (!/^[@#!]|^[a-z][a-z0-9+.-]*:/i.test(target)) return null; // nothing that could be meant
  return { elements: [reference(target, unescaped(rest.join("|")), style)], end: end + 1 };
}

function reference(target: string, label: string, style: Style): Block {
  const date = /^!date\^(\d+)\^([^^]*)/.exec(target);
  if (date) return { type: "date", timestamp: Number(date[1]), format: date[2], fallback: label, style };
  if (target.startsWith("@")) return { type: "user", user_id: target.slice(1), style };
  if (target.startsWith("#")) return { type: "channel", channel_id: target.slice(1), style };
  if (target.startsWith("!subteam^")) return { type: "usergroup", usergroup_id: target.slice(9), style };
  if (target.startsWith("!")) return { type: "broadcast", range: target.slice(1), style };
  return { type: "link", url: unescaped(target), text: label || unescaped(target), style };
}

/** Bold, italic or struck text: its signs stand at the edges of words, on one line. */
function styled(text: string, at: number, style: Style): Mark | null {
  const sign = text[at] ?? "";
  const name = SIGNS[sign];
  if (!name || style[name] || isWord(text[at - 1]) || text[at - 1] === sign) return null;
  if (!text[at + 1] || /\s/.test(text[at + 1] ?? "")) return null;
  const line = text.indexOf("\n", at);
  const last = line < 0 ? text.length : line;
  let end = at;
  for (let tried = 0; tried < TRIED; tried += 1) {
    end = text.indexOf(sign, end + 1);
    if (end < 0 || end >= last) return null;
    const closes = end > at + 1 && !/\s/.test(text[end - 1] ?? "") && !isWord(text[end + 1]);
    if (closes && text[end + 1] !== sign) {
      return { elements: inline(text.slice(at + 1, end), { ...style, [name]: true }), end: end + 1 };
    }
  }
  return null;
}

/** Text in which :names: of emoji stand as such; what only looks like one stays text. */
function withEmoji(text: string, style: Style): Block[] {
  const found: Block[] = [];
  let plain = "";
  for (const part of text.split(/(:[a-z0-9_+'-]{1,100}:)/)) {
    const name = part.length > 2 && part.startsWith(":") && part.endsWith(":") ? part.slice(1, -1) : "";
    if (name && emojiOf(name)) {
      found.push(...words(plain, style), { type: "emoji", name });
      plain = "";
    } else {
      plain += part;
    }
  }
  return [...found, ...words(plain, style)];
}

function words(text: string, style: Style): Block[] {
  return text ? [{ type: "text", text, style }] : [];
}

function section(elements: Block[]): Block {
  return { type: "rich_text_section", elements };
}

function isWord(letter: string | undefined): boolean {
  return letter !== undefined && /[\p{L}\p{N}]/u.test(letter);
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
