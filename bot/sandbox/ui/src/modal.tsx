// The modal on top of a person's stack: a form that is entered, submitted, or closed.

import { useEffect, useRef, useState } from "preact/hooks";

import { Blocks } from "./blocks";
import { OwnerContext, useHere } from "./context";
import { mostOf } from "./counter";
import { Dialog } from "./dialog";
import { Close } from "./icons";
import type { Json, View } from "./types";
import { overBy, trouble } from "./words";

export function Modal({ view }: { view: View }) {
  const { live } = useHere();
  const [values, setValues] = useState<Record<string, Json>>({});
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const title = String(view.title?.text ?? "");
  const submit = view.submit?.text;

  useEffect(() => {
    form.current?.querySelector<HTMLElement>(".modal-body :is(input, textarea, select)")?.focus();
  }, []);

  async function send(): Promise<void> {
    const wrong = tooLong(values, view);
    if (Object.keys(wrong).length) return refuse(wrong);
    setBusy(true);
    const outcome = await live.act("submit", { values: present(values, view) });
    setBusy(false);
    refuse(outcome.errors ?? {});
    setFailure(outcome.ok ? "" : trouble(outcome.error));
  }
  function refuse(wrong: Record<string, string>): void {
    setErrors(wrong);
    const [first] = Object.keys(wrong);
    if (first) form.current?.querySelector<HTMLElement>(`[data-block="${CSS.escape(first)}"] :is(textarea, select, input)`)?.focus();
  }

  return (
    <Dialog title={title} onClose={() => void live.act("close")} class="modal">
      <OwnerContext.Provider
        value={{
          values,
          errors,
          enter: (key, value) => {
            setValues((now) => ({ ...now, [key]: value }));
            setErrors(({ [key]: _, ...others }) => others);
            setFailure("");
          },
          press: async (block_id, action_id, value) => {
            const outcome = await live.act("press_in_view", { block_id, action_id, value });
            setFailure(outcome.ok ? "" : trouble(outcome.error));
            return outcome;
          },
        }}
      >
        <form
          ref={form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (!busy) void send();
          }}
        >
          <header class="modal-head">
            <span class="avatar app" aria-hidden="true" />
            <h2>{title}</h2>
            <button type="button" class="quiet" aria-label="Close" onClick={() => void live.act("close")}>
              <Close />
            </button>
          </header>
          <div class="modal-body">
            {failure ? (
              <p class="failure" role="alert">
                {failure}
              </p>
            ) : null}
            <Blocks blocks={view.blocks} />
          </div>
          <footer class="dialog-foot">
            <button type="button" onClick={() => void live.act("close")}>
              {view.close?.text ?? "Close"}
            </button>
            {submit ? (
              <button type="submit" class="primary" aria-busy={busy}>
                {submit}
              </button>
            ) : null}
          </footer>
        </form>
      </OwnerContext.Provider>
    </Dialog>
  );
}

/** What does not fit its field. Slack would cut a longer text; here nothing is lost unseen. */
function tooLong(values: Record<string, Json>, view: View): Record<string, string> {
  const wrong: Record<string, string> = {};
  const takesFile = view.blocks.some((block) => block.element?.type === "file_input");
  for (const block of view.blocks) {
    const text = block.type === "input" ? values[String(block.block_id)] : null;
    const most = mostOf(block.element);
    if (most === undefined || typeof text !== "string" || text.length <= most) continue;
    const instead = takesFile ? " Attach it as a file in its place." : "";
    wrong[String(block.block_id)] = `${overBy(text.length, most)}${instead}`;
  }
  return wrong;
}

/** What was entered into fields that are still there: an update of the view may drop some. */
function present(values: Record<string, Json>, view: View): Record<string, Json> {
  const there = new Set<string>();
  for (const block of view.blocks) {
    if (block.type === "input") there.add(String(block.block_id));
    for (const element of [block.accessory, ...(block.elements ?? [])]) {
      if (element?.action_id) there.add(String(element.action_id));
    }
  }
  return Object.fromEntries(Object.entries(values).filter(([key]) => there.has(key)));
}
