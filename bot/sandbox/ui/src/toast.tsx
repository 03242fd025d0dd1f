// A short note over the page, with at most one thing to do about it.

import { Close } from "./icons";

interface Props {
  text: string;
  /** Trouble is said at once; anything else waits for its turn. */
  trouble?: boolean;
  label?: string;
  onAct?: () => void;
  onClose: () => void;
}

export function Toast({ text, trouble = false, label, onAct, onClose }: Props) {
  return (
    <div class="toast" role={trouble ? "alert" : "status"}>
      <span>{text}</span>
      {label ? (
        <button type="button" class="act" onClick={onAct}>
          {label}
        </button>
      ) : null}
      <button type="button" class="quiet" aria-label="Dismiss" onClick={onClose}>
        <Close />
      </button>
    </div>
  );
}
