// A dialog in front of everything: the browser keeps the focus inside and closes it on Escape.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  class?: string;
}

export function Dialog({ title, onClose, children, class: extra = "" }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    // The dialog is gone from the page by then, and takes the focus with it.
    return () => void setTimeout(() => before instanceof HTMLElement && before.focus());
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog ${extra}`}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      {children}
    </dialog>
  );
}

interface ConfirmProps {
  confirm: { title?: string; text?: string; confirm?: string; deny?: string; danger?: boolean };
  onAnswer: (agreed: boolean) => void;
}

/** The question that an element wants answered before it does something. */
export function Confirm({ confirm, onAnswer }: ConfirmProps) {
  const title = confirm.title ?? "Are you sure?";
  return (
    <Dialog title={title} onClose={() => onAnswer(false)} class="confirm">
      <h2>{title}</h2>
      <p>{confirm.text ?? ""}</p>
      <div class="dialog-foot">
        <button type="button" onClick={() => onAnswer(false)}>
          {confirm.deny ?? "Cancel"}
        </button>
        <button type="button" class={confirm.danger ? "danger" : "primary"} onClick={() => onAnswer(true)}>
          {confirm.confirm ?? "Confirm"}
        </button>
      </div>
    </Dialog>
  );
}
