// What do the account's campaigns bring for what they cost, and what should run next?

import { useState } from "preact/hooks";
import type { All } from "../lib/pages";
import { useRows } from "../lib/pages";
import type { Campaign, Recommendation, StatsDay } from "../lib/campaign_types";
import { clickRate, conversionRate, daysOf, none, plus, roi, type Sums, sumsOf } from "../lib/campaigns";
import { dayLabel } from "../lib/dates";
import { count, dash, exact, exactMoney, money, percent, plural } from "../lib/format";
import { option } from "../lib/options";
import type { Resource } from "../lib/resource";
import type { Site } from "../lib/types";
import type { View } from "../lib/url";
import { readable } from "../lib/words";
import { type Column, DataTable } from "../components/data_table";
import { Empty, Loaded, SkeletonRows } from "../components/panel";
import { Stat } from "../components/stats";
import { Tabs } from "../components/tabs";
import { Advice } from "./campaign_advice";
import { Budget } from "./campaign_budget";
import { CampaignDialog, ImportDialog, ProfileForm } from "./campaign_forms";

const tabs = [
  { value: "numbers", label: "Numbers" },
  { value: "advice", label: "What to run next" },
  { value: "budget", label: "Budget" },
  { value: "profile", label: "About your business" },
] as const;
type Tab = (typeof tabs)[number]["value"];

export function CampaignsScreen({ view, site }: { view: View; site: Site }) {
  const [tab, setTab] = option<Tab>(view, "tab", "numbers", tabs.map((each) => each.value));
  const [edit, setEdit] = option<string>(view, "edit", "");
  const campaigns = useRows<Campaign>("campaigns");
  const days = useRows<StatsDay>("campaign_stats_daily");
  const advice = useRows<Recommendation>("campaign_recommendations");
  const [importing, setImporting] = useState(false);
  const all = campaigns.data?.rows ?? [];
  const edited = all.find((each) => each.id === edit);
  const reload = (): void => {
    campaigns.reload();
    days.reload();
  };
  return (
    <div class="screen">
      <div class="screen-head">
        <div>
          <h1>Campaigns</h1>
          <p class="answer">
            {campaigns.data
              ? `${plural(all.length, "campaign")} of the account, on all its sites. Visits by tagged links are in Sources of the overview.`
              : "\u00a0"}
          </p>
        </div>
        <div class="form-actions">
          <button type="button" class="button" onClick={() => setImporting(true)}>
            Import statistics
          </button>
          <button type="button" class="button primary" onClick={() => setEdit("new")}>
            New campaign
          </button>
        </div>
      </div>
      <Tabs label="Campaigns" tabs={tabs} value={tab} onChange={setTab} />
      <div class="tab-body">
        {tab === "numbers" && (
          <Numbers view={view} site={site} campaigns={campaigns} days={days} edit={setEdit} />
        )}
        {tab === "advice" && <Advice site={site} rows={advice} campaigns={all} />}
        {tab === "budget" && <Budget site={site} />}
        {tab === "profile" && <ProfileForm />}
      </div>
      {(edit === "new" || edited) && (
        <CampaignDialog
          key={edit}
          stored={edited}
          currency={site.currency}
          onClose={() => setEdit("")}
          onSaved={reload}
        />
      )}
      {importing && <ImportDialog onClose={() => setImporting(false)} onStored={reload} />}
    </div>
  );
}

interface NumbersProps {
  view: View;
  site: Site;
  campaigns: Resource<All<Campaign>>;
  days: Resource<All<StatsDay>>;
  edit: (id: string) => void;
}

interface Row {
  campaign: Campaign;
  sums: Sums;
  currency: string;
}

function Numbers({ view, site, campaigns, days, edit }: NumbersProps) {
  return (
    <Loaded resource={campaigns} skeleton={<SkeletonRows rows={8} />}>
      {(known) => (
        <Loaded resource={days} skeleton={<SkeletonRows rows={8} />}>
          {(read) => {
            if (known.rows.length === 0) return <NoCampaigns />;
            const { from, to } = daysOf(view.period, Date.now(), site.timezone);
            const sums = sumsOf(read.rows, from, to);
            const rows = known.rows.map((campaign) => ({
              campaign,
              sums: sums.get(campaign.id) ?? none,
              currency: campaign.currency || site.currency,
            }));
            return (
              <>
                {sums.size === 0 && <NothingNow days={read.rows} />}
                <Headline rows={rows} />
                <CampaignTable rows={rows} edit={edit} />
                {read.cut && (
                  <p class="notice">
                    Only the {count(read.rows.length)} rows written last are counted here.
                  </p>
                )}
              </>
            );
          }}
        </Loaded>
      )}
    </Loaded>
  );
}

function NoCampaigns() {
  return (
    <Empty title="No campaigns yet.">
      <p>
        Add the campaigns you run, then import their statistics as CSV: impressions, clicks,
        conversions, revenue and spend by day. From about five campaigns on, Attune says what to run
        next.
      </p>
    </Empty>
  );
}

function NothingNow({ days }: { days: readonly StatsDay[] }) {
  const newest = days.reduce((last, row) => (row.day > last ? row.day : last), "");
  return (
    <p class="notice">
      {newest
        ? `No numbers in this time: the newest are of ${dayLabel(newest)}. Choose a longer range above.`
        : "No numbers yet: import statistics as CSV."}
    </p>
  );
}

const signed = (share: number | null): string =>
  share === null ? dash : `${share > 0 ? "+" : ""}${percent(share)}`;

function Headline({ rows }: { rows: readonly Row[] }) {
  const all = rows.map((row) => row.sums).reduce(plus, none);
  const used = rows.filter((row) => row.sums.revenue > 0 || row.sums.spend > 0);
  const currency = (used[0] ?? rows[0])?.currency ?? "";
  // Amounts of different currencies have no sum.
  const isOne = used.every((row) => row.currency === currency);
  const amount = (value: number): string => (isOne ? money(value, currency) : dash);
  const note = isOne ? undefined : "several currencies";
  const number = (label: string, definition: string, value: number) => (
    <Stat label={label} definition={definition} value={count(value)} exact={exact(value)} />
  );
  const sum = (label: string, definition: string, value: number) => (
    <Stat
      label={label}
      definition={definition}
      value={amount(value)}
      exact={isOne ? exactMoney(value, currency) : undefined}
      note={note}
    />
  );
  const rate = clickRate(all);
  return (
    <div class="stats" role="group" aria-label="All campaigns">
      {number("Impressions", "How often the campaigns were shown.", all.impressions)}
      {number("Clicks", "How often they were clicked.", all.clicks)}
      <Stat
        label="Click rate"
        definition="Clicks by impressions."
        value={rate === null ? dash : percent(rate)}
        exact={undefined}
      />
      {number("Conversions", "What the platforms counted as one.", all.conversions)}
      {sum("Revenue", "What the platforms say that conversions brought.", all.revenue)}
      {sum("Spend", "What the campaigns cost.", all.spend)}
      <Stat
        label="Return"
        definition="Revenue by spend, less 1: +20 % means 1.20 back for each 1.00 spent."
        value={isOne ? signed(roi(all)) : dash}
        exact={undefined}
        note={note}
      />
    </div>
  );
}

const columnsFor = (
  edit: (id: string) => void,
): [Column<Row>, ...Column<Row>[]] => {
  const number = (
    key: "impressions" | "clicks" | "conversions",
    label: string,
    wideOnly = false,
  ): Column<Row> => ({
    key,
    label,
    value: (row) => row.sums[key],
    cell: (row) => (row.sums === none ? dash : count(row.sums[key])),
    exact: (row) => exact(row.sums[key]),
    wideOnly,
  });
  const amount = (key: "revenue" | "spend", label: string, wideOnly: boolean): Column<Row> => ({
    key,
    label,
    value: (row) => row.sums[key],
    cell: (row) => (row.sums === none ? dash : money(row.sums[key], row.currency)),
    exact: (row) => exactMoney(row.sums[key], row.currency),
    wideOnly,
  });
  return [
    {
      key: "name",
      label: "Campaign",
      value: (row) => row.campaign.name,
      exact: (row) => [row.campaign.name, row.campaign.objective, row.campaign.platform].filter(Boolean).join(" · "),
      cell: (row) => (
        <button type="button" class="link-button" onClick={() => edit(row.campaign.id)}>
          {row.campaign.name}
        </button>
      ),
    },
    { key: "status", label: "State", value: (row) => readable(row.campaign.status), wideOnly: true },
    number("impressions", "Impressions", true),
    number("clicks", "Clicks", true),
    {
      key: "ctr",
      label: "Click rate",
      hint: "Clicks by impressions.",
      value: (row) => clickRate(row.sums),
      cell: (row) => share(clickRate(row.sums)),
    },
    {
      ...number("conversions", "Conversions", true),
      exact: (row) => {
        const rate = conversionRate(row.sums);
        return `${exact(row.sums.conversions)}${rate === null ? "" : ` · ${percent(rate)} of clicks`}`;
      },
    },
    amount("revenue", "Revenue", true),
    amount("spend", "Spend", false),
    {
      key: "roi",
      label: "Return",
      hint: "Revenue by spend, less 1.",
      value: (row) => roi(row.sums),
      cell: (row) => signed(roi(row.sums)),
    },
  ];
};

const share = (value: number | null): string => (value === null ? dash : percent(value));

function CampaignTable({ rows, edit }: { rows: readonly Row[]; edit: (id: string) => void }) {
  return (
    <DataTable
      name="campaigns"
      title="Campaigns"
      columns={columnsFor(edit)}
      rows={rows}
      rowKey={(row) => row.campaign.id}
      total={rows.length}
      defaultSort="-spend"
      searchText={(row) => `${row.campaign.name} ${row.campaign.platform ?? ""}`}
      preview={Math.min(20, rows.length)}
      search={false}
    />
  );
}
