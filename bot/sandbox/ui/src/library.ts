// The one place that knows the library which draws Slack's blocks.

import type { ComponentChildren, FunctionComponent } from "preact";
import { Message } from "slack-blocks-to-jsx";
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
export const Drawn = Message as unknown as FunctionComponent<DrawnProps>;

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
