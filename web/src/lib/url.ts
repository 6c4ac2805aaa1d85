// The state of the dashboard is its address: any view can be sent as a link, and Back works. This file
// says what may be in an address, reads it, writes it, and tells the components when it changes.
// parse() and href() are pure and tested in tests/url.test.ts.

import { useEffect, useState } from "preact/hooks";
import { isDay, type Period, periods } from "./dates";

export const screens = [
  "overview",
  "realtime",
  "people",
  "catalogue",
  "recommendations",
  "placements",
  "flags",
  "tests",
  "campaigns",
  "content",
  "insights",
  "models",
  "settings",
  "system",
] as const;
export type Screen = (typeof screens)[number];

export interface View {
  screen: Screen;
  /** Domain of the site, or null for the one looked at last. */
  site: string | null;
  /** A preset, or two days, both included. */
  period: Period | { from: string; to: string };
  compare: boolean;
  /** Choices of a single screen, such as the metric of its chart or the open tab of a panel. */
  options: Readonly<Record<string, string>>;
}

export const defaultPeriod: Period = "7d";
const reserved = new Set(["site", "period", "from", "to", "compare"]);

/** What the address shows. Whatever it says wrongly falls back to the default. */
export function parse(location: { pathname: string; search: string }): View {
  const name = location.pathname.replace(/^\/+|\/+$/g, "");
  const query = new URLSearchParams(location.search);
  const from = query.get("from");
  const to = query.get("to");
  const period = query.get("period") as Period | null;
  const options: Record<string, string> = {};
  for (const [key, value] of query) if (!reserved.has(key)) options[key] = value;
  return {
    screen: (screens as readonly string[]).includes(name) ? (name as Screen) : "overview",
    site: query.get("site"),
    period:
      from && to && isDay(from) && isDay(to) && from <= to
        ? { from, to }
        : period && periods.includes(period)
          ? period
          : defaultPeriod,
    compare: query.get("compare") !== "none",
    options,
  };
}

/** The address of a view, defaults left out, always in one order. */
export function href(view: View): string {
  const query = new URLSearchParams();
  if (view.site) query.set("site", view.site);
  if (typeof view.period === "object") {
    query.set("from", view.period.from);
    query.set("to", view.period.to);
  } else if (view.period !== defaultPeriod) {
    query.set("period", view.period);
  }
  if (!view.compare) query.set("compare", "none");
  for (const key of Object.keys(view.options).sort()) query.set(key, view.options[key] ?? "");
  const text = query.toString();
  return `/${view.screen}${text ? `?${text}` : ""}`;
}

/** Another screen of the same site and range; what belongs to one screen stays behind. */
export const toScreen = (view: View, screen: Screen): View => ({ ...view, screen, options: {} });

/** The same view with one option set, or taken out by null. */
export function withOption(view: View, name: string, value: string | null): View {
  const options = { ...view.options };
  if (value === null) delete options[name];
  else options[name] = value;
  return { ...view, options };
}

/** The parameters of the stats API for a view. */
export function rangeQuery(view: View): Record<string, string> {
  return typeof view.period === "object"
    ? { from: view.period.from, to: view.period.to }
    : { period: view.period };
}

const listeners = new Set<() => void>();

/** Goes to a view: as a step that Back undoes, or in place of the present one. */
export function go(view: View, { replace = false } = {}): void {
  const target = href(view);
  if (target === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", target);
  for (const listener of listeners) listener();
}

export const currentView = (): View => parse(location);

/** The current view; the component is drawn again when it changes. */
export function useView(): View {
  const [view, setView] = useState(currentView);
  useEffect(() => {
    const update = (): void => setView(currentView());
    listeners.add(update);
    addEventListener("popstate", update);
    update();
    return () => {
      listeners.delete(update);
      removeEventListener("popstate", update);
    };
  }, []);
  return view;
}
