// What people paste into their site.

import type { Site } from "./types";

export const widgetSnippet = (site: Pick<Site, "id">, origin: string): string =>
  `<div data-attune-recommend></div>\n<script defer src="${origin}/w.js" data-site="${site.id}"></script>`;

export const slotSnippet = (site: Pick<Site, "id">, slot: string, origin: string): string =>
  `<div data-attune-slot="${slot}">What shows without an answer</div>\n<script defer src="${origin}/w.js" data-site="${site.id}"></script>`;

/** A shell command that sends one pageview, to see something arrive. */
export const curlCommand = (site: Pick<Site, "id" | "domain">, origin: string): string =>
  `curl ${origin}/api/v1/events -H 'content-type: application/json' -A 'Mozilla/5.0 Firefox/140.0' \\\n` +
  `  -d '{"site":"${site.id}","type":"pageview","url":"https://${site.domain}/"}'`;
