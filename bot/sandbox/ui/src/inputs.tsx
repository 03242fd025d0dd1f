// One labelled input of a form, with its hint and what the app found wrong with it.

import { useId } from "preact/hooks";

import { useOwner } from "./context";
import { Field, isField } from "./fields";
import type { Block } from "./types";

export function InputBlock({ block }: { block: Block }) {
  const owner = useOwner();
  const id = useId();
  const key = String(block.block_id ?? "");
  const element: Block = block.element ?? {};
  const label = String(block.label?.text ?? "");
  const error = owner.errors?.[key];
  const hint = block.hint?.text;
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  const grouped = ["checkboxes", "radio_buttons"].includes(element.type);
  return (
    <div class={`input ${error ? "wrong" : ""}`} data-block={key}>
      {grouped ? (
        <span class="label">{labelled(label, block.optional)}</span>
      ) : (
        <label class="label" for={id}>
          {labelled(label, block.optional)}
        </label>
      )}
      {isField(element.type) ? (
        <Field
          element={element}
          label={label}
          id={id}
          describedBy={described || undefined}
          invalid={Boolean(error)}
          value={owner.values?.[key]}
          onValue={(value) => {
            owner.enter?.(key, value);
            if (block.dispatch_action) void owner.press(key, String(element.action_id ?? ""), value);
          }}
        />
      ) : (
        <pre>{JSON.stringify(element, null, 2)}</pre>
      )}
      {error ? (
        <p class="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      ) : null}
      {hint ? (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
    </div>
  );
}

function labelled(label: string, optional: boolean | undefined) {
  return (
    <>
      {label}
      {optional ? <span class="optional"> (optional)</span> : null}
    </>
  );
}
