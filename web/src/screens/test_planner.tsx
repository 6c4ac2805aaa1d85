// How many people and days does it take, or what can so many people find?

import { useEffect, useState } from "preact/hooks";
import { explain, post } from "../lib/api";
import { count, percent, plural } from "../lib/format";
import type { PlanAnswer } from "../lib/test_types";
import { mayStopEarly, type TestDraft } from "../lib/tests";
import { Choice } from "../components/choice";
import { Tabs } from "../components/tabs";

type Direction = "people" | "lift";

interface Props {
  draft: TestDraft;
  /** Takes over what was planned. */
  take: (plan: { people: number; days: number | null; lift: number }) => void;
}

export function Planner({ draft, take }: Props) {
  const [direction, setDirection] = useState<Direction>("people");
  const [kind, setKind] = useState("rate");
  const [values, setValues] = useState({ baseline: "4", spread: "", lift: "10", people: "10000", day: "1000" });
  const [answer, setAnswer] = useState<PlanAnswer | null>(null);
  const [problem, setProblem] = useState("");
  const goals = draft.metrics.filter((metric) => !metric.guardrail).length;
  const arms = Math.max(2, draft.variations.length);
  const everyDay = mayStopEarly(draft.engine);
  const number = (text: string, scale = 1): number | undefined =>
    text.trim() === "" ? undefined : Number(text) / scale;
  const deviation = number(values.spread);
  const body = {
    mean: number(values.baseline, kind === "rate" ? 100 : 1),
    ...(kind === "amount" && deviation !== undefined && { variance: deviation * deviation }),
    ...(direction === "people"
      ? { lift: number(values.lift, 100) }
      : { people_per_variation: number(values.people) }),
    people_per_day: number(values.day),
    variations: arms,
    metrics: Math.min(50, Math.max(1, goals * (arms - 1))),
    sequential: everyDay,
  };
  const key = JSON.stringify(body);
  useEffect(() => {
    let late = false;
    const timer = setTimeout(() => {
      post<PlanAnswer>("/api/v1/ab_tests/plan", JSON.parse(key)).then(
        (next) => {
          if (late) return;
          setAnswer(next);
          setProblem("");
        },
        (error: unknown) => !late && setProblem(explain(error)),
      );
    }, 250);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [key]);
  const field = (name: keyof typeof values, label: string, hint?: string) => (
    <label class="field">
      <span data-tip={hint}>{label}</span>
      <input
        type="number"
        step="any"
        inputMode="decimal"
        value={values[name]}
        onInput={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <section class="panel dry-run planner" aria-labelledby="planner">
      <header class="panel-head">
        <h2 id="planner" data-tip="With 80 % chance to find what is there, and at most 5 % to find what is not.">
          How long will it take?
        </h2>
      </header>
      <Tabs<Direction>
        small
        label="What to plan"
        value={direction}
        onChange={setDirection}
        tabs={[
          { value: "people", label: "People for a lift" },
          { value: "lift", label: "Lift for so many people" },
        ]}
      />
      <div class="asked">
        <Choice
          label="Measured is"
          value={kind}
          words={{ rate: "a share of people", amount: "an amount" }}
          set={setKind}
        />
        {field("baseline", kind === "rate" ? "Do it now, %" : "Mean of a person now", "What happens without a change: the rate, or the mean amount, of each person.")}
        {kind === "amount" && field("spread", "Standard deviation", "How much that differs between people.")}
        {direction === "people"
          ? field("lift", "Smallest lift worth finding, %", "Relative: 10 % more than 4 % is 4.4 %.")
          : field("people", "People a variation")}
        {field("day", "People a day")}
      </div>
      <p class="form-error" role="alert">
        {problem}
      </p>
      {answer && !problem && (
        <div class="plan-answer" aria-live="polite">
          {direction === "people" ? (
            <p>
              <b>{plural(Math.ceil(answer.people_per_variation), "person", "people")}</b> a variation,{" "}
              {count(Math.ceil(answer.people))} in all
              {answer.days !== undefined && (
                <>
                  : <b>{plural(answer.days, "day")}</b>
                </>
              )}
              .
            </p>
          ) : (
            <p>
              They find a lift of <b>{percent(answer.lift)}</b> or more
              {answer.days !== undefined && <>, in <b>{plural(answer.days, "day")}</b></>}.
            </p>
          )}
          <small class="muted">
            {plural(arms, "variation")}, {plural(goals, "metric")} to decide by,{" "}
            {everyDay ? "looked at any day" : "looked at once"}.
          </small>
          <button
            type="button"
            class="button small"
            onClick={() =>
              take({
                people: Math.ceil(answer.people),
                days: answer.days ?? null,
                lift: Math.min(1, Number(answer.lift.toPrecision(3))),
              })
            }
          >
            Plan with it
          </button>
        </div>
      )}
    </section>
  );
}
