// The one place that knows the library which draws Slack's blocks.

import type { ComponentChildren, FunctionComponent } from "preact";
import * as emoji from "node-emoji";
import * as library from "slack-blocks-to-jsx";
import "slack-blocks-to-jsx/dist/style.css";

import type { Block } from "./types";

export interface DrawnProps {
  blocks: Block[];
  name: string;
  logo: string;
  theme: "light" | "dark";
  withoutWrapper: true;
  data: { users: { id: string; name: string }[]; channels: { id: string; name: string }[] };
  hooks: {
    link: (link: { href: string; children: ComponentChildren; className?: string }) => ComponentChildren;
  };
}

// The library's types are React's; Preact draws it.
export const Drawn = library.Message as unknown as FunctionComponent<DrawnProps>;

// Slack's own names, such as large_green_circle: the build has the library give them out.
const { slackEmoji } = library as unknown as { slackEmoji: Record<string, string> };

/** The emoji of a name as Slack has them; undefined for what is none. */
export function emojiOf(name: string): string | undefined {
  return emoji.get(name) ?? (Object.hasOwn(slackEmoji, name) ? slackEmoji[name] : undefined);
}

/** The blocks that the library draws whole; for the others there are components of ours. */
export const DRAWN = new Set([
  "data_visualization",
  "divider",
  "file",
  "markdown",
  "plan",
  "rich_text",
  "table",
  "task_card",
  "video",
]);
