// What is happening this minute?

import { useEffect, useRef, useState } from "preact/hooks";
import { sitePath } from "../lib/api";
import { clockSeconds } from "../lib/dates";
import { ago, count } from "../lib/format";
import { useResource } from "../lib/resource";
import type { LiveEvent, Realtime, Site } from "../lib/types";
import { channelWord, countryWord, eventWord, readable } from "../lib/words";
import { MinuteBars } from "../components/bars";
import { Loaded } from "../components/panel";
import { FirstEvent } from "./first_event";

const pollMs = 3_000;
const feedLength = 40;

export function RealtimeScreen({ site }: { site: Site }) {
  const live = useResource<Realtime>(sitePath(site, "stats/realtime"), { everyMs: pollMs });
  const feed = useFeed(live.data?.events ?? null);

  return (
    <div class="screen">
      <div class="screen-head">
        <div>
          <h1>Realtime</h1>
          <p class="answer">The last 30 minutes, as they happen.</p>
        </div>
        <LiveMark failed={live.error !== null} />
      </div>
      <Loaded resource={live} skeleton={<div class="realtime-skeleton" />}>
        {(data) => (
          <>
            <div class="realtime-top">
              <div class="now-number">
                <span class="big" data-testid="visitors-now">
                  {count(data.visitors_now)}
                </span>
                <span
                  class="now-label"
                  data-tip="Different people with an event in the last 5 minutes."
                >
                  {data.visitors_now === 1 ? "visitor" : "visitors"} now
                </span>
                <span
                  class="now-more"
                  data-tip="Different people with an event in the last 30 minutes."
                >
                  {count(data.visitors_30m)} in 30 minutes
                </span>
              </div>
              <section class="realtime-bars" aria-label="Visitors by minute">
                <MinuteBars minutes={data.minutes} timeZone={site.timezone} />
              </section>
            </div>
            <div class="columns three">
              <section class="panel" aria-labelledby="live-pages">
                <h2 id="live-pages">Pages</h2>
                <Ranking
                  rows={data.pages.map((row) => ({ name: row.path, visitors: row.visitors }))}
                  empty="Nobody is on a page right now."
                />
              </section>
              <section class="panel" aria-labelledby="live-sources">
                <h2 id="live-sources">Sources</h2>
                <Ranking
                  rows={data.sources.map((row) => ({
                    name: channelWord(row.name),
                    visitors: row.visitors,
                  }))}
                  empty="Nobody came in the last 30 minutes."
                />
              </section>
              <section class="panel feed-panel" aria-labelledby="live-feed">
                <h2 id="live-feed">Events</h2>
                {feed.length > 0 ? (
                  <ul class="feed">
                    {feed.map((event) => (
                      <FeedRow key={event.key} event={event} site={site} />
                    ))}
                  </ul>
                ) : (
                  <p class="no-match">Quiet. Events show here within a second or two.</p>
                )}
              </section>
            </div>
          </>
        )}
      </Loaded>
      {live.data && live.data.visitors_30m === 0 && <FirstEventIfNone site={site} />}
    </div>
  );
}

/** Shows how to send events, but only to a site that never had any. */
function FirstEventIfNone({ site }: { site: Site }) {
  const ever = useResource<{ metrics: { events?: { value: number | null } } }>(
    sitePath(site, "stats/overview?period=all&compare=none"),
  );
  return ever.data && (ever.data.metrics.events?.value ?? 0) === 0 ? (
    <FirstEvent site={site} onEvent={ever.reload} />
  ) : null;
}

function LiveMark({ failed }: { failed: boolean }) {
  const [visible, setVisible] = useState(document.visibilityState === "visible");
  useEffect(() => {
    const update = (): void => setVisible(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", update);
    return () => document.removeEventListener("visibilitychange", update);
  }, []);
  const text = failed ? "Not connected" : visible ? "Live" : "Paused";
  return (
    <span class="live-mark" data-tip="Updated every 3 seconds while this page is visible.">
      <i class={`live-dot${failed ? " off" : visible ? " on" : ""}`} aria-hidden="true" /> {text}
    </span>
  );
}

function Ranking({ rows, empty }: { rows: { name: string; visitors: number }[]; empty: string }) {
  const most = Math.max(1, ...rows.map((row) => row.visitors));
  if (rows.length === 0) return <p class="no-match">{empty}</p>;
  return (
    <ol class="ranking">
      {rows.slice(0, 10).map((row) => (
        <li key={row.name}>
          <span
            class="share-bar"
            style={{ width: `${(row.visitors / most) * 100}%` }}
            aria-hidden="true"
          />
          <span class="cell-text" data-tip={row.name}>
            {row.name || "(none)"}
          </span>
          <b>{count(row.visitors)}</b>
        </li>
      ))}
    </ol>
  );
}

interface FeedEvent extends LiveEvent {
  key: string;
  fresh: boolean;
}

/** The latest events, newest first; those that came since the answer before are marked fresh. */
function useFeed(events: readonly LiveEvent[] | null): FeedEvent[] {
  const seen = useRef<Set<string> | null>(null);
  const rows = useRef<FeedEvent[]>([]);
  const last = useRef<readonly LiveEvent[] | null>(null);
  if (events && events !== last.current) {
    last.current = events;
    const before = seen.current;
    const counts = new Map<string, number>();
    rows.current = events.slice(0, feedLength).map((event) => {
      const base = `${event.t} ${event.visitor} ${event.event_type} ${event.path ?? ""}`;
      const copy = counts.get(base) ?? 0;
      counts.set(base, copy + 1);
      const key = `${base} ${copy}`;
      return { ...event, key, fresh: before !== null && !before.has(key) };
    });
    seen.current = new Set(rows.current.map((row) => row.key));
  }
  return rows.current;
}

function FeedRow({ event, site }: { event: FeedEvent; site: Site }) {
  const ms = Date.parse(event.t);
  const place = countryWord(event.country);
  const device =
    event.device_type && event.device_type !== "unknown" ? readable(event.device_type) : "";
  const details = [place, device].filter(Boolean).join(" · ");
  return (
    <li class={event.fresh ? "fresh" : ""}>
      <i
        class="who"
        style={{ background: `hsl(${hue(event.visitor)} 55% 55%)` }}
        data-tip={`Visitor ${event.visitor}`}
        aria-hidden="true"
      />
      <span class="what">
        <span class="did">{eventWord(event.event_type)}</span>{" "}
        <span class="where">{event.path ?? ""}</span>
        {details && <small>{details}</small>}
      </span>
      <time dateTime={event.t} data-tip={`${clockSeconds(ms, site.timezone)} ${site.timezone}`}>
        {ago(ms, Date.now())}
      </time>
    </li>
  );
}

/** A colour for a visitor, the same every time, so that the eye can follow one person. */
function hue(visitor: string): number {
  let hash = 0;
  for (const character of visitor) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return hash % 360;
}
