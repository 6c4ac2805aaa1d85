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

export function lastSite(): string | null {
  return read("site");
}

export function rememberSite(domain: string): void {
  write("site", domain);
}
