// Elements that do something at once: buttons, menus, and choices outside of inputs.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { useOwner } from "./context";
import { Confirm } from "./dialog";
import { Field, isField } from "./fields";
import { Dots } from "./icons";
import { Menu } from "./menu";
import { isSafe } from "./safe";
import type { Block, Json } from "./types";

interface Props {
  element: Block;
  blockId: string;
}

export function Control({ element, blockId }: Props) {
  switch (element.type) {
    case "button":
    case "workflow_button":
      return <Button element={element} blockId={blockId} />;
    case "icon_button":
      return <Button element={{ ...element, text: { text: element.text?.text ?? element.icon } }} blockId={blockId} />;
    case "feedback_buttons":
      return (
        <>
          {[element.positive_button, element.negative_button].map((button: Block) => (
            <Button
              key={button.value}
              element={{ ...button, action_id: element.action_id }}
              blockId={blockId}
            />
          ))}
        </>
      );
    case "overflow":
      return <Overflow element={element} blockId={blockId} />;
    default:
      return isField(element.type) ? <Choice element={element} blockId={blockId} /> : <Odd element={element} />;
  }
}

/** Presses once: until the app has answered, pressing again does nothing. */
function usePress(element: Block, blockId: string) {
  const owner = useOwner();
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState<{ value: Json } | null>(null);
  const mounted = useRef(true);
  useEffect(() => () => void (mounted.current = false), []);

  async function go(value: Json): Promise<void> {
    setBusy(true);
    await owner.press(blockId, String(element.action_id ?? ""), value);
    if (mounted.current) setBusy(false);
  }
  function press(value: Json): void {
    if (busy) return;
    if (element.confirm) setAsked({ value });
    else void go(value);
  }
  const question: ComponentChildren = asked ? (
    <Confirm
      confirm={texts(element.confirm)}
      onAnswer={(agreed) => {
        setAsked(null);
        if (agreed) void go(asked.value);
      }}
    />
  ) : null;
  return { busy, press, question };
}

function Button({ element, blockId }: Props) {
  const { busy, press, question } = usePress(element, blockId);
  const label = String(element.text?.text ?? "");
  const url = element.url;
  return (
    <>
      <button
        type="button"
        class={`slack-button ${element.style ?? ""}`}
        aria-label={element.accessibility_label ?? undefined}
        aria-busy={busy}
        data-action={element.action_id}
        onClick={() => {
          if (isSafe(url)) window.open(url, "_blank", "noopener,noreferrer");
          press(element.value ?? null);
        }}
      >
        {label}
      </button>
      {question}
    </>
  );
}

function Overflow({ element, blockId }: Props) {
  const { busy, press, question } = usePress(element, blockId);
  const options: Block[] = element.options ?? [];
  return (
    <>
      <Menu
        label="More actions"
        button={<Dots />}
        class="slack-button overflow"
        busy={busy}
        items={options.map((option) => ({
          label: String(option.text?.text ?? ""),
          hint: option.description?.text,
          onPick: () => {
            if (isSafe(option.url)) window.open(option.url, "_blank", "noopener,noreferrer");
            press(option.value);
          },
        }))}
      />
      {question}
    </>
  );
}

/** A choice that the app hears of at once, and that a form remembers too. */
function Choice({ element, blockId }: Props) {
  const owner = useOwner();
  const { press, question } = usePress(element, blockId);
  const key = String(element.action_id ?? "");
  const [chosen, setChosen] = useState<Json>(undefined);
  // As in Slack: what was chosen is forgotten when the block is another one.
  useEffect(() => setChosen(undefined), [blockId]);
  const value = owner.values ? owner.values[key] : chosen;
  return (
    <>
      <Field
        element={element}
        label={String(element.placeholder?.text ?? element.action_id ?? "Choose")}
        value={value}
        onValue={(now) => {
          setChosen(now);
          owner.enter?.(key, now);
          press(now);
        }}
      />
      {question}
    </>
  );
}

function Odd({ element }: { element: Block }) {
  return (
    <details class="unknown">
      <summary>
        An element of the type <code>{String(element.type)}</code>
      </summary>
      <pre>{JSON.stringify(element, null, 2)}</pre>
    </details>
  );
}

function texts(confirm: Block) {
  const text = (part: Json) => (part ? String(part.text ?? part) : undefined);
  return {
    title: text(confirm.title),
    text: text(confirm.text),
    confirm: text(confirm.confirm),
    deny: text(confirm.deny),
    danger: confirm.style === "danger",
  };
}
