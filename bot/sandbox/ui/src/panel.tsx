// The side panel: the simulated staging's faults, set while everything runs.

import { useMemo, useState } from "preact/hooks";

import { useHere } from "./context";
import { Close } from "./icons";
import type { Fault } from "./types";
import { counted, trouble } from "./words";

const MOST = 60;

export function Panel({ onClose }: { onClose: () => void }) {
  const { live, state, tell } = useHere();
  const [wanted, setWanted] = useState("");
  const offer = state.hello?.panel;
  const set = state.panel?.faults ?? [];
  const busy = state.panel?.busy ?? false;
  const faults = offer?.faults ?? [];
  const byName = useMemo(() => new Map(faults.map((fault) => [fault.name, fault])), [faults]);
  const found = useMemo(() => search(faults, wanted), [faults, wanted]);
  if (!offer) return null;

  async function become(names: string[]): Promise<void> {
    const outcome = await live.act("change_panel", { faults: names });
    if (!outcome.ok) tell(trouble(outcome.error));
  }
  const toggle = (name: string) =>
    void become(set.includes(name) ? set.filter((one) => one !== name) : [...set, name]);
  const picks = offer.picks.flatMap((name) => byName.get(name) ?? []);
  const row = (fault: Fault) => (
    <Switch key={fault.name} fault={fault} on={set.includes(fault.name)} busy={busy} onToggle={() => toggle(fault.name)} />
  );
  return (
    <aside class="panel" aria-label={offer.title} data-region data-tour="panel">
      <header class="pane-head">
        <h2>{offer.title}</h2>
        <button type="button" class="quiet" aria-label="Close the panel" onClick={onClose}>
          <Close />
        </button>
      </header>
      <div class="panel-body">
        <div class={`health ${set.length ? "broken" : "well"}`} role="status">
          <strong>{set.length ? `Broken: ${counted(set.length, "fault", "faults")}` : "Nothing is broken"}</strong>
          <span>
            {busy ? "The bot restarts with its new settings…" : set.length ? set.join(", ") : "A check should pass now."}
          </span>
          {set.length ? (
            <button type="button" class="primary" disabled={busy} data-tour="fix" onClick={() => void become([])}>
              Fix everything
            </button>
          ) : null}
        </div>
        {set.length ? (
          <>
            <h3>Broken now</h3>
            <ul>{set.flatMap((name) => byName.get(name) ?? []).map(row)}</ul>
          </>
        ) : null}
        <h3>Break it</h3>
        <ul>{picks.filter((fault) => !set.includes(fault.name)).map(row)}</ul>
        <h3 id="all-faults">All {faults.length} ways</h3>
        <input
          type="search"
          class="search"
          placeholder="Search, such as clock or key"
          aria-labelledby="all-faults"
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
        <ul aria-live="polite">{found.slice(0, wanted ? MOST : 0).map(row)}</ul>
        {wanted && !found.length ? <p class="empty">No fault has these words.</p> : null}
      </div>
    </aside>
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
        <span class="fault-name">{fault.name}</span>
        <span class="fault-summary">{fault.summary}</span>
        <span class="knob" aria-hidden="true" />
      </button>
    </li>
  );
}

function search(faults: Fault[], wanted: string): Fault[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  return faults.filter((fault) => {
    const text = `${fault.name} ${fault.summary}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
