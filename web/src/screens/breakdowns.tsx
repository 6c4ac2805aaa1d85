// Where people come from and what they look at: the tables under the chart.

import { get, sitePath, withQuery } from "../lib/api";
import { count, duration, exact, percent } from "../lib/format";
import { option } from "../lib/options";
import { type Resource, useResource } from "../lib/resource";
import type { Overview, PageRow, ReferrerRow, Rows, Site, SourceRow } from "../lib/types";
import type { View } from "../lib/url";
import { channelWord } from "../lib/words";
import { type Column, DataTable } from "../components/data_table";
import { Panel, SkeletonRows } from "../components/panel";
import { Tabs } from "../components/tabs";

const rowsAtOnce = 100;
const rowsMax = 1_000;

interface Props {
  view: View;
  site: Site;
  range: Record<string, string>;
  everyMs: number;
  overview: Overview | null;
}

const numberColumn = <R,>(
  key: string,
  label: string,
  hint: string,
  value: (row: R) => number,
): Column<R> => ({
  key,
  label,
  hint,
  value,
  cell: (row) => count(value(row)),
  exact: (row) => exact(value(row)),
});

const pageKinds = ["top", "entry"] as const;

const pageColumn: Column<PageRow> = {
  key: "path",
  label: "Page",
  value: (row) => row.path,
  exact: (row) => (row.title ? `${row.title} · ${row.path}` : row.path),
};
const entriesColumn = numberColumn<PageRow>(
  "entries",
  "Entries",
  "Sessions that began on this page.",
  (row) => row.entries,
);

const pageColumns: readonly [Column<PageRow>, ...Column<PageRow>[]] = [
  pageColumn,
  numberColumn(
    "visitors",
    "Visitors",
    "Different people who opened this page.",
    (row) => row.visitors,
  ),
  numberColumn("pageviews", "Views", "How often the page was opened.", (row) => row.pageviews),
  {
    key: "time",
    label: "Time",
    hint: "Time on the page, on average over the views where it is known.",
    value: (row) => row.avg_time_on_page_seconds,
    cell: (row) =>
      row.avg_time_on_page_seconds === null ? "–" : duration(row.avg_time_on_page_seconds),
    wideOnly: true,
  },
];

const entryColumns: readonly [Column<PageRow>, ...Column<PageRow>[]] = [
  pageColumn,
  entriesColumn,
  numberColumn(
    "visitors",
    "Visitors",
    "Different people who opened this page.",
    (row) => row.visitors,
  ),
];

export function PagesPanel({ view, site, range, everyMs, overview }: Props) {
  const [kind, setKind] = option(view, "pages", "top", pageKinds);
  const sort = kind === "top" ? "visitors" : "entries";
  const path = (limit: number): string =>
    withQuery(sitePath(site, "stats/pages"), { ...range, sort, limit });
  const pages = useResource<Rows<PageRow>>(path(rowsAtOnce), { everyMs });
  const common = {
    title: "Pages",
    rowKey: (row: PageRow) => row.path,
    searchText: (row: PageRow) => `${row.path} ${row.title ?? ""}`,
    loadAll: () => get<Rows<PageRow>>(path(rowsMax)).then(({ rows }) => rows),
    empty: <p class="no-match">No pages were opened in this time.</p>,
  };
  const whole = (metric: "visitors" | "sessions"): number => overview?.metrics[metric]?.value ?? 0;
  return (
    <Panel
      title="Pages"
      hint="What is read."
      resource={pages}
      skeleton={<SkeletonRows />}
      class="table-panel"
      controls={
        <div class="panel-tabs">
          <Tabs
            label="Pages by"
            value={kind}
            onChange={setKind}
            tabs={[
              { value: "top", label: "Most read" },
              { value: "entry", label: "Entry pages" },
            ]}
          />
        </div>
      }
    >
      {({ rows, total }) =>
        kind === "top" ? (
          <DataTable
            {...common}
            name="pages-table"
            columns={pageColumns}
            rows={rows}
            total={total}
            defaultSort="-visitors"
            share={{ of: (row) => row.visitors, whole: whole("visitors") }}
          />
        ) : (
          <DataTable
            {...common}
            name="entries-table"
            columns={entryColumns}
            rows={rows.filter((row) => row.entries > 0)}
            total={rows.length < total ? total : rows.filter((row) => row.entries > 0).length}
            defaultSort="-entries"
            share={{ of: (row) => row.entries, whole: whole("sessions") }}
          />
        )
      }
    </Panel>
  );
}

const sourceKinds = ["type", "platform", "referrer", "utm"] as const;
type SourceKind = (typeof sourceKinds)[number];
const utmKinds = ["utm_source", "utm_medium", "utm_campaign"] as const;

const visitorsHint = "Different people who came from here.";
const sessionsHint = "Visits that began here.";

function sourceColumns(kind: SourceKind): [Column<SourceRow>, ...Column<SourceRow>[]] {
  const first = { type: "Channel", platform: "Platform", referrer: "Site", utm: "Value" }[kind];
  return [
    {
      key: "name",
      label: first,
      value: (row) => (kind === "utm" ? row.name : channelWord(row.name)),
      exact: (row) => (kind === "utm" ? row.name : channelWord(row.name)),
    },
    numberColumn("visitors", "Visitors", visitorsHint, (row) => row.visitors),
    numberColumn("sessions", "Sessions", sessionsHint, (row) => row.sessions),
    {
      key: "bounce",
      label: "Bounce rate",
      hint: "Share of sessions with one pageview and nothing else.",
      value: (row) => row.bounce_rate,
      cell: (row) => (row.bounce_rate === null ? "–" : percent(row.bounce_rate)),
      wideOnly: true,
    },
  ];
}

const referrerColumns: readonly [Column<ReferrerRow>, ...Column<ReferrerRow>[]] = [
  {
    key: "name",
    label: "Site",
    value: (row) => row.name || "(none)",
    exact: (row) => row.name || "(none)",
  },
  numberColumn("visitors", "Visitors", visitorsHint, (row) => row.visitors),
  numberColumn("sessions", "Sessions", sessionsHint, (row) => row.sessions),
  { key: "type", label: "Channel", value: (row) => channelWord(row.type), wideOnly: true },
];

export function SourcesPanel({ view, site, range, everyMs, overview }: Props) {
  const [kind, setKind] = option<SourceKind>(view, "sources", "type", sourceKinds);
  const [utm, setUtm] = option(view, "utm", "utm_source", utmKinds);
  const by = kind === "utm" ? utm : kind;
  const path = (limit: number): string =>
    kind === "referrer"
      ? withQuery(sitePath(site, "stats/referrers"), { ...range, limit })
      : withQuery(sitePath(site, "stats/sources"), { ...range, by, limit });
  const rows = useResource<Rows<SourceRow | ReferrerRow>>(path(rowsAtOnce), { everyMs });
  const whole = overview?.metrics.visitors?.value ?? 0;
  const common = {
    name: "sources-table",
    title: "Sources",
    defaultSort: "-visitors",
    preview: kind === "utm" ? 8 : 9,
  };
  const empty = (
    <p class="no-match">
      {kind === "utm"
        ? "No links with utm_source, utm_medium or utm_campaign were followed in this time."
        : kind === "referrer"
          ? "No visit came by a link from another site in this time."
          : "No visits in this time."}
    </p>
  );
  return (
    <Panel
      title="Sources"
      hint="Where people come from."
      resource={rows}
      skeleton={<SkeletonRows />}
      class="table-panel"
      controls={
        <div class="panel-tabs">
          <Tabs
            label="Sources by"
            value={kind}
            onChange={setKind}
            tabs={[
              { value: "type", label: "Channel" },
              { value: "platform", label: "Platform" },
              { value: "referrer", label: "Referrer" },
              { value: "utm", label: "UTM" },
            ]}
          />
          {kind === "utm" && (
            <Tabs
              label="UTM parameter"
              small
              value={utm}
              onChange={setUtm}
              tabs={[
                { value: "utm_source", label: "Source" },
                { value: "utm_medium", label: "Medium" },
                { value: "utm_campaign", label: "Link campaign" },
              ]}
            />
          )}
        </div>
      }
    >
      {(data) =>
        kind === "referrer" ? (
          <DataTable
            {...common}
            columns={referrerColumns}
            rows={ofReferrers(rows)}
            rowKey={(row) => row.name}
            total={data.total}
            share={{ of: (row) => row.visitors, whole }}
            searchText={(row) => `${row.name} ${row.type}`}
            loadAll={() => get<Rows<ReferrerRow>>(path(rowsMax)).then((all) => all.rows)}
            empty={empty}
          />
        ) : (
          <DataTable
            {...common}
            columns={sourceColumns(kind)}
            rows={ofSources(rows)}
            rowKey={(row) => row.name}
            total={data.total}
            share={{ of: (row) => row.visitors, whole }}
            searchText={(row) => `${row.name} ${channelWord(row.name)}`}
            loadAll={() => get<Rows<SourceRow>>(path(rowsMax)).then((all) => all.rows)}
            empty={empty}
          />
        )
      }
    </Panel>
  );
}

// While one kind of rows gives way to the other, the old ones are still shown, dimmed.
const ofReferrers = ({ data }: Resource<Rows<SourceRow | ReferrerRow>>): ReferrerRow[] =>
  (data?.rows ?? []).map((row) => ("type" in row ? row : { ...row, type: "" }));
const ofSources = ({ data }: Resource<Rows<SourceRow | ReferrerRow>>): SourceRow[] =>
  (data?.rows ?? []).map((row) => ("bounce_rate" in row ? row : { ...row, bounce_rate: null }));
