// Keyboard shortcuts, kept in one table so that the help screen cannot forget one.

import { useEffect } from "preact/hooks";

export interface Shortcut {
  /** "d", "/", "?", or "g o" for g followed by o. */
  keys: string;
  label: string;
  run: () => void;
}

const chordMs = 1_200;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Listens for the shortcuts while the component is on the page; never while someone types. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  useEffect(() => {
    let first = "";
    let firstAtMs = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("dialog[open]")) return;
      const now = Date.now();
      const chord = first && now - firstAtMs < chordMs ? `${first} ${event.key}` : event.key;
      const found = shortcuts.find((shortcut) => shortcut.keys === chord);
      first = "";
      if (found) {
        event.preventDefault();
        found.run();
      } else if (shortcuts.some((shortcut) => shortcut.keys.startsWith(`${event.key} `))) {
        first = event.key;
        firstAtMs = now;
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [shortcuts]);
}

/** Puts the cursor into the first search field on the screen. */
export function focusSearch(): void {
  document.querySelector<HTMLInputElement>('main input[type="search"]')?.focus();
}
