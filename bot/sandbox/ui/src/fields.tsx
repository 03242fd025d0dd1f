// Elements into which something is entered or chosen, as the browser's own controls.
// A value is what the small Slack expects: an option's value, a list of them, a text, seconds.

import type { ComponentType } from "preact";
import { useState } from "preact/hooks";

import { useHere } from "./context";
import { Counter, mostOf } from "./counter";
import type { Block, Json } from "./types";

export interface FieldProps {
  element: Block;
  label: string;
  /** undefined until somebody entered something: the element's own initial value counts. */
  value: Json;
  onValue: (value: Json) => void;
  id?: string;
  describedBy?: string;
  invalid?: boolean;
}

interface Choice {
  value: string;
  text: string;
  hint?: string;
}

export function isField(type: string): boolean {
  return type in FIELDS;
}

export function Field(props: FieldProps) {
  const Drawn = FIELDS[props.element.type];
  return Drawn ? <Drawn {...props} /> : null;
}

const aria = (props: FieldProps) => ({
  id: props.id,
  "aria-label": props.id ? undefined : props.label,
  "aria-describedby": props.describedBy,
  "aria-invalid": props.invalid || undefined,
});

function Text(props: FieldProps) {
  const { element, onValue } = props;
  const text = props.value ?? element.initial_value ?? "";
  const shared = {
    ...aria(props),
    value: String(text),
    placeholder: element.placeholder?.text,
    onInput: (event: { currentTarget: { value: string } }) => onValue(event.currentTarget.value || null),
  };
  if (element.multiline) {
    return (
      <>
        <textarea {...shared} rows={8} spellcheck={false} />
        <Counter length={String(text).length} most={mostOf(element)} />
      </>
    );
  }
  const types: Record<string, "email" | "number" | "url"> = {
    email_text_input: "email",
    number_input: "number",
    url_text_input: "url",
  };
  const step = element.type === "number_input" && element.is_decimal_allowed ? "any" : undefined;
  const kind = { type: types[element.type] ?? "text" } as { type: "text" };
  return <input {...shared} {...kind} step={step} />;
}

function Rich(props: FieldProps) {
  const { element, onValue, value } = props;
  const [text, setText] = useState(() => plainOf(value ?? element.initial_value));
  return (
    <textarea
      {...aria(props)}
      rows={5}
      value={text}
      placeholder={element.placeholder?.text}
      onInput={(event) => {
        setText(event.currentTarget.value);
        onValue(event.currentTarget.value ? richOf(event.currentTarget.value) : null);
      }}
    />
  );
}

function Select(props: FieldProps) {
  const { element, onValue } = props;
  const groups = useGroups(element);
  const value = props.value === undefined ? initialOf(element) : props.value;
  return (
    <select {...aria(props)} value={value ?? ""} onChange={(event) => onValue(event.currentTarget.value || null)}>
      <option value="">{element.placeholder?.text ?? "Choose…"}</option>
      {groups.map(({ label, choices }) =>
        label ? (
          <optgroup key={label} label={label}>
            {choices.map(option)}
          </optgroup>
        ) : (
          choices.map(option)
        ),
      )}
    </select>
  );
}

const option = (choice: Choice) => (
  <option key={choice.value} value={choice.value}>
    {choice.text}
  </option>
);

function Several(props: FieldProps) {
  const { element, onValue } = props;
  const groups = useGroups(element);
  const value: string[] = props.value === undefined ? (initialOf(element) ?? []) : (props.value ?? []);
  const boxes = element.type === "checkboxes";
  const list = groups.flatMap(({ choices }) => choices);
  const body = (
    <span class="choices" role="group" aria-label={props.label} id={boxes ? props.id : undefined}>
      {list.map((choice) => (
        <label key={choice.value} class="choice">
          <input
            type="checkbox"
            checked={value.includes(choice.value)}
            onChange={(event) => {
              const others = value.filter((one) => one !== choice.value);
              onValue(event.currentTarget.checked ? [...others, choice.value] : others);
            }}
          />
          <span>
            {choice.text}
            {choice.hint ? <small>{choice.hint}</small> : null}
          </span>
        </label>
      ))}
    </span>
  );
  if (boxes) return body;
  const picked = list.filter((choice) => value.includes(choice.value)).map((choice) => choice.text);
  return (
    <details class="several">
      <summary id={props.id}>{picked.join(", ") || element.placeholder?.text || "Choose…"}</summary>
      {body}
    </details>
  );
}

function Radio(props: FieldProps) {
  const { element, onValue } = props;
  const value = props.value === undefined ? initialOf(element) : props.value;
  const [name] = useState(() => `radio-${Math.random()}`);
  return (
    <span class="choices" role="radiogroup" aria-label={props.label} id={props.id}>
      {useGroups(element).flatMap(({ choices }) =>
        choices.map((choice) => (
          <label key={choice.value} class="choice">
            <input
              type="radio"
              name={name}
              checked={value === choice.value}
              onChange={() => onValue(choice.value)}
            />
            <span>
              {choice.text}
              {choice.hint ? <small>{choice.hint}</small> : null}
            </span>
          </label>
        )),
      )}
    </span>
  );
}

function Day(props: FieldProps) {
  const { element, onValue } = props;
  const timed = element.type === "timepicker";
  const initial = timed ? element.initial_time : element.initial_date;
  return (
    <input
      {...aria(props)}
      type={timed ? "time" : "date"}
      value={props.value === undefined ? (initial ?? "") : (props.value ?? "")}
      onChange={(event) => onValue(event.currentTarget.value || null)}
    />
  );
}

function Moment(props: FieldProps) {
  const seconds = props.value === undefined ? props.element.initial_date_time : props.value;
  return (
    <input
      {...aria(props)}
      type="datetime-local"
      value={seconds ? localOf(Number(seconds)) : ""}
      onChange={(event) => {
        const at = Date.parse(event.currentTarget.value);
        props.onValue(Number.isNaN(at) ? null : Math.round(at / 1000));
      }}
    />
  );
}

function Files(props: FieldProps) {
  const { live, tell } = useHere();
  const [names, setNames] = useState<string[]>([]);
  const endings: string[] = props.element.filetypes ?? [];
  async function take(files: FileList | null): Promise<void> {
    const taken = await Promise.all([...(files ?? [])].map((file) => live.upload(file)));
    const failed = taken.find((outcome) => !outcome.ok);
    if (failed) tell(failed.error ?? "The file was not taken.");
    const kept = taken.filter((outcome) => outcome.ok);
    setNames([...(files ?? [])].filter((_, at) => taken[at]?.ok).map((file) => file.name));
    props.onValue(kept.map((outcome) => outcome.id));
  }
  return (
    <span class="file-input">
      <input
        {...aria(props)}
        type="file"
        multiple={Number(props.element.max_files ?? 10) > 1}
        accept={endings.map((ending) => `.${ending}`).join(",") || undefined}
        onChange={(event) => void take(event.currentTarget.files)}
      />
      {names.length ? <small>Attached: {names.join(", ")}</small> : null}
    </span>
  );
}

const FIELDS: Record<string, ComponentType<FieldProps>> = {
  plain_text_input: Text,
  email_text_input: Text,
  url_text_input: Text,
  number_input: Text,
  rich_text_input: Rich,
  static_select: Select,
  external_select: Text,
  users_select: Select,
  channels_select: Select,
  conversations_select: Select,
  multi_static_select: Several,
  multi_external_select: Several,
  multi_users_select: Several,
  multi_channels_select: Several,
  multi_conversations_select: Several,
  checkboxes: Several,
  radio_buttons: Radio,
  datepicker: Day,
  timepicker: Day,
  datetimepicker: Moment,
  file_input: Files,
};

function useGroups(element: Block): { label: string; choices: Choice[] }[] {
  const { state } = useHere();
  const people = (state.hello?.users ?? []).map((user) => ({ value: user.id, text: `@${user.name}` }));
  const places = state.channels
    .filter((channel) => !channel.direct)
    .map((channel) => ({ value: channel.id, text: `#${channel.name}` }));
  if (element.type.endsWith("users_select")) return [{ label: "", choices: people }];
  if (element.type.endsWith("channels_select")) return [{ label: "", choices: places }];
  if (element.type.endsWith("conversations_select")) return [{ label: "", choices: [...places, ...people] }];
  if (element.option_groups) {
    return element.option_groups.map((group: Block) => ({
      label: String(group.label?.text ?? ""),
      choices: (group.options ?? []).map(choiceOf),
    }));
  }
  return [{ label: "", choices: (element.options ?? []).map(choiceOf) }];
}

function choiceOf(one: Block): Choice {
  return { value: String(one.value), text: String(one.text?.text ?? one.value), hint: one.description?.text };
}

function initialOf(element: Block): Json {
  if (element.initial_option) return element.initial_option.value;
  if (element.initial_options) return element.initial_options.map((one: Block) => one.value);
  const key = ["user", "users", "channel", "channels", "conversation", "conversations"]
    .map((kind) => `initial_${kind}`)
    .find((name) => element[name] !== undefined);
  return key ? element[key] : undefined;
}

function richOf(text: string): Json {
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }] };
}

function plainOf(rich: Json): string {
  const parts: Block[] = (rich?.elements ?? []).flatMap((section: Block) => section.elements ?? []);
  return parts.map((part) => part.text ?? "").join("");
}

function localOf(seconds: number): string {
  const at = new Date(seconds * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
