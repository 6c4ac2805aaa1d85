// A site that has never sent anything: how to make it, and a sign of life when the first event comes.

import { useEffect } from "preact/hooks";
import { sitePath } from "../lib/api";
import { useResource } from "../lib/resource";
import { curlCommand } from "../lib/snippet";
import type { Realtime, Site } from "../lib/types";
import { CodeBlock } from "../components/copy";

export function FirstEvent({ site, onEvent }: { site: Site; onEvent: () => void }) {
  const realtime = useResource<Realtime>(sitePath(site, "stats/realtime"), { everyMs: 2_000 });
  const arrived = (realtime.data?.events.length ?? 0) > 0;
  useEffect(() => {
    if (arrived) onEvent();
  }, [arrived]);
  return (
    <div class="first-event">
      <h2>Waiting for the first visitor of {site.domain}</h2>
      <p>
        Paste this into the head of every page. It is 4 KB, sets no cookie, and reports page views
        by itself.
      </p>
      <CodeBlock label="Tracking snippet" text={site.snippet} />
      <p>Or send a page view from a terminal, just to see it arrive:</p>
      <CodeBlock label="Command" text={curlCommand(site, location.origin)} />
      <p>
        History you already have can be read in:{" "}
        <code>attune import access-log FILE --data DIR --site {site.domain}</code>
      </p>
      <p class="waiting" role="status">
        <i class="live-dot on" aria-hidden="true" />
        {arrived ? "It is here." : "Listening. This page changes when something arrives."}
      </p>
    </div>
  );
}
