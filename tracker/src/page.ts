// Addresses as they are reported: prefix stripped, credentials and secrets left behind.
import type { Config } from "./config";
import { SENSITIVE } from "./forms";

/** `address` cleaned, or as it was when it is not a URL. Only this site's own paths lose the prefix. */
export function cleanUrl(config: Config, address: string): string {
  let url: URL;
  try {
    url = new URL(address, location.href);
  } catch {
    return address;
  }
  url.username = url.password = "";
  if (url.origin === location.origin) {
    const { prefix } = config;
    if (prefix && (url.pathname + "/").startsWith(prefix + "/")) {
      url.pathname = url.pathname.slice(prefix.length) || "/";
    }
    if (config.excludeSearch) url.search = "";
  }
  // A fragment of the form #access_token=... is a secret, not a place on the page.
  if (url.hash.includes("=")) url.hash = "";
  for (const name of Array.from(url.searchParams.keys())) {
    if (SENSITIVE.test(name)) url.searchParams.set(name, "redacted");
  }
  return url.href;
}

/** Where a link leads, without what it carries: no query, no fragment, no mail address or number. */
export function linkTarget(config: Config, href: string): string {
  const url = new URL(href, location.href);
  if (!/^http/.test(url.protocol)) return url.protocol;
  url.search = url.hash = "";
  return cleanUrl(config, url.href);
}
