// A button with a menu: arrow keys move, Escape closes, the focus comes back.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

export interface Item {
  label: ComponentChildren;
  hint?: string;
  onPick: () => void;
}

interface Props {
  label: string;
  button: ComponentChildren;
  items: Item[];
  class?: string;
  busy?: boolean;
  /** Several in a row, as for emoji. */
  row?: boolean;
}

export function Menu({ label, button, items, class: extra = "", busy = false, row = false }: Props) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const whole = useRef<HTMLSpanElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const [upwards, setUpwards] = useState(false);

  useEffect(() => {
    if (!open) return;
    whole.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const away = (event: Event) => {
      if (!whole.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);

  function close(): void {
    setOpen(false);
    opener.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (!open) return;
    const shown = [...(whole.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = shown.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") {
      if (event.key === "Escape") event.preventDefault();
      event.stopPropagation();
      close();
    } else if (step) {
      event.preventDefault();
      event.stopPropagation();
      shown[(at + step + shown.length) % shown.length]?.focus();
    }
  }

  return (
    <span class="menu-whole" ref={whole} onKeyDown={onKeyDown}>
      <button
        type="button"
        ref={opener}
        class={extra}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-busy={busy}
        onClick={(event) => {
          const place = event.currentTarget.getBoundingClientRect();
          setUpwards(place.bottom > window.innerHeight * 0.65);
          setOpen(!open);
        }}
      >
        {button}
      </button>
      {open ? (
        <span role="menu" id={id} class={`menu ${row ? "row" : ""} ${upwards ? "upwards" : ""}`} aria-label={label}>
          {items.map((item, at) => (
            <button
              key={at}
              type="button"
              role="menuitem"
              tabIndex={-1}
              onClick={() => {
                close();
                item.onPick();
              }}
            >
              <span>{item.label}</span>
              {item.hint ? <small>{item.hint}</small> : null}
            </button>
          ))}
        </span>
      ) : null}
    </span>
  );
}
