// What would a day's budget bring if it were divided otherwise, and of which campaigns can nobody tell?

import { useState } from "preact/hooks";
import type { BudgetLine, BudgetPlan } from "../lib/campaign_types";
import { explain, post } from "../lib/api";
import { download, toCsv } from "../lib/csv";
import { rangeLabel } from "../lib/dates";
import { count, exactMoney, money, percent, small } from "../lib/format";
import type { Site } from "../lib/types";
import { sentence } from "../lib/words";
import { Choice } from "../components/choice";

const objectiveWords = { conversions: "Conversions", revenue: "Revenue" };
const byWords = { campaign: "Campaigns", platform: "Platforms" };

export function Budget({ site }: { site: Site }) {
  const [objective, setObjective] = useState("conversions");
  const [by, setBy] = useState("campaign");
  const [total, setTotal] = useState("");
  const [plan, setPlan] = useState<BudgetPlan | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const ask = async (): Promise<void> => {
    setBusy(true);
    try {
      const body = { objective, by, ...(total !== "" && { total: Number(total) }) };
      setPlan(await post<BudgetPlan>("/api/v1/campaign_budget", body));
      setProblem("");
    } catch (error) {
      setProblem(explain(error));
    }
    setBusy(false);
  };
  return (
    <>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <div class="asked">
          <Choice label="Divide among" value={by} words={byWords} set={setBy} />
          <Choice label="To get more" value={objective} words={objectiveWords} set={setObjective} />
          <label class="field">
            <span>A day's budget</span>
            <input
              type="number"
              min={0}
              step="any"
              placeholder="as much as now"
              value={total}
              onInput={(event) => setTotal(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="button primary ask" disabled={busy}>
            {busy ? "Dividing…" : "Divide"}
          </button>
        </div>
        <p class="form-error" role="alert">
          {problem}
        </p>
      </form>
      {plan ? (
        <Divided plan={plan} currency={plan.currency || site.currency} />
      ) : (
        <p class="muted">
          From at least 42 days with spend that differs, Attune learns what more spend brought, and
          proposes steps of at most 20 % a day. Nothing is stored and no platform is told.
        </p>
      )}
    </>
  );
}

const notRunning = "not_running";

const signed = (value: number, text: string): string => (value > 0 ? `+${text}` : text);

function Divided({ plan, currency }: { plan: BudgetPlan; currency: string }) {
  if (plan.lines.length === 0)
    return <p class="no-match">Nothing spent in the last 7 days there are numbers of.</p>;
  const amount = (value: number): string =>
    plan.objective === "revenue" ? exactMoney(value, currency) : small(value);
  const { gain } = plan;
  const known = plan.lines.filter((line) => line.refusal === null);
  const held = plan.lines.filter((line) => line.refusal && line.refusal !== notRunning);
  const resting = plan.lines.filter((line) => line.refusal === notRunning);
  const save = (): void =>
    download(
      "budget.csv",
      toCsv(
        ["Name", "Currency", "Spend now", "Proposed", "Why"],
        plan.lines.map((line) => [line.name, currency, line.present, line.proposed, line.reason]),
      ),
    );
  return (
    <section aria-label="Proposed division">
      <p>
        {known.length === 0 ? (
          <b>Of none can be told what more spend brings: all keep theirs.</b>
        ) : (
          <>
            <b>
              {signed(gain.mean, amount(gain.mean))} {plan.objective} a day
            </b>{" "}
            ({signed(gain.low, amount(gain.low))} to {signed(gain.high, amount(gain.high))}, 80 %);
            better than now with a chance of {percent(plan.chance_better)}.
          </>
        )}{" "}
        {exactMoney(plan.present, currency)} a day now, {exactMoney(plan.proposed, currency)} proposed
        {plan.unspent > 0.005 && `; ${exactMoney(plan.unspent, currency)} that limits leave over`}.
      </p>
      <p class="muted">
        Only observed
        {plan.first_day && plan.last_day && ` (${rangeLabel(plan.first_day, plan.last_day)})`}: who
        spends more on days that would have been good anyway sees a curve that is too steep. Move in
        steps, and look again.
      </p>
      <div class="uplifts budget">
        {[...known, ...held].map((line) => (
          <Line key={line.name} line={line} currency={currency} amount={amount} what={plan.objective} />
        ))}
      </div>
      {resting.length > 0 && (
        <details class="more">
          <summary>{count(resting.length)} spent nothing lately and get nothing</summary>
          <p class="muted">{resting.map((line) => line.name).join(", ")}</p>
        </details>
      )}
      <button type="button" class="button small" onClick={save}>
        Save as CSV
      </button>
    </section>
  );
}

interface LineProps {
  line: BudgetLine;
  currency: string;
  amount: (value: number) => string;
  what: string;
}

function Line({ line, currency, amount, what }: LineProps) {
  const { proposed_low: low, proposed_high: high, next_unit: next } = line;
  const title = (
    <h2>
      {line.name} {line.refusal && <span class="badge">keeps its spend</span>}
    </h2>
  );
  if (line.points.length < 2) {
    return (
      <article class="card">
        {title}
        <p>
          {exactMoney(line.present, currency)} a day. {sentence(line.reason)}
        </p>
      </article>
    );
  }
  return (
    <article class="card">
      {title}
      <div class="budget-line">
        <dl class="facts">
          <div>
            <dt>Spend a day, now</dt>
            <dd>{exactMoney(line.present, currency)}</dd>
          </div>
          <div>
            <dt>Proposed</dt>
            <dd>
              <b>{exactMoney(line.proposed, currency)}</b>{" "}
              {low !== undefined && high !== undefined && (
                <small data-tip="Where 80 % of the draws have the best division, within bounds.">
                  {money(low, currency)} – {money(high, currency)}
                </small>
              )}
            </dd>
          </div>
          {next && (
            <div>
              <dt>One more {exactMoney(1, currency)} brings</dt>
              <dd>
                {amount(next.mean)}{" "}
                <small>
                  {amount(next.low)} – {amount(next.high)}
                </small>
              </dd>
            </div>
          )}
        </dl>
        <Curve line={line} currency={currency} amount={amount} what={what} />
      </div>
      <p class={line.refusal ? "" : "muted"}>{sentence(line.reason)}</p>
    </article>
  );
}

const wide = 320;
const high = 96;

/** Outcome of a day by its spend: mean, its 80 % band, and where the spend is and would be. */
function Curve({ line, currency, amount, what }: LineProps) {
  const { points } = line;
  const last = points[points.length - 1];
  const spendMost = Math.max(1e-9, last?.spend ?? 0);
  const most = Math.max(1e-9, ...points.map((point) => point.high));
  const x = (spend: number): string => ((Math.min(spend, spendMost) / spendMost) * wide).toFixed(1);
  const y = (value: number): string => (high - (value / most) * (high - 4)).toFixed(1);
  const mean = points.map((point) => `${x(point.spend)},${y(point.mean)}`).join(" ");
  const band = [
    ...points.map((point) => `${x(point.spend)},${y(point.high)}`),
    ...[...points].reverse().map((point) => `${x(point.spend)},${y(point.low)}`),
  ].join(" ");
  const mark = (spend: number, kind: string) => (
    <line class={kind} x1={x(spend)} x2={x(spend)} y1={0} y2={high} />
  );
  return (
    <figure class="curve">
      <svg
        viewBox={`0 0 ${wide} ${high}`}
        role="img"
        aria-label={`${sentence(what)} of a day by spend: up to ${amount(last?.mean ?? 0)} at ${exactMoney(spendMost, currency)}`}
      >
        <polygon class="band" points={band} />
        <polyline class="mean" points={mean} />
        {mark(line.present, "now")}
        {mark(line.proposed, "then")}
      </svg>
      <figcaption>
        {sentence(what)} a day by spend, up to {money(spendMost, currency)}. Dashed: now; line: proposed.
      </figcaption>
    </figure>
  );
}
