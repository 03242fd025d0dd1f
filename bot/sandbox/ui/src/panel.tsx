// The side panel: the simulated staging's faults, set while everything runs.

import { useMemo, useState } from "preact/hooks";

import { useHere } from "./context";
import { Close } from "./icons";
import type { Checks, Fault, PanelState } from "./types";
import { counted, lasting, moment, trouble } from "./words";

/** What a fault does to a check, in a word and in a sentence. */
const EFFECTS: Record<string, { word: string; now: string }> = {
  failed: { word: "fails", now: "A check should fail now." },
  degraded: {
    word: "degrades",
    now: "Staging works, though not as it should: a check is degraded, and opens no incident.",
  },
  errored: {
    word: "our side",
    now: "Our own side is broken: a check should say so, and nothing about staging.",
  },
  passed: { word: "unseen", now: "A check should pass: this is not met on its way." },
};

export function Panel({ onClose }: { onClose: () => void }) {
  const { live, state, tell } = useHere();
  const [wanted, setWanted] = useState("");
  const offer = state.hello?.panel;
  const set = state.panel?.faults ?? [];
  const busy = state.panel?.busy ?? false;
  const faults = offer?.faults ?? [];
  const byName = useMemo(() => new Map(faults.map((fault) => [fault.name, fault])), [faults]);
  const groups = useMemo(() => grouped(faults.filter((fault) => matches(fault, wanted))), [faults, wanted]);
  if (!offer) return null;

  async function become(names: string[]): Promise<void> {
    const outcome = await live.act("change_panel", { faults: names });
    if (!outcome.ok) tell(trouble(outcome.error));
  }
  const mend = (name: string) => void become(set.filter((one) => one !== name));
  const row = (fault: Fault) => (
    <Switch
      key={fault.name}
      fault={fault}
      on={set.includes(fault.name)}
      busy={busy}
      onToggle={() => (set.includes(fault.name) ? mend(fault.name) : void become([...set, fault.name]))}
    />
  );
  return (
    <aside class="panel" aria-label={offer.title} data-region>
      <header class="pane-head">
        <h2>{offer.title}</h2>
        <button type="button" class="quiet" aria-label="Close the panel" onClick={onClose}>
          <Close />
        </button>
      </header>
      <div class={`health ${set.length ? "broken" : "well"}`}>
        <div class="health-head">
          <strong role="status">
            {set.length ? `Broken: ${counted(set.length, "fault", "faults")}` : "Nothing is broken"}
          </strong>
          <button
            type="button"
            class="primary"
            disabled={busy || !set.length}
            data-tour="fix"
            onClick={() => void become([])}
          >
            Fix everything
          </button>
        </div>
        <div class="health-now">
          <p>{busy ? "The bot restarts with its new settings…" : expectation(state.panel)}</p>
          {set.map((name) => (
            <button
              key={name}
              type="button"
              class="chip"
              disabled={busy}
              aria-label={`Mend ${name}`}
              title={`Mend ${name}`}
              onClick={() => mend(name)}
            >
              {byName.get(name)?.title || name} <span aria-hidden="true">×</span>
            </button>
          ))}
        </div>
        {state.panel?.checks ? <ByItself checks={state.panel.checks} /> : null}
      </div>
      <div class="panel-body">
        <h3>Break it</h3>
        <ul>{offer.picks.flatMap((name) => byName.get(name) ?? []).map(row)}</ul>
        <h3 id="all-faults">All {faults.length} ways</h3>
        <input
          type="search"
          class="search"
          placeholder="Search, such as clock or key"
          aria-labelledby="all-faults"
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
        {[...groups].map(([name, members]) => (
          <Group key={name} name={name} open={wanted.trim() !== ""} members={members} row={row} />
        ))}
        {wanted && !groups.size ? <p class="empty">No fault has these words.</p> : null}
      </div>
    </aside>
  );
}

/** That checks are also made by themselves, and when the next one is. */
function ByItself({ checks }: { checks: Checks }) {
  const often = `every ${lasting(checks.every_s)}`;
  const failing = `every ${lasting(checks.failing_every_s)} while it fails`;
  const later = `after ${checks.soon} failures in a row it slows down again, to ${often} at last`;
  const opens = checks.failures === 1 ? "A failure opens" : `${checks.failures} failures in a row open`;
  return (
    <p class="by-itself">
      The bot also checks by itself, {often}, and {failing}; {later}. {opens} an incident. <br />
      <span class="next">Next check: {moment(checks.next)}</span>
    </p>
  );
}

function expectation(panel: PanelState | null): string {
  if (!panel?.faults.length) return "A check should pass now.";
  return EFFECTS[panel.effect]?.now ?? "";
}

interface GroupProps {
  name: string;
  open: boolean;
  members: Fault[];
  row: (fault: Fault) => preact.JSX.Element;
}

/** The faults of one area; what nobody opened is not drawn. */
function Group({ name, open, members, row }: GroupProps) {
  const [opened, setOpened] = useState(false);
  const shown = open || opened;
  return (
    <details class="group" open={shown} onToggle={(event) => !open && setOpened(event.currentTarget.open)}>
      <summary>
        {name} <small>{members.length}</small>
      </summary>
      {shown ? <ul>{members.map(row)}</ul> : null}
    </details>
  );
}

interface SwitchProps {
  fault: Fault;
  on: boolean;
  busy: boolean;
  onToggle: () => void;
}

function Switch({ fault, on, busy, onToggle }: SwitchProps) {
  return (
    <li class={`fault ${on ? "on" : ""}`}>
      <button type="button" role="switch" aria-checked={on} disabled={busy} data-fault={fault.name} onClick={onToggle}>
        <span class="fault-name">{fault.title || fault.summary}</span>
        {fault.title ? <span class="fault-summary">{fault.summary}</span> : null}
        <span class="fault-small">
          <span class={`effect ${fault.effect}`}>{EFFECTS[fault.effect]?.word ?? fault.effect}</span> {fault.name}
        </span>
        <span class="knob" aria-hidden="true" />
      </button>
    </li>
  );
}

function matches(fault: Fault, wanted: string): boolean {
  const text = `${fault.name} ${fault.title} ${fault.summary} ${fault.group}`.toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function grouped(faults: Fault[]): Map<string, Fault[]> {
  const groups = new Map<string, Fault[]>();
  for (const fault of faults) groups.set(fault.group, [...(groups.get(fault.group) ?? []), fault]);
  return groups;
}
