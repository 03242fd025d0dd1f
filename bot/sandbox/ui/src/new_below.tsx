// A hint that something was added below what is seen.

import type { Below } from "./reading";

export function NewBelow({ below }: { below: Below }) {
  if (!below.missed) return null;
  return (
    <div class="new-below">
      <button type="button" onClick={below.go}>
        New messages below
      </button>
    </div>
  );
}
