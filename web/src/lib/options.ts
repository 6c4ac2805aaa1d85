// One choice of a screen, kept in the address.

import { currentView, go, type View, withOption } from "./url";

/** The value of an option and a setter; the default is left out of the address. */
export function option<T extends string>(
  view: View,
  name: string,
  fallback: T,
  allowed?: readonly T[],
): [T, (value: T, how?: { replace?: boolean }) => void] {
  const given = view.options[name] as T | undefined;
  const value = given !== undefined && (!allowed || allowed.includes(given)) ? given : fallback;
  const set = (next: T, { replace = true } = {}): void =>
    go(withOption(currentView(), name, next === fallback ? null : next), { replace });
  return [value, set];
}
