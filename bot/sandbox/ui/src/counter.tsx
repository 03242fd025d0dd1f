// How much a text field takes, and how much of it is taken.

import type { Block } from "./types";

const TEXT_MOST = 3000; // docs.slack.dev, plain-text input

/** How many characters a text field takes: in Slack never more than this. */
export function mostOf(element: Block | undefined): number | undefined {
  return element?.type === "plain_text_input" ? Math.min(element.max_length ?? TEXT_MOST, TEXT_MOST) : undefined;
}

export function Counter({ length, most }: { length: number; most: number | undefined }) {
  if (most === undefined) return null;
  return (
    <small class={`counter ${length > most ? "over" : ""}`}>
      {length.toLocaleString("en")} of {most.toLocaleString("en")} characters
    </small>
  );
}
