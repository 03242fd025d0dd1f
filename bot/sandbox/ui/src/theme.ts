// Light or dark: as the system has it, unless somebody chose.

import { useEffect, useState } from "preact/hooks";

const KEPT = "mini-slack-colours";
const CHOICES = ["as the system", "light", "dark"] as const;
type Choice = (typeof CHOICES)[number];

export function useTheme(): { theme: "light" | "dark"; choice: Choice; turn: () => void } {
  const [choice, setChoice] = useState<Choice>(kept);
  const [dark, setDark] = useState(() => system().matches);
  useEffect(() => {
    const query = system();
    const noted = () => setDark(query.matches);
    query.addEventListener("change", noted);
    return () => query.removeEventListener("change", noted);
  }, []);
  const theme = choice === "as the system" ? (dark ? "dark" : "light") : choice;
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  function turn(): void {
    // The first press shows a difference: the colours that the system does not have.
    const other: Choice = dark ? "light" : "dark";
    const next: Choice = choice === "as the system" ? other : "as the system";
    localStorage.setItem(KEPT, next);
    setChoice(next);
  }
  return { theme, choice, turn };
}

const system = () => window.matchMedia("(prefers-color-scheme: dark)");

function kept(): Choice {
  const found = localStorage.getItem(KEPT);
  return CHOICES.find((one) => one === found) ?? "as the system";
}
