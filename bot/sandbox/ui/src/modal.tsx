// The modal on top of a person's stack: a form that is entered, submitted, or closed.

import { useEffect, useRef, useState } from "preact/hooks";

import { Blocks } from "./blocks";
import { OwnerContext, useHere } from "./context";
import { Dialog } from "./dialog";
import { Close } from "./icons";
import type { Json, View } from "./types";
import { trouble } from "./words";

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
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [errors]);

  async function send(): Promise<void> {
    setBusy(true);
    const outcome = await live.act("submit", { values: present(values, view) });
    setBusy(false);
    setErrors(outcome.errors ?? {});
    setFailure(outcome.ok ? "" : trouble(outcome.error));
  }

  return (
    <Dialog title={title} onClose={() => void live.act("close")} class="modal">
      <OwnerContext.Provider
        value={{
          values,
          errors,
          enter: (key, value) => setValues((now) => ({ ...now, [key]: value })),
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
