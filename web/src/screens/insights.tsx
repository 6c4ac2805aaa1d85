// What did we learn, how do we know, and what should be done about it?

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Basis, Insight, Pattern } from "../lib/campaign_types";
import { explain, patch, post } from "../lib/api";
import { dayLabel, rangeLabel } from "../lib/dates";
import { ago, count, percent, plural, small } from "../lib/format";
import { option } from "../lib/options";
import { useRows } from "../lib/pages";
import { useResource } from "../lib/resource";
import type { Job, Json } from "../lib/types";
import type { View } from "../lib/url";
import { readable, sentence } from "../lib/words";
import { InlineChoice } from "../components/choice";
import { JobProgress, type JobsAnswer, jobsPath } from "../components/jobs";
import { Empty, Loaded, SkeletonRows } from "../components/panel";
import { Tabs } from "../components/tabs";

const tabs = [
  { value: "inbox", label: "Inbox" },
  { value: "patterns", label: "Patterns" },
] as const;
type Tab = (typeof tabs)[number]["value"];

export function InsightsScreen({ view }: { view: View }) {
  const [tab, setTab] = option<Tab>(view, "tab", "inbox", tabs.map((each) => each.value));
  const insights = useRows<Insight>("learning_insights");
  const patterns = useRows<Pattern>("performance_patterns");
  const fresh = insights.data?.rows.filter((row) => row.implementation_status === "new").length ?? 0;
  return (
    <div class="screen">
      <div class="screen-head">
        <div>
          <h1>Insights</h1>
          <p class="answer">
            {insights.data
              ? `${fresh === 0 ? "Nothing" : plural(fresh, "insight")} new. Attune looks every day at campaigns and at tests that ended.`
              : "\u00a0"}
          </p>
        </div>
        <LookNow
          onDone={() => {
            insights.reload();
            patterns.reload();
          }}
        />
      </div>
      <Tabs label="Insights" tabs={tabs} value={tab} onChange={setTab} />
      <div class="tab-body">
        {tab === "inbox" ? (
          <Loaded resource={insights} skeleton={<SkeletonRows rows={8} />}>
            {({ rows }) => <Inbox view={view} rows={rows} changed={insights.reload} />}
          </Loaded>
        ) : (
          <Loaded resource={patterns} skeleton={<SkeletonRows rows={8} />}>
            {({ rows }) => <Patterns rows={rows} />}
          </Loaded>
        )}
      </div>
    </div>
  );
}

/** Starts a look and follows it; what it found, or why it found nothing, is said at its end. */
function LookNow({ onDone }: { onDone: () => void }) {
  const [mine, setMine] = useState("");
  const [busy, setBusy] = useState(false);
  const [words, setWords] = useState("");
  const jobs = useResource<JobsAnswer>(jobsPath, { everyMs: busy ? 500 : 0 });
  const job = jobs.data?.jobs.find((each) => each.id === mine);
  useEffect(() => {
    if (!busy || !job || job.state === "running") return;
    setBusy(false);
    setWords(job.state === "failed" ? `It failed: ${job.message ?? ""}` : foundWords(job));
    onDone();
  }, [job?.state, busy]);
  const start = async (): Promise<void> => {
    setWords("");
    setMine("");
    setBusy(true);
    try {
      setMine((await post<Job>("/api/v1/learning_insights/find")).id);
      jobs.reload();
    } catch (error) {
      setBusy(false);
      setWords(explain(error));
    }
  };
  return (
    <div class="train">
      {busy && job ? (
        <JobProgress job={job} />
      ) : (
        <button type="button" class="button" disabled={busy} onClick={start}>
          {busy ? "Starting…" : "Look now"}
        </button>
      )}
      <p class="look-result" role="status">
        {words}
      </p>
    </div>
  );
}

interface Found {
  patterns_found?: number;
  insights_of_patterns?: number;
  insights_of_tests?: number;
  refusal?: string;
}

function foundWords(job: Job): string {
  const found = (job.result ?? {}) as Found;
  const made = (found.insights_of_patterns ?? 0) + (found.insights_of_tests ?? 0);
  const first = made > 0 ? `${plural(made, "new insight")}.` : "Nothing new.";
  if (found.refusal) return `${first} No patterns: ${found.refusal}.`;
  return `${first} ${plural(found.patterns_found ?? 0, "pattern")} hold now.`;
}

const states: Record<Insight["implementation_status"], string> = {
  new: "New",
  accepted: "Accepted",
  implemented: "Implemented",
  rejected: "Rejected",
};

function basisWords(basis: Basis): string {
  if (basis === "experiment") return "From a test: the change is the cause";
  if (basis === "observational") return "Only observed: associated with, not shown to be the cause";
  return "Not said how it is known";
}

const stepOf = (steps: readonly Json[]): string => steps.filter((each) => typeof each === "string").join(" ");

const effect = (share: number | null): string =>
  share === null ? "no size known" : `${share > 0 ? "+" : share < 0 ? "−" : ""}${percent(Math.abs(share))}`;

function Inbox({ view, rows, changed }: { view: View; rows: readonly Insight[]; changed: () => void }) {
  const [state, setState] = option<string>(view, "state", "");
  const [problem, setProblem] = useState("");
  if (rows.length === 0) {
    return (
      <Empty title="No insights yet.">
        <p>
          They come from tests that ended, and from patterns in campaigns: for those, 40 campaigns
          with statistics are needed.
        </p>
      </Empty>
    );
  }
  const set = async (row: Insight, to: string): Promise<void> => {
    try {
      await patch(`/api/v1/learning_insights/${row.id}`, { implementation_status: to });
      setProblem("");
    } catch (error) {
      setProblem(explain(error));
    }
    changed();
  };
  const shown = rows.filter((row) => !state || row.implementation_status === state);
  return (
    <>
      <div class="filters">
        <InlineChoice
          label="Which insights"
          value={state}
          words={{ "": "All", ...states }}
          set={setState}
        />
      </div>
      <p class="form-error" role="alert">
        {problem}
      </p>
      <div class="uplifts insights">
        {shown.map((row) => (
          <InsightCard key={row.id} row={row} set={(to) => void set(row, to)} />
        ))}
        {shown.length === 0 && <p class="no-match">None of them.</p>}
      </div>
    </>
  );
}

const pWords = (p: number): string => (p < 0.0001 ? "p < 0.0001" : `p = ${small(p)}`);

function sureness({ confidence_score: confidence, basis }: Insight): string {
  if (confidence === null) return "not known";
  return basis === "experiment" ? `${percent(confidence)} confidence` : `${pWords(1 - confidence)}, corrected`;
}

function InsightCard({ row, set }: { row: Insight; set: (to: string) => void }) {
  const lift = row.improvement_percentage;
  const step = stepOf(row.optimization_suggestions);
  return (
    <article class="uplift card">
      <h2>
        {row.title} <span class="badge">{sentence(row.priority)} priority</span>
      </h2>
      <p class={row.basis === "experiment" ? "" : "muted"}>{basisWords(row.basis)}.</p>
      <p>{row.description}</p>
      <dl class="facts">
        <Fact label="Effect">
          <b>{effect(lift === null ? null : lift / 100)}</b>
        </Fact>
        <Fact label="Significance" tip="Of a pattern: corrected for all that was looked at (Benjamini and Hochberg).">
          {sureness(row)}
        </Fact>
        <Fact label="From">
          {[
            row.sample_size !== null && `${count(row.sample_size)} ${row.basis === "experiment" ? "observed" : "impressions"}`,
            row.period_start && row.period_end && rangeLabel(row.period_start, row.period_end),
          ]
            .filter(Boolean)
            .join(", ")}
        </Fact>
        {row.data_quality !== null && (
          <Fact label="Data quality" tip="Share of days with numbers, times the share of rows that name platform and audience.">
            {percent(row.data_quality)}
          </Fact>
        )}
        {step && <Fact label="Next step">{step}</Fact>}
      </dl>
      <div class="form-actions">
        <InlineChoice label={`State of: ${row.title}`} value={row.implementation_status} words={states} set={set} />
        <span class="muted">{ago(Date.parse(row.discovered_at), Date.now())}</span>
      </div>
    </article>
  );
}

function Fact(props: { label: string; tip?: string; children: ComponentChildren }) {
  return (
    <div>
      <dt {...(props.tip ? { "data-tip": props.tip } : {})}>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Patterns({ rows }: { rows: readonly Pattern[] }) {
  if (rows.length === 0) {
    return (
      <Empty title="No patterns yet.">
        <p>
          Attune looks for conditions under which campaigns do better or worse, on one half of them,
          and keeps what the other half confirms. Fewer than 40 campaigns: it does not look.
        </p>
      </Empty>
    );
  }
  return (
    <div class="uplifts insights">
      {rows.map((row) => (
        <article class="uplift card" key={row.id}>
          <h2>
            {row.name} <span class="badge">{readable(row.pattern_type)}</span>
          </h2>
          <p class="muted">{basisWords(row.basis)}.</p>
          <p>{row.description}</p>
          <dl class="facts">
            <Fact label="Effect">
              <b>{effect(row.performance_impact)}</b>
            </Fact>
            <Fact label="Significance" tip="Corrected for all that was looked at (Benjamini and Hochberg).">
              {row.p_value === null ? "not known" : `${pWords(row.p_value)}, corrected`}
            </Fact>
            <Fact label="Holds for" tip="Share of the impressions.">
              {row.frequency === null ? "not known" : percent(row.frequency)}
            </Fact>
            <Fact label="Last seen">
              {row.last_observed ? dayLabel(row.last_observed.slice(0, 10)) : "not known"}
            </Fact>
            {stepOf(row.actionable_insights) && (
              <Fact label="Next step">{stepOf(row.actionable_insights)}</Fact>
            )}
          </dl>
        </article>
      ))}
    </div>
  );
}
