// Templates of content: where an error is, and HTML for a preview. Pure; tested in tests/templates.test.ts.

import type { Template } from "./campaign_types";

export const templateTypes: Record<string, string> = {
  web_block: "Page block",
  email: "Mail",
  ad_copy: "Advert",
  push: "Push",
  sms: "SMS",
};

/** "line 3, column 7: ..." as its place, from 1; columns are bytes, as the server counts. */
export function placeOf(message: string): { line: number; column: number } | null {
  const found = /^line (\d+), column (\d+)/.exec(message);
  return found ? { line: Number(found[1]), column: Number(found[2]) } : null;
}

/** Where a place is in a text: an index for a selection; behind the end: the end. */
export function indexOf(text: string, place: { line: number; column: number }): number {
  const lines = text.split("\n");
  const before = lines.slice(0, place.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
  const bytes = new TextEncoder().encode(lines[place.line - 1] ?? "").slice(0, place.column - 1);
  return Math.min(text.length, before + new TextDecoder().decode(bytes).length);
}

/**
 * HTML as a sandboxed frame can take it under the page's policy, which allows no inline styles: they
 * wait in data-style, and style sheets as data blocks, for HtmlPreview to set. Links open nowhere.
 */
export function forFrame(html: string): string {
  const tags = /<[a-z](?:[^"'>]|"[^"]*"|'[^']*')*>/gi;
  const held = html.replace(tags, (tag) => tag.replace(/(?<=[\s"'/])style(?=\s*=)/gi, "data-style"));
  const sheets = held
    .replace(/<style\b[^>]*>/gi, '<script type="held">')
    .replace(/<\/style\b/gi, "</script");
  return `<!doctype html><base target="_blank">${sheets}`;
}

/** Each name once with its newest version first, by name. */
export function byName(rows: readonly Template[]): { newest: Template; older: Template[] }[] {
  const names = new Map<string, Template[]>();
  for (const row of rows) names.set(row.name, [...(names.get(row.name) ?? []), row]);
  return [...names.values()]
    .map((all) => {
      const [newest, ...older] = [...all].sort((a, b) => b.version - a.version);
      return { newest: newest as Template, older };
    })
    .sort((a, b) => a.newest.name.localeCompare(b.newest.name));
}
