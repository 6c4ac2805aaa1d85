// A draft of something stored: edited here, saved elsewhere. A reload of what is stored replaces only a draft
// that nobody has edited since it was read or saved.

import { useEffect, useRef, useState } from "preact/hooks";

export interface DraftOf<T> {
  draft: T;
  /** Sets some fields of the draft that is there by then. */
  change: (part: Partial<T>) => void;
  /** `draft` was stored: until it is edited again, a reload may replace it. */
  saved: (draft: T) => void;
}

/**
 * stored  what the server has, or what a new one begins as
 * key     of what is edited: another key begins a new draft
 *
 * Edits and reloads may come between a drawing and its effects, so both go by the draft of the moment
 * and never by the one that was drawn.
 */
export function useDraft<T>(stored: T, key = ""): DraftOf<T> {
  const [draft, setDraft] = useState(stored);
  const text = JSON.stringify(stored);
  const begun = useRef({ key, text });
  useEffect(() => {
    const before = begun.current;
    begun.current = { key, text };
    const isBegun = (now: T): boolean => before.key !== key || JSON.stringify(now) === before.text;
    setDraft((now) => (isBegun(now) ? stored : now));
  }, [key, text]);
  return {
    draft,
    change: (part) => setDraft((now) => ({ ...now, ...part })),
    saved: (kept) => {
      begun.current = { key, text: JSON.stringify(kept) };
    },
  };
}
