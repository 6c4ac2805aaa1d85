// Recommended campaigns: what is predicted of each, how sure that is, and how earlier predictions fared.

import { useState } from "preact/hooks";
import type { Calibration, Campaign, Coverage, Recommendation } from "../lib/campaign_types";
import { basisWord, chanceWord, coverageWords } from "../lib/campaigns";
import { explain, patch, post } from "../lib/api";
import { dash, exactMoney, percent, percentRange, plural } from "../lib/format";
import type { All } from "../lib/pages";
import { invalidate, type Resource, useResource } from "../lib/resource";
import type { Site } from "../lib/types";
import { InlineChoice } from "../components/choice";
import { IntervalPlot } from "../components/interval_plot";
import { Loaded, Panel, SkeletonRows } from "../components/panel";
import { Tabs } from "../components/tabs";
import { toast } from "../components/toast";

const calibrationPath = "/api/v1/campaign_advice/calibration";

const measures = [
  { key: "ctr", label: "Click rate", word: "click rate" },
  { key: "conversion", label: "Conversions by click", word: "conversion rate" },
  { key: "engagement", label: "Engagements by impression", word: "engagement rate" },
  { key: "roi", label: "Return", word: "return" },
] as const;
type Measure = (typeof measures)[number]["key"];

interface Props {
  site: Site;
  rows: Resource<All<Recommendation>>;
  campaigns: readonly Campaign[];
}

export function Advice({ site, rows, campaigns }: Props) {
  const changed = (): void => {
    rows.reload();
    invalidate(calibrationPath);
  };
  return (
    <div class="columns uneven">
      <div class="stack">
        <Ask changed={changed} />
        <Loaded resource={rows} skeleton={<SkeletonRows rows={8} />}>
          {({ rows: all }) => <Lists site={site} all={all} campaigns={campaigns} changed={changed} />}
        </Loaded>
      </div>
      <Fared rows={rows.data?.rows ?? []} />
    </div>
  );
}

/** What one earns and wants; a new look at what to run. */
function Ask({ changed }: { changed: () => void }) {
  const [margin, setMargin] = useState(100);
  const [goal, setGoal] = useState(0);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const ask = async (): Promise<void> => {
    setBusy(true);
    try {
      const made = await post<{ proposed: number; measured: number }>("/api/v1/campaign_advice", {
        margin: margin / 100,
        roi_target: goal / 100,
      });
      setProblem("");
      toast(`${plural(made.proposed, "campaign")} proposed, ${made.measured} held against what became of them`);
      changed();
    } catch (error) {
      setProblem(explain(error));
    }
    setBusy(false);
  };
  const number = (label: string, value: number, min: number, max: number, set: (value: number) => void) => (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        required
        min={min}
        max={max}
        step={1}
        value={value}
        onInput={(event) => set(event.currentTarget.valueAsNumber)}
      />
    </label>
  );
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      <div class="asked">
        {number("Of revenue you keep, %", margin, 1, 100, setMargin)}
        {number("Goal: return above, %", goal, -100, 10_000, setGoal)}
        <button type="submit" class="button primary ask" disabled={busy}>
          {busy ? "Looking…" : "Propose campaigns"}
        </button>
      </div>
      <p class="form-error" role="alert">
        {problem}
      </p>
    </form>
  );
}

interface ListsProps {
  site: Site;
  all: readonly Recommendation[];
  campaigns: readonly Campaign[];
  changed: () => void;
}

function Lists({ all, ...rest }: ListsProps) {
  // They are written best first, and listed newest first.
  const of = (...states: string[]): Recommendation[] =>
    all.filter((row) => states.includes(row.implementation_status)).reverse();
  const proposed = of("proposed");
  const accepted = of("accepted");
  const done = of("implemented", "rejected");
  return (
    <>
      {proposed.length === 0 && (
        <p class="no-match">
          Nothing is proposed now. Proposals come from your own campaigns and their statistics: ask
          for some above.
        </p>
      )}
      <Cards title="Proposed, best first" rows={proposed} {...rest} />
      <Cards title="Taken up" rows={accepted} {...rest} />
      {done.length > 0 && (
        <details class="more">
          <summary>{plural(done.length, "recommendation")} implemented or rejected</summary>
          <Cards title="Implemented or rejected" rows={done} {...rest} />
        </details>
      )}
    </>
  );
}

type CardsProps = Omit<ListsProps, "all"> & { title: string; rows: readonly Recommendation[] };

function Cards({ title, rows, ...rest }: CardsProps) {
  if (rows.length === 0) return null;
  const most = (key: Measure): number =>
    Math.max(0.001, ...rows.map((row) => row.prediction_intervals[key]?.high ?? 0));
  const scales = {
    ctr: most("ctr"),
    conversion: most("conversion"),
    engagement: most("engagement"),
    roi: most("roi"),
  };
  return (
    <section class="uplifts" aria-label={title}>
      <h2>{title}</h2>
      {rows.map((row) => (
        <Card key={row.id} row={row} scales={scales} {...rest} />
      ))}
    </section>
  );
}

type CardProps = Omit<CardsProps, "title" | "rows"> & {
  row: Recommendation;
  scales: Record<Measure, number>;
};

function Card({ row, site, scales, campaigns, changed }: CardProps) {
  const chance = row.confidence_score;
  return (
    <article class="uplift card">
      <h3>{row.name}</h3>
      <p>
        <b>{chanceWord(chance)}</b>
        {chance !== null && ` (${percent(chance)})`}.{" "}
        <span class="muted">{basisWord(row)}.</span>
      </p>
      <dl class="facts predicted">
        {measures.map(({ key, label }) => {
          const value = row[`predicted_${key}`];
          const bounds = row.prediction_intervals[key];
          if (value === null || !bounds) return null;
          return (
            <div key={key}>
              <dt>{label}</dt>
              <dd>
                <b>{percent(value)}</b> <small>{percentRange(bounds.low, bounds.high)}</small>
              </dd>
              <IntervalPlot
                value={value}
                low={bounds.low}
                high={bounds.high}
                least={key === "roi" ? -1 : 0}
                most={scales[key]}
                level={80}
                actual={row[`actual_${key}`]}
              />
            </div>
          );
        })}
        {row.recommended_budget !== null && (
          <div>
            <dt data-tip="The median spend of such campaigns.">Budget</dt>
            <dd>
              <b>{exactMoney(row.recommended_budget, site.currency)}</b>
            </dd>
          </div>
        )}
      </dl>
      {row.reasoning && (
        <details class="more">
          <summary>Why</summary>
          <p>{row.reasoning}</p>
        </details>
      )}
      <Acts row={row} campaigns={campaigns} changed={changed} />
    </article>
  );
}

const stateWords: Record<string, string> = {
  implemented: "Implemented",
  rejected: "Rejected",
};

function Acts({ row, campaigns, changed }: Pick<CardProps, "row" | "campaigns" | "changed">) {
  const [marking, setMarking] = useState(false);
  const [campaign, setCampaign] = useState("");
  const [problem, setProblem] = useState("");
  const set = async (body: Record<string, string>): Promise<void> => {
    try {
      await patch(`/api/v1/campaign_recommendations/${row.id}`, body);
      changed();
    } catch (error) {
      setProblem(explain(error));
    }
  };
  const state = row.implementation_status;
  const followed = campaigns.find((each) => each.id === row.implemented_campaign_id);
  if (state === "implemented" || state === "rejected") {
    return (
      <p class="muted">
        {stateWords[state]}
        {followed && ` as ${followed.name}`}
      </p>
    );
  }
  if (marking) {
    const words = Object.fromEntries(campaigns.map((each) => [each.id, each.name]));
    return (
      <form
        class="try-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!campaign) return;
          void set({
            implementation_status: "implemented",
            implemented_campaign_id: campaign,
            implemented_at: new Date().toISOString(),
          });
        }}
      >
        <InlineChoice
          label="The campaign that followed"
          value={campaign}
          words={{ "": "The campaign that followed", ...words }}
          set={setCampaign}
        />
        <button type="submit" class="button small primary" disabled={!campaign}>
          Mark
        </button>
        <button type="button" class="button small" onClick={() => setMarking(false)}>
          Cancel
        </button>
        <p class="form-error">{problem}</p>
      </form>
    );
  }
  return (
    <>
      <div class="form-actions">
        {state === "proposed" && (
          <button
            type="button"
            class="button small primary"
            onClick={() => void set({ implementation_status: "accepted" })}
          >
            Take up
          </button>
        )}
        <button type="button" class="button small" onClick={() => setMarking(true)}>
          Mark as implemented
        </button>
        <button
          type="button"
          class="button small ghost"
          onClick={() => void set({ implementation_status: "rejected" })}
        >
          Reject
        </button>
      </div>
      <p class="form-error">{problem}</p>
    </>
  );
}

/** Predicted against actual. */
function Fared({ rows }: { rows: readonly Recommendation[] }) {
  const calibration = useResource<Calibration>(calibrationPath);
  const [measure, setMeasure] = useState<Measure>("ctr");
  return (
    <Panel
      title="How predictions fared"
      hint="Of recommendations that were implemented and whose campaigns have numbers."
      resource={calibration}
      skeleton={<SkeletonRows rows={4} />}
    >
      {(made) => {
        const of = measures.find((each) => each.key === measure) ?? measures[0];
        const { count, within_interval: held }: Coverage = made[of.key];
        return (
          <>
            <Tabs
              label="Which number"
              small
              tabs={measures.map(({ key, label }) => ({ value: key, label }))}
              value={measure}
              onChange={setMeasure}
            />
            <p>{coverageWords(of.word, count, held, made.interval_level)}</p>
            <FaredPlot rows={rows} measure={measure} />
            {made.brier !== undefined && (
              <p class="muted">
                The confidence was off by {made.brier.toFixed(2)} on average, squared (Brier score,{" "}
                {plural(made.judged, "campaign")}): 0 is perfect, always saying one half gets 0.25.
              </p>
            )}
            {count === 0 && (
              <p class="muted">
                Mark a recommendation as implemented with the campaign that followed, import its
                numbers, and propose again: then it is held against them.
              </p>
            )}
          </>
        );
      }}
    </Panel>
  );
}

function FaredPlot({ rows, measure }: { rows: readonly Recommendation[]; measure: Measure }) {
  const judged = rows.flatMap((row) => {
    const bounds = row.prediction_intervals[measure];
    const actual = row[`actual_${measure}`];
    const predicted = row[`predicted_${measure}`];
    const is = row.implementation_status === "implemented";
    return is && bounds && actual !== null && predicted !== null
      ? [{ id: row.id, name: row.name, ...bounds, actual, predicted }]
      : [];
  });
  if (judged.length === 0) return null;
  const most = Math.max(0.001, ...judged.flatMap((each) => [each.high, each.actual]));
  const least = Math.min(0, ...judged.flatMap((each) => [each.low, each.actual]));
  return (
    <table class="quality fared">
      <caption class="visually-hidden">Predicted against actual</caption>
      <thead>
        <tr>
          <th scope="col" class="name">
            Campaign
          </th>
          <th scope="col" data-tip="Dot and bar: predicted, with its 80 % interval. Line: what it was.">
            Predicted
          </th>
          <th scope="col" class="number">
            Actual
          </th>
        </tr>
      </thead>
      <tbody>
        {judged.map((each) => (
          <tr key={each.id}>
            <th scope="row" class="name">
              <span class="cell-text" data-tip={each.name}>
                {each.name || dash}
              </span>
            </th>
            <td>
              <IntervalPlot
                value={each.predicted}
                low={each.low}
                high={each.high}
                least={least}
                most={most}
                level={80}
                actual={each.actual}
              />
            </td>
            <td class="number">{percent(each.actual)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
