// What is being recommended, by which strategy, how often it is clicked, and what would this visitor see?

import { sitePath, withQuery } from "../lib/api";
import { dayLabel, dayOf, momentLabel } from "../lib/dates";
import { ago, count, exact, exactMoney, money, percent, percentRange, plural } from "../lib/format";
import { type Resource, useResource } from "../lib/resource";
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
import { UpliftPanel } from "./uplift";

export function RecommendationsScreen({ view, site }: { view: View; site: Site }) {
  const path = withQuery(sitePath(site, "recommendations/stats"), rangeQuery(view));
  const stats = useResource<RecommendationStats>(path, { everyMs: 10_000 });
  const none =
    stats.data !== null &&
    !stats.stale &&
    stats.data.totals.shown === 0 &&
    stats.data.totals.decisions === 0;
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
      <div class="columns uneven">
        <div class="stack">
          {none ? <NothingShown site={site} /> : <ShownPanels stats={stats} site={site} />}
        </div>
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
      {!none && <UpliftPanel view={view} site={site} />}
      <TryIt view={view} site={site} items={stats.data?.items ?? []} />
    </div>
  );
}

function NothingShown({ site }: { site: Site }) {
  return (
    <Empty title="Nothing has been recommended in this time.">
          <p>
            Put the widget where recommendations should appear. It shows what is popular at once,
            and what fits each visitor as soon as a model is trained.
          </p>
          <CodeBlock label="Widget snippet" text={widgetSnippet(site, location.origin)} />
        </Empty>
  );
}

function ShownPanels({ stats, site }: { stats: Resource<RecommendationStats>; site: Site }) {
  return (
    <>
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
            title="Items"
            hint="What was recommended most."
            resource={stats}
            skeleton={<SkeletonRows rows={6} />}
            class="table-panel"
          >
            {(data) => (
              <DataTable
                name="items"
                title="Items"
                columns={itemColumns}
                rows={data.items}
                rowKey={(row) => row.item_id}
                total={data.items.length}
                defaultSort="-shown"
                share={{
                  of: (row) => row.shown,
                  whole: Math.max(1, ...data.items.map((row) => row.shown)),
                }}
                searchText={(row) => `${row.item_id} ${row.name ?? ""}`}
                preview={5}
                empty={<p class="no-match">No items were recommended in this time.</p>}
              />
            )}
          </Panel>
    </>
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
        exact={
          totals.ctr === null
            ? "Not enough data yet"
            : `${totals.clicked} of ${exact(totals.shown)}`
        }
      />
      {stat(
        "Bought",
        totals.converted,
        "Items bought within 7 days of a click on their recommendation.",
      )}
      <Stat
        label="Revenue"
        definition="Value of the items bought within 7 days of a click on their recommendation."
        value={money(totals.revenue, site.currency)}
        exact={exactMoney(totals.revenue, site.currency)}
      />
    </div>
  );
}

/** "5.4 – 5.9 %", or why there is none. */
function intervalNote(clicked: number, shown: number): string {
  const interval = wilson(clicked, shown);
  return interval === null ? "not enough data yet" : percentRange(interval.low, interval.high);
}

function Strategies({ rows, site }: { rows: readonly StrategyRow[]; site: Site }) {
  const most = Math.max(0.01, ...rows.map((row) => row.ctr_high ?? 0));
  const columns: [Column<StrategyRow>, ...Column<StrategyRow>[]] = [
    {
      key: "strategy",
      label: "Strategy",
      value: (row) => strategyWord(row.strategy),
      exact: (row) => row.strategy,
    },
    {
      key: "shown",
      label: "Seen",
      hint: "Items that came into view.",
      value: (row) => row.shown,
      cell: (row) => count(row.shown),
      exact: (row) => exact(row.shown),
    },
    {
      key: "clicked",
      label: "Clicks",
      value: (row) => row.clicked,
      cell: (row) => count(row.clicked),
      exact: (row) => exact(row.clicked),
      wideOnly: true,
    },
    {
      key: "ctr",
      label: "Click rate",
      value: (row) => row.ctr,
      cell: (row) => (
        <>
          {row.ctr === null ? "–" : percent(row.ctr)}
          <small class="narrow-only">{intervalNote(row.clicked, row.shown)}</small>
        </>
      ),
      noted: true,
    },
    {
      key: "interval",
      label: "Interval",
      hint: "Where the true click rate lies with 95 % certainty. Intervals that overlap are not a clear difference.",
      value: (row) => row.ctr_low,
      cell: (row) => (
        <IntervalPlot value={row.ctr} low={row.ctr_low} high={row.ctr_high} most={most} />
      ),
      wideOnly: true,
      plot: true,
    },
    {
      key: "converted",
      label: "Bought",
      value: (row) => row.converted,
      cell: (row) => count(row.converted),
      wideOnly: true,
    },
    {
      key: "revenue",
      label: "Revenue",
      value: (row) => row.revenue,
      cell: (row) => money(row.revenue, site.currency),
      exact: (row) => exactMoney(row.revenue, site.currency),
      wideOnly: true,
    },
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
  {
    key: "name",
    label: "Item",
    value: (row) => row.name ?? row.item_id,
    exact: (row) => row.item_id,
  },
  {
    key: "shown",
    label: "Seen",
    value: (row) => row.shown,
    cell: (row) => count(row.shown),
    exact: (row) => exact(row.shown),
  },
  {
    key: "clicked",
    label: "Clicks",
    value: (row) => row.clicked,
    cell: (row) => count(row.clicked),
    exact: (row) => exact(row.clicked),
    wideOnly: true,
  },
  {
    key: "rate",
    label: "Click rate",
    value: (row) => (row.shown > 0 ? row.clicked / row.shown : null),
    cell: (row) => (row.shown > 0 ? percent(row.clicked / row.shown) : "–"),
    exact: (row) => (row.shown < 100 ? "Few views: this can change a lot" : undefined),
  },
  {
    key: "converted",
    label: "Bought",
    value: (row) => row.converted,
    cell: (row) => count(row.converted),
    wideOnly: true,
  },
];

const qualityMeasures = [
  {
    key: "hr_20",
    label: "HR@20",
    hint: "How often the item really opened next was among the 20 recommended.",
  },
  {
    key: "mrr_20",
    label: "MRR@20",
    hint: "How far up that item stood: 1 is always first, 0.5 is second on average.",
  },
  { key: "ndcg_20", label: "NDCG@20", hint: "Like MRR, with a gentler discount for lower places." },
] as const;

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
  const trained = Date.parse(model.trained_at ?? "");
  const known = Number.isFinite(trained);
  return (
    <div class="model">
      <dl class="facts">
        <div>
          <dt>Algorithm</dt>
          <dd data-tip={model.version}>{algorithmWord(model.algorithm)}</dd>
        </div>
        <div>
          <dt>State</dt>
          <dd
            data-tip={
              model.status === "production"
                ? "Its recommendations are being shown."
                : "Not shown to anybody: what is popular is."
            }
          >
            {readable(model.status)}
          </dd>
        </div>
        <div>
          <dt>Trained</dt>
          <dd
            data-tip={known ? `${momentLabel(trained, site.timezone)} ${site.timezone}` : undefined}
          >
            {known ? ago(trained, Date.now()) : "–"}
          </dd>
        </div>
      </dl>
      {model.metrics && <QualityTable metrics={model.metrics} site={site} />}
    </div>
  );
}

/** How good the model is on visits that it has not seen, beside recommending what is popular. */
function QualityTable({
  metrics,
  site,
}: {
  metrics: NonNullable<ModelInfo["metrics"]>;
  site: Site;
}) {
  const since = Date.parse(metrics.held_out_from);
  const [low, high] = metrics.mrr_gain_95;
  return (
    <>
      <table class="quality">
        <caption class="visually-hidden">Held-out quality</caption>
        <thead>
          <tr>
            <th scope="col" class="name">
              Held-out quality
            </th>
            <th scope="col" class="number">
              Model
            </th>
            <th scope="col" class="number">
              Popular
            </th>
          </tr>
        </thead>
        <tbody>
          {qualityMeasures.map(({ key, label, hint }) => (
            <tr key={key}>
              <th scope="row" class="name" data-tip={hint}>
                {label}
              </th>
              <td class="number">{metrics[key].toFixed(3)}</td>
              <td class="number">{metrics.popularity[key].toFixed(3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="muted">
        Measured on {plural(metrics.predictions, "prediction")}
        {Number.isFinite(since) && ` in visits since ${dayLabel(dayOf(since, site.timezone))}`} that
        training did not see. The gain in MRR over what is popular lies between {low.toFixed(3)} and{" "}
        {high.toFixed(3)} with 95 % certainty.
      </p>
    </>
  );
}
