// What components deep in the page need: the workspace, who looks at it, and how it is lit.

import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Live, State } from "./live";
import type { Json, Outcome } from "./types";

export interface Names {
  users: { id: string; name: string }[];
  channels: { id: string; name: string }[];
}

export interface Here {
  live: Live;
  state: State;
  theme: "light" | "dark";
  /** Names for the ids in texts. */
  names: Names;
  /** Say something that concerns only this page, such as why a gesture failed. */
  tell: (text: string) => void;
}

export const HereContext = createContext<Here | null>(null);

export function useHere(): Here {
  const here = useContext(HereContext);
  if (!here) throw new Error("There is no workspace around this component.");
  return here;
}

/** Where interactive elements stand: what pressing one does, and what is entered so far. */
export interface Owner {
  press: (blockId: string, actionId: string, value: Json) => Promise<Outcome>;
  /** In a form: what was entered, by block_id for inputs and by action_id for other elements. */
  values?: Record<string, Json>;
  enter?: (key: string, value: Json) => void;
  errors?: Record<string, string>;
}

export const OwnerContext = createContext<Owner | null>(null);

export function useOwner(): Owner {
  const owner = useContext(OwnerContext);
  if (!owner) throw new Error("There is nothing that could be pressed here.");
  return owner;
}
