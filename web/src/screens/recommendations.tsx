// What is being recommended, by which strategy, how often it is clicked, and what would this visitor see?

import { sitePath, withQuery } from "../lib/api";
import { momentLabel } from "../lib/dates";
import { ago, count, exact, exactMoney, money, percent, plural } from "../lib/format";
import { useResource } from "../lib/resource";
import type { ItemRow, ModelInfo, RecommendationStats, Site, StrategyRow } from "../lib/types";
import { wilson } from "../lib/statistics";
import { rangeQuery, type View } from "../lib/url";
import { algorithmWord, readable, strategyWord } from "../lib/words";
import { CodeBlock } from "../components/copy";
import { type Column, DataTable } from "../components/data_table";
import { IntervalPlot } from "../components/interval_plot";
import { Empty, Loaded, Panel, SkeletonRows } from "../components/panel";
import { Stat, StatSkeleton } from "../components/stats";
import { TrainButton } from "../components/jobs";
import { widgetSnippet } from "../lib/snippet";
import { TryIt } from "./try_it";

export function RecommendationsScreen({ view, site }: { view: View; site: Site }) {
  const path = withQuery(sitePath(site, "recommendations/stats"), rangeQuery(view));
  const stats = useResource<RecommendationStats>(path, { everyMs: 10_000 });
  const none = stats.data !== null && !stats.stale && stats.data.totals.shown === 0 && stats.data.totals.decisions === 0;
  return (
    <div class="screen">
      <div class="screen-head">
        <div>
          <h1>Recommendations</h1>
          <p class="answer">{stats.data ? sentence(stats.data) : "\u00a0"}</p>
        </div>
      </div>
      <section aria-label="Headline numbers">
        <Loaded resource={stats} skeleton={<StatSkeleton stats={5} />}>
          {(data) => <Totals data={data} site={site} />}
        </Loaded>
      </section>
      {none && (
        <Empty title="Nothing has been recommended in this time.">
          <p>Put the widget where recommendations should appear. It shows what is popular at once, and what fits each visitor as soon as a model is trained.</p>
          <CodeBlock label="Widget snippet" text={widgetSnippet(site, location.origin)} />
        </Empty>
      )}
      <div class="columns uneven">
        <Panel
          title="Strategies"
          hint="Each recommended item was chosen by one strategy."
          resource={stats}
          skeleton={<SkeletonRows rows={4} />}
          class="table-panel"
        >
          {(data) => <Strategies rows={data.strategies} site={site} />}
        </Panel>
        <Panel
          title="Model"
          hint="The model that answers right now."
          resource={stats}
          skeleton={<SkeletonRows rows={4} />}
          actions={<TrainButton site={site} onDone={stats.reload} />}
        >
          {(data) => <Model model={data.model} site={site} />}
        </Panel>
      </div>
      <TryIt view={view} site={site} items={stats.data?.items ?? []} />
      <Panel title="Items" hint="What was recommended most." resource={stats} skeleton={<SkeletonRows />} class="table-panel">
        {(data) => (
          <DataTable
            name="items"
            title="Items"
            columns={itemColumns}
            rows={data.items}
            rowKey={(row) => row.item_id}
            total={data.items.length}
            defaultSort="-shown"
            share={{ of: (row) => row.shown, whole: Math.max(1, ...data.items.map((row) => row.shown)) }}
            searchText={(row) => `${row.item_id} ${row.name ?? ""}`}
            preview={10}
            empty={<p class="no-match">No items were recommended in this time.</p>}
          />
        )}
      </Panel>
    </div>
  );
}

function sentence({ totals }: RecommendationStats): string {
  if (totals.shown === 0) return "No recommendations were seen in this time.";
  const per = totals.ctr === null ? totals.clicked / totals.shown : totals.ctr;
  return `Of ${plural(totals.shown, "recommended item")} that people saw, they clicked ${count(totals.clicked)} (${percent(per)}).`;
}

function Totals({ data: { totals }, site }: { data: RecommendationStats; site: Site }) {
  const stat = (label: string, value: number, definition: string) => (
    <Stat label={label} definition={definition} value={count(value)} exact={exact(value)} />
  );
  return (
    <div class="stats">
      {stat("Lists", totals.decisions, "Times that Attune was asked for recommendations.")}
      {stat("Items seen", totals.shown, "Recommended items that came into a visitor's view.")}
      {stat("Clicks", totals.clicked, "Items clicked within 30 minutes of being shown.")}
      <Stat
        label="Click rate"
        definition="Clicks divided by items seen. Below it: where the true rate lies with 95 % certainty."
        value={totals.ctr === null ? "–" : percent(totals.ctr)}
        note={intervalNote(totals.clicked, totals.shown)}
        exact={totals.ctr === null ? "Not enough data yet" : `${totals.clicked} of ${exact(totals.shown)}`}
      />
      {stat("Bought", totals.converted, "Items bought within 7 days of a click on their recommendation.")}
      <Stat
        label="Revenue"
        definition="Value of the items bought within 7 days of a click on their recommendation."
        value={money(totals.revenue, site.currency)}
        exact={exactMoney(totals.revenue, site.currency)}
      />
    </div>
  );
}

/** "5.4 to 5.9 %", or why there is none. */
function intervalNote(clicked: number, shown: number): string {
  const interval = wilson(clicked, shown);
  return interval === null ? "not enough data yet" : `${percent(interval.low)} to ${percent(interval.high)}`;
}

function Strategies({ rows, site }: { rows: readonly StrategyRow[]; site: Site }) {
  const most = Math.max(0.01, ...rows.map((row) => row.ctr_high ?? 0));
  const columns: [Column<StrategyRow>, ...Column<StrategyRow>[]] = [
    { key: "strategy", label: "Strategy", value: (row) => strategyWord(row.strategy), exact: (row) => row.strategy },
    { key: "shown", label: "Seen", hint: "Items that came into view.", value: (row) => row.shown, cell: (row) => count(row.shown), exact: (row) => exact(row.shown) },
    { key: "clicked", label: "Clicks", value: (row) => row.clicked, cell: (row) => count(row.clicked), exact: (row) => exact(row.clicked) },
    { key: "ctr", label: "Click rate", value: (row) => row.ctr, cell: (row) => (row.ctr === null ? "–" : percent(row.ctr)) },
    {
      key: "interval",
      label: "Interval",
      hint: "Where the true click rate lies with 95 % certainty. Intervals that overlap are not a clear difference.",
      value: (row) => row.ctr_low,
      cell: (row) => <IntervalPlot value={row.ctr} low={row.ctr_low} high={row.ctr_high} most={most} />,
      wideOnly: true,
      plot: true,
    },
    { key: "converted", label: "Bought", value: (row) => row.converted, cell: (row) => count(row.converted), wideOnly: true },
    { key: "revenue", label: "Revenue", value: (row) => row.revenue, cell: (row) => money(row.revenue, site.currency), exact: (row) => exactMoney(row.revenue, site.currency), wideOnly: true },
  ];
  return (
    <DataTable
      name="strategies"
      title="Strategies"
      columns={columns}
      rows={rows}
      rowKey={(row) => row.strategy}
      total={rows.length}
      defaultSort="-shown"
      searchText={(row) => `${row.strategy} ${strategyWord(row.strategy)}`}
      preview={Math.max(3, rows.length)}
      search={false}
      empty={<p class="no-match">No strategy has shown anything in this time.</p>}
    />
  );
}

const itemColumns: readonly [Column<ItemRow>, ...Column<ItemRow>[]] = [
  { key: "name", label: "Item", value: (row) => row.name ?? row.item_id, exact: (row) => row.item_id },
  { key: "shown", label: "Seen", value: (row) => row.shown, cell: (row) => count(row.shown), exact: (row) => exact(row.shown) },
  { key: "clicked", label: "Clicks", value: (row) => row.clicked, cell: (row) => count(row.clicked), exact: (row) => exact(row.clicked), wideOnly: true },
  {
    key: "rate",
    label: "Click rate",
    value: (row) => (row.shown > 0 ? row.clicked / row.shown : null),
    cell: (row) => (row.shown > 0 ? percent(row.clicked / row.shown) : "–"),
    exact: (row) => (row.shown < 100 ? "Few views: this can change a lot" : undefined),
  },
  { key: "converted", label: "Bought", value: (row) => row.converted, cell: (row) => count(row.converted), wideOnly: true },
];

const qualityWords: Record<string, string> = {
  hr: "The item really clicked next was among those recommended.",
  mrr: "How far up the list the item really clicked next was: 1 is always first.",
  ndcg: "Like MRR, with a gentler discount for lower places.",
  coverage: "Share of all items that were recommended to anybody.",
};

function Model({ model, site }: { model: ModelInfo | null; site: Site }) {
  if (!model) {
    return (
      <div class="model">
        <p>No model yet: everybody sees what is popular.</p>
        <p class="muted">
          Train one as soon as some visitors have looked at several items, here or by{" "}
          <code>attune train --data DIR --site {site.domain}</code>
        </p>
      </div>
    );
  }
  const trained = Date.parse(model.trained_at);
  const quality = Object.entries(model.metrics ?? {}).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  return (
    <dl class="model facts">
      <div>
        <dt>Algorithm</dt>
        <dd>{algorithmWord(model.algorithm)}</dd>
      </div>
      <div>
        <dt>Version</dt>
        <dd class="mono">{model.version}</dd>
      </div>
      <div>
        <dt>State</dt>
        <dd>{readable(model.status)}</dd>
      </div>
      <div>
        <dt>Trained</dt>
        <dd data-tip={Number.isFinite(trained) ? `${momentLabel(trained, site.timezone)} ${site.timezone}` : undefined}>
          {Number.isFinite(trained) ? ago(trained, Date.now()) : "–"}
        </dd>
      </div>
      {quality.map(([name, value]) => (
        <div key={name}>
          <dt data-tip={qualityWords[name.toLowerCase().split(/[@_]/)[0] ?? ""]}>{qualityName(name)}</dt>
          <dd>{value.toFixed(3)}</dd>
        </div>
      ))}
      {quality.length > 0 && <p class="muted">Measured on visits that training did not see.</p>}
    </dl>
  );
}

/** "hr_at_20" and "hr@20" as "HR@20". */
function qualityName(name: string): string {
  const [measure = "", at] = name.split(/@|_at_/i);
  const word = /^(hr|mrr|ndcg)$/i.test(measure) ? measure.toUpperCase() : readable(measure);
  return at ? `${word}@${at}` : word;
}
