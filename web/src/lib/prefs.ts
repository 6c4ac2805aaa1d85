// What this browser remembers of a person: never anything about a site's visitors.

export type Theme = "system" | "light" | "dark";

function read(key: string): string | null {
  try {
    return localStorage.getItem(`attune.${key}`);
  } catch {
    return null; // storage is switched off; the defaults do
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(`attune.${key}`, value);
  } catch {
    // Storage is switched off: the choice lasts until the page is left.
  }
}

export function storedTheme(): Theme {
  const value = read("theme");
  return value === "light" || value === "dark" ? value : "system";
}

export function storeTheme(theme: Theme): void {
  write("theme", theme);
  applyTheme(theme);
  dispatchEvent(new Event("attune:theme"));
}

const systemIsDark = (): MediaQueryList => matchMedia("(prefers-color-scheme: dark)");

/** Puts the theme on the page: "system" is resolved here, so that the style sheet needs two cases only. */
export function applyTheme(theme: Theme): void {
  const resolved = theme === "system" ? (systemIsDark().matches ? "dark" : "light") : theme;
  document.documentElement.dataset["theme"] = resolved;
}

/** Follows the system when it turns dark or light while the page is open. */
export function followSystemTheme(): void {
  systemIsDark().addEventListener("change", () => storeTheme(storedTheme()));
}

export interface RememberedSite {
  id: string;
  domain: string;
}

/** The site that was looked at last, so that its numbers can be asked for before the list of sites is there. */
export function lastSite(): RememberedSite | null {
  const [id, domain] = (read("site") ?? "").split(" ");
  return id && domain ? { id, domain } : null;
}

export function rememberSite({ id, domain }: RememberedSite): void {
  write("site", `${id} ${domain}`);
}
