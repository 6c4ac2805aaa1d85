// What the <script> tag says, read once. Every attribute is described in ../README.md.

export interface Config {
  site: string;
  host: string;
  /** No identifiers are made, stored or sent; the server counts by its daily keyed hash. */
  cookieless: boolean;
  /** Part of the path that is left out of reported addresses: "/demo". */
  prefix: string;
  /** A change of the fragment is a page view. */
  hash: boolean;
  excludeSearch: boolean;
  forms: string | undefined;
  currency: string | undefined;
  /** Off for this page load: file:, Do Not Track when asked to respect it. */
  disabled: boolean;
  debug: boolean;
}

export function readConfig(script: HTMLScriptElement | null): Config | null {
  if (!script) return null;
  const data = script.dataset;
  if (!data.site) return null;
  const has = (name: string) => name in data && data[name] !== "false";
  const nav = navigator as Navigator & { globalPrivacyControl?: boolean };
  return {
    site: data.site,
    host: (data.host || new URL(script.src, location.href).origin).replace(/\/+$/, ""),
    cookieless: has("cookieless"),
    prefix: (data.stripPrefix || "").replace(/\/+$/, ""),
    hash: has("hash"),
    excludeSearch: has("excludeSearch"),
    forms: data.forms,
    currency: data.currency,
    disabled:
      location.protocol === "file:" ||
      (has("dnt") && (nav.doNotTrack === "1" || nav.globalPrivacyControl === true)),
    debug: has("debug"),
  };
}
