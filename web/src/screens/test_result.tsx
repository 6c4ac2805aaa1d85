// Can I trust this test, what does it say, and what do I do now?

import { useState } from "preact/hooks";
import { ApiError, explain, post } from "../lib/api";
import { momentLabel } from "../lib/dates";
import { ago, count, exact, exactMoney, money, percent, plural } from "../lib/format";
import { useResource } from "../lib/resource";
import type { AbTest, TestVariation, Verdict } from "../lib/test_types";
import {
  daysText,
  headline,
  isEnough,
  liftRange,
  outcomeWords,
  probability,
  signed,
  significanceWords,
  toneOf,
} from "../lib/tests";
import type { Site } from "../lib/types";
import type { View } from "../lib/url";
import { readable } from "../lib/words";
import { Loaded, SkeletonRows } from "../components/panel";
import { Stat, StatSkeleton } from "../components/stats";
import { toast } from "../components/toast";
import { StepDialog, type Step } from "./test_step";
import { Factors } from "./test_factors";
import { Breakdown, LiftByDay, MetricTable } from "./test_tables";

interface Props {
  view: View;
  site: Site;
  test: AbTest;
  variations: readonly TestVariation[];
  changed: () => void;
}

export const testPath = (id: string, rest = ""): string =>
  `/api/v1/ab_tests/${encodeURIComponent(id)}${rest}`;

export function TestResult({ view, site, test, variations, changed }: Props) {
  const running = test.status === "Active" || test.status === "Paused";
  const verdict = useResource<Verdict>(test.started_at ? testPath(test.id, "/results") : null, {
    everyMs: running ? 30_000 : 0,
  });
  const name = (id: string): string =>
    variations.find((each) => each.variation_id === id)?.name ?? id;
  return (
    <>
      <Actions site={site} test={test} variations={variations} verdict={verdict.data} changed={() => {
        changed();
        verdict.reload();
      }} />
      {test.started_at && (
        <Loaded
          resource={verdict}
          skeleton={
            <>
              <StatSkeleton stats={5} />
              <SkeletonRows rows={10} />
            </>
          }
        >
          {(data) => (
            <>
              <Summary verdict={data} test={test} site={site} name={name} />
              <div class="columns">
                <Trust verdict={data} name={name} />
                <Worth verdict={data} site={site} name={name} moving={running && test.engine === "bandit" ? variations : []} />
              </div>
              <MetricTable verdict={data} test={test} site={site} name={name} />
              <Factors verdict={data} />
              <LiftByDay view={view} verdict={data} test={test} name={name} />
              <Breakdown view={view} verdict={data} name={name} />
            </>
          )}
        </Loaded>
      )}
      <Log test={test} site={site} name={name} />
      <p class="muted section">
        How each number is made: docs/experiments.md, section 4, and docs/statistics.md.
      </p>
    </>
  );
}

function Actions(props: Omit<Props, "view"> & { verdict: Verdict | null }) {
  const { test, site, variations, verdict, changed } = props;
  const [step, setStep] = useState<Step | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const act = async (rest: string, words: string): Promise<void> => {
    setBusy(true);
    try {
      await post(testPath(test.id, rest), {});
      setProblem(null);
      toast(words);
      changed();
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  if (test.status === "Completed" || test.status === "Cancelled") return null;
  const refreshed = verdict?.refreshed_at ? Date.parse(verdict.refreshed_at) : null;
  return (
    <>
      <div class="test-actions">
        {test.status === "Active" ? (
          <button type="button" class="button" disabled={busy} onClick={() => setStep("pause")}>
            Pause
          </button>
        ) : (
          <button type="button" class="button" disabled={busy} onClick={() => setStep("resume")}>
            Resume
          </button>
        )}
        <button type="button" class="button primary" onClick={() => setStep("complete")}>
          Complete…
        </button>
        <button type="button" class="button danger" onClick={() => setStep("cancel")}>
          Cancel the test…
        </button>
        <button
          type="button"
          class="button ghost"
          disabled={busy}
          onClick={() => void act("/refresh", "Up to date")}
        >
          {busy ? "Counting…" : "Refresh"}
        </button>
        {refreshed !== null && (
          <small class="muted" data-tip={`${momentLabel(refreshed, site.timezone)} ${site.timezone}`}>
            counted {ago(refreshed, Date.now())}
          </small>
        )}
      </div>
      {problem instanceof ApiError && (
        <p class="form-error" role="alert">
          {explain(problem)}
        </p>
      )}
      {step && (
        <StepDialog
          step={step}
          test={test}
          variations={variations}
          suggested={verdict?.winner}
          onClose={() => setStep(null)}
          onDone={changed}
        />
      )}
    </>
  );
}

interface PartProps {
  verdict: Verdict;
  name: (id: string) => string;
}

function Summary({ verdict, test, site, name }: PartProps & { test: AbTest; site: Site }) {
  const enough = isEnough(verdict);
  const lift = {
    lift: verdict.projected_lift ?? 0,
    lift_low: verdict.projected_lift_low ?? null,
    lift_high: verdict.projected_lift_high ?? null,
  };
  const primary = verdict.metrics.find((metric) => metric.role === "primary");
  const mark = verdict.srm.alarm ? "bad" : verdict.outcome;
  const best = verdict.comparisons.find((each) => each.lift === verdict.projected_lift);
  const reached = verdict.sample_size ? verdict.units / verdict.sample_size : null;
  const days = verdict.duration_days;
  return (
    <section class="panel" aria-label="Verdict">
      <div class={`verdict ${mark}`}>
        <h2>{headline(verdict, name)}</h2>
        <p>{verdict.advice}</p>
        {test.status === "Completed" && (
          <p>
            {test.decided_by ?? "Somebody"} completed it
            {test.winning_variation ? ` and chose “${name(test.winning_variation)}”` : ""}
            {test.decision?.outcome ? `: ${outcomeWords[test.decision.outcome]}` : ""}.
          </p>
        )}
      </div>
      <div class="stats">
        <Stat
          label="People"
          definition="Who was given a variation and counts: not bots, not those who were given two."
          value={count(verdict.units)}
          exact={exact(verdict.units)}
          note={
            reached === null
              ? "no size was planned"
              : `${percent(reached)} of ${count(verdict.sample_size)} planned`
          }
        />
        <Stat
          label="Days"
          definition="Since the start; until the end, if it ended."
          value={daysText(days)}
          exact={`${exact(days)} days`}
          note={
            test.started_at
              ? `since ${momentLabel(Date.parse(test.started_at), site.timezone)}`
              : undefined
          }
        />
        <Stat
          label="Lift"
          definition={`How much more ${test.primary_metric ?? ""} the best variation brings than the control, of each person.`}
          value={
            enough ? (
              <span class={toneOf(lift, primary?.higher_is_better)}>{signed(lift.lift)}</span>
            ) : (
              "–"
            )
          }
          exact={enough ? signed(lift.lift) : undefined}
          note={enough ? liftRange(lift) : "not enough data yet"}
        />
        {verdict.engine === "bayesian" ? (
          <Stat
            label="Chance to beat"
            definition="How likely the best variation is better than the control, after what was seen."
            value={enough && best?.chance_to_beat !== undefined ? percent(best.chance_to_beat) : "–"}
            exact={undefined}
          />
        ) : (
          <Stat
            label="p value"
            definition="How often chance alone would show so much. Corrected for all comparisons of this test."
            value={enough && verdict.p_value !== undefined ? probability(verdict.p_value) : "–"}
            exact={verdict.p_value === undefined ? undefined : String(verdict.p_value)}
            note={significanceWords[verdict.significance]}
          />
        )}
        <Stat
          label="Power"
          definition={`How likely this test would find a lift of ${percent(verdict.power_of_lift ?? 0.05)} with the people it has. 80 % is usual.`}
          value={verdict.power === undefined ? "–" : percent(verdict.power)}
          exact={undefined}
          note={`to find ${signed(verdict.power_of_lift ?? 0.05)}`}
        />
      </div>
    </section>
  );
}

const guardrailWords = {
  safe: ["", "shown not to be worse by more than"],
  harmed: ["bad", "shown to be worse; allowed were"],
  undecided: ["warn", "not shown yet to stay within"],
} as const;

function Trust({ verdict, name }: PartProps) {
  const { srm, mixed } = verdict;
  return (
    <section class="panel" aria-labelledby="trust">
      <header class="panel-head">
        <h2 id="trust" data-tip="What has to hold before a number of this test means anything.">
          Can it be trusted?
        </h2>
      </header>
      <ul class="checks">
        <li>
          <Dot tone={srm.alarm ? "bad" : srm.enough_units ? "" : "warn"} />
          <span data-tip={srm.p_value === undefined ? srm.error : `Sample ratio mismatch: p = ${probability(srm.p_value)}, alarm below 0.001`}>
            {srm.alarm
              ? "The variations did not get the people they should have got: assignment, a redirect or a filter is broken."
              : srm.enough_units
                ? "The variations got the people they should have got."
                : "Too few people to see whether the variations get their shares."}
          </span>
        </li>
        {verdict.guardrails.map((each) => {
          const [tone, words] = guardrailWords[each.state];
          return (
            <li key={`${each.metric} ${each.variation}`}>
              <Dot tone={tone} />
              <span data-tip={each.error}>
                {each.metric} with “{name(each.variation)}”: {words} {percent(each.margin)}.
              </span>
            </li>
          );
        })}
        {mixed > 0 && (
          <li>
            <Dot tone="warn" />
            <span>{plural(mixed, "person was", "people were")} given two variations and count nowhere.</span>
          </li>
        )}
      </ul>
    </section>
  );
}

const Dot = ({ tone }: { tone: string }) => (
  <span class={`state ${tone}`}>
    <i />
    <span class="visually-hidden">{{ bad: "Bad: ", warn: "Open: " }[tone] ?? "Good: "}</span>
  </span>
);

interface WorthProps extends PartProps {
  site: Site;
  /** Of a bandit: who gets how much of the traffic now. */
  moving: readonly TestVariation[];
}

function Worth({ verdict, site, name, moving }: WorthProps) {
  const share = (id: string): string => {
    const found = moving.find((each) => each.variation_id === id);
    return found ? `, ${percent(found.traffic_percentage / 100)} of new ones` : "";
  };
  const { revenue_impact: impact, revenue_impact_low: low, revenue_impact_high: high } = verdict;
  const range = (value: number | null | undefined): string =>
    typeof value === "number" ? money(value, site.currency) : "no limit";
  const selected = verdict.projected_lift_selected;
  return (
    <section class="panel" aria-labelledby="worth">
      <header class="panel-head">
        <h2 id="worth" data-tip="What the best variation would bring if everybody got it.">
          What is it worth?
        </h2>
      </header>
      <dl class="facts">
        <div>
          <dt data-tip="Lift of the first revenue metric, times what the control earns a person, times the people of a day.">
            Revenue in {plural(verdict.revenue_horizon_days ?? 30, "day")}
          </dt>
          <dd data-tip={impact === undefined ? undefined : exactMoney(impact, site.currency)}>
            {impact === undefined ? (
              <span class="muted">after a day, with a revenue metric</span>
            ) : (
              <>
                <b>{money(impact, site.currency)}</b>{" "}
                <small>
                  {range(low)} to {range(high)}
                </small>
              </>
            )}
          </dd>
        </div>
        <div>
          <dt data-tip="A lift that is reported because it was large is likely too large. This is what is left of it.">
            Lift to count on
          </dt>
          <dd>
            {isEnough(verdict) && typeof selected === "number" ? (
              signed(selected)
            ) : (
              <span class="muted">{isEnough(verdict) ? "not once it is significant" : "not enough data yet"}</span>
            )}
          </dd>
        </div>
        <History verdict={verdict} />
        {verdict.variations.map((each) => (
          <div key={each.id}>
            <dt>
              {name(each.id)} {each.is_control && <small class="muted">control</small>}
            </dt>
            <dd>
              {plural(each.units, "person", "people")}
              {share(each.id)}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** What finished tests of the same metric leave of the lift. */
function History({ verdict }: { verdict: Verdict }) {
  const history = verdict.projected_lift_shrunk;
  if (!history) return null;
  const known = history.lift !== undefined && isEnough(verdict);
  return (
    <div>
      <dt data-tip="Shrunk towards the lifts of your finished tests of this metric, lost ones too: the less certain this one is, the more.">
        Lift by your history
      </dt>
      <dd>
        {known && history.lift !== undefined ? (
          <>
            <b>{signed(history.lift)}</b>{" "}
            <small>
              {liftRange(history)}, from {plural(history.tests, "test")}
            </small>
          </>
        ) : (
          <span class="muted">{history.error ?? "not enough data yet"}</span>
        )}
      </dd>
    </div>
  );
}

const actionWords: Record<string, string> = {
  start: "Started",
  pause: "Paused",
  resume: "Resumed",
  complete: "Completed",
  cancel: "Cancelled",
};

function Log({ test, site, name }: { test: AbTest; site: Site; name: (id: string) => string }) {
  const log = test.decision?.log ?? [];
  if (log.length === 0) return null;
  return (
    <section class="panel section" aria-labelledby="log">
      <header class="panel-head">
        <h2 id="log">Who did what, and why</h2>
      </header>
      <ul class="rows">
        {[...log].reverse().map((entry) => (
          <li key={`${entry.at} ${entry.action}`}>
            <span class="row-main">
              <b>
                {actionWords[entry.action] ?? readable(entry.action)} by {entry.by}
                {entry.action === "complete" && test.decision?.winner
                  ? `, for “${name(test.decision.winner)}”`
                  : ""}
              </b>
              <small>{entry.reason || "no reason given"}</small>
            </span>
            <time dateTime={entry.at}>{momentLabel(Date.parse(entry.at), site.timezone)}</time>
          </li>
        ))}
      </ul>
    </section>
  );
}
