// The numbers of a test: by metric, by day, and by who people are.

import { download, toCsv } from "../lib/csv";
import { dayLabel } from "../lib/dates";
import { count, dash, exact, money, percent } from "../lib/format";
import { option } from "../lib/options";
import type { AbTest, Comparison, DayLift, DimensionRow, Engine, MetricVerdict, Verdict } from "../lib/test_types";
import {
  fiellerText,
  liftRange,
  meanText,
  probability,
  quantileName,
  scaleOf,
  signed,
  toneOf,
  winsorText,
} from "../lib/tests";
import type { Site } from "../lib/types";
import type { View } from "../lib/url";
import { readable } from "../lib/words";
import { InlineChoice } from "../components/choice";
import { type Column, DataTable } from "../components/data_table";
import { Icon } from "../components/icons";
import { LiftChart } from "../components/lift_chart";
import { LiftPlot } from "../components/lift_plot";

interface Props {
  verdict: Verdict;
  name: (id: string) => string;
}

interface MetricRow {
  metric: MetricVerdict;
  of: Comparison;
}

const roles = { primary: "It decides.", guardrail: "A guardrail: it must not get worse.", goal: "A further goal." };

export function MetricTable({ verdict, test, site, name }: Props & { test: AbTest; site: Site }) {
  const rows = verdict.metrics.flatMap((metric) =>
    metric.comparisons.map((of): MetricRow => ({ metric, of })),
  );
  const control = verdict.variations.find((each) => each.is_control)?.id ?? "";
  const most = scaleOf(rows.map((row) => row.of));
  const mean = ({ metric }: MetricRow, id: string): number | undefined =>
    metric.variations.find((each) => each.id === id)?.mean;
  const text = (row: MetricRow, id: string): string =>
    meanText(row.metric.kind, mean(row, id), (value) => money(value, site.currency));
  const bayesian = verdict.engine === "bayesian";
  const several = verdict.variations.length > 2;
  const columns: [Column<MetricRow>, ...Column<MetricRow>[]] = [
    {
      key: "metric",
      label: "Metric",
      value: (row) => (several ? `${row.metric.name}: ${name(row.of.variation)}` : row.metric.name),
      exact: (row) =>
        `${roles[row.metric.role]} ${row.metric.higher_is_better ? "More" : "Less"} is better.${quantileText(row.metric)}`,
    },
    {
      key: "control",
      label: "Control",
      hint: `What a person of “${name(control)}” does: a share of people, or a mean.`,
      value: (row) => mean(row, control) ?? null,
      cell: (row) => text(row, control),
      wideOnly: true,
    },
    {
      key: "mean",
      label: "Variation",
      hint: "The same of a person with the variation.",
      value: (row) => mean(row, row.of.variation) ?? null,
      cell: (row) => text(row, row.of.variation),
      wideOnly: true,
    },
    {
      key: "lift",
      label: "Lift",
      hint: "The difference, relative to the control.",
      value: (row) => row.of.lift ?? null,
      cell: (row) =>
        row.of.lift === undefined ? (
          <span class="muted">{dash}</span>
        ) : (
          <b class={toneOf(row.of, row.metric.higher_is_better)}>{signed(row.of.lift)}</b>
        ),
      exact: (row) => row.of.error ?? liftRange(row.of),
    },
    {
      key: "plot",
      label: "Interval",
      hint: intervalWords[verdict.engine],
      value: (row) => row.of.lift_low ?? null,
      cell: (row) => (
        <LiftPlot of={row.of} most={most} higherIsBetter={row.metric.higher_is_better} />
      ),
      plot: true,
    },
    bayesian
      ? {
          key: "chance",
          label: "Chance",
          hint: "How likely the variation is better than the control.",
          value: (row) => row.of.chance_to_beat ?? null,
          cell: (row) =>
            row.of.chance_to_beat === undefined ? dash : percent(row.of.chance_to_beat),
          wideOnly: several,
        }
      : {
          key: "p",
          label: "p value",
          hint: "How often chance alone would show so much; corrected for all comparisons of the test. Below 0.05 is worth believing.",
          value: (row) => row.of.p_value_corrected ?? null,
          cell: (row) =>
            row.of.p_value_corrected === undefined ? dash : probability(row.of.p_value_corrected),
          exact: (row) =>
            row.of.p_value === undefined ? undefined : `${probability(row.of.p_value)} without correction`,
          wideOnly: several,
        },
  ];
  return (
    <section class="panel table-panel section" aria-labelledby="metrics">
      <header class="panel-head">
        <h2 id="metrics" data-tip="Of each person who was given a variation, what they did after.">
          Every metric
        </h2>
        {verdict.method && <small class="muted">Intervals: {verdict.method}</small>}
      </header>
      <DataTable
        name={`test-${test.test_key ?? "metrics"}`}
        title="Every metric"
        columns={columns}
        rows={rows}
        rowKey={(row) => `${row.metric.name} ${row.of.variation}`}
        total={rows.length}
        defaultSort=""
        searchText={(row) => row.metric.name}
        preview={Math.max(1, Math.min(20, rows.length))}
        search={false}
      />
      <Notes rows={rows} site={site} name={name} />
    </section>
  );
}

const quantileText = ({ quantile, per, ignore_zeros }: MetricVerdict): string =>
  quantile === undefined
    ? ""
    : ` The ${quantileName(quantile)} of ${per === "event" ? "events" : "people"}${ignore_zeros ? " with more than 0" : ""}.`;

/** What the numbers of the table cannot say by themselves. */
function Notes({ rows, site, name }: { rows: readonly MetricRow[]; site: Site; name: Props["name"] }) {
  const amount = (metric: MetricVerdict) => (value: number) =>
    metric.kind === "revenue" ? money(value, site.currency) : exact(value);
  const metrics = [...new Set(rows.map((row) => row.metric))];
  const notes = [
    ...metrics.map((metric) => winsorText(metric, amount(metric))),
    ...rows.map(({ metric, of }) =>
      of.note ? `${metric.name} with “${name(of.variation)}”: ${of.note} ${fiellerText(of)}` : "",
    ),
    ...rows.map(({ metric, of }) =>
      metric.kind === "quantile" && of.error ? `${metric.name} with “${name(of.variation)}”: ${of.error}.` : "",
    ),
  ].filter((note) => note !== "");
  if (notes.length === 0) return null;
  return (
    <ul class="table-notes muted">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

const intervalWords: Record<Engine, string> = {
  sequential: "Holds the true lift with the test's confidence, on all days at once: look whenever you like.",
  bandit: "Holds the true lift with the test's confidence, on all days at once: look whenever you like.",
  frequentist: "Holds the true lift with the test's confidence if it is read once, at the planned size.",
  bayesian: "Where the true lift is with the test's confidence, after what was seen.",
};

const bandWords: Record<Engine, string> = {
  sequential: "an interval that holds on all days at once",
  bandit: "an interval that holds on all days at once",
  frequentist: "an interval for a single look: it may leave zero by chance on some day",
  bayesian: "where it is with the test's confidence",
};

/** One of the variations, where there is more than one beside the control. */
function useVariation(view: View, { verdict, name }: Props) {
  const ids = verdict.comparisons.map((each) => each.variation);
  const [id, set] = option<string>(view, "variation", ids[0] ?? "", ids);
  const choice = ids.length > 1 && (
    <InlineChoice
      label="Variation"
      value={id}
      words={Object.fromEntries(ids.map((each) => [each, name(each)]))}
      set={set}
    />
  );
  return { id, choice };
}

export function LiftByDay({ view, verdict, test, name }: Props & { view: View; test: AbTest }) {
  const { id, choice } = useVariation(view, { verdict, name });
  const [shown, setShown] = option<"chart" | "table">(view, "days", "chart", ["chart", "table"]);
  const days = verdict.days.filter((day) => day.variation === id);
  const title = `Lift of ${test.primary_metric ?? "the primary metric"} by day`;
  const save = (): void =>
    download(
      `${test.test_key ?? "test"}-days.csv`,
      toCsv(
        ["day", "variation", "people", "lift", "lift_low", "lift_high"],
        verdict.days.map((day) => [
          day.day,
          day.variation,
          day.units,
          day.lift,
          day.lift_low,
          day.lift_high,
        ]),
      ),
    );
  return (
    <section class="panel section" aria-labelledby="days">
      <header class="panel-head">
        <h2 id="days" data-tip="Of everybody exposed until the end of a day (UTC). An interval that leaves zero is what to look for.">
          {title}
        </h2>
        <div class="panel-actions">
          {choice}
          <button
            type="button"
            class="icon-button"
            aria-label={shown === "chart" ? "Show as a table" : "Show as a chart"}
            onClick={() => setShown(shown === "chart" ? "table" : "chart")}
          >
            <Icon name={shown === "chart" ? "table" : "line"} />
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label={`${title} as CSV`}
            disabled={days.length === 0}
            onClick={save}
          >
            <Icon name="download" />
          </button>
        </div>
      </header>
      {days.length === 0 ? (
        <p class="no-match">
          {verdict.metrics.some((metric) => metric.role === "primary" && metric.kind === "quantile")
            ? "A quantile is made anew of everybody, so it has no days."
            : "The first day is here as soon as somebody is counted."}
        </p>
      ) : shown === "chart" ? (
        <LiftChart label={title} band={bandWords[verdict.engine]} days={days} />
      ) : (
        <DayTable title={title} days={days} />
      )}
    </section>
  );
}

function DayTable({ title, days }: { title: string; days: readonly DayLift[] }) {
  return (
    <div class="series-table" tabIndex={0} role="region" aria-label={`${title} as a table`}>
      <table class="full">
        <caption class="visually-hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col" class="name">Day (UTC)</th>
            <th scope="col" class="number">People</th>
            <th scope="col" class="number">Lift</th>
            <th scope="col" class="number wide">Interval</th>
          </tr>
        </thead>
        <tbody>
          {days.map((day) => (
            <tr key={day.day}>
              <th scope="row" class="name">{dayLabel(day.day)}</th>
              <td class="number">{exact(day.units)}</td>
              <td class="number">{day.lift === undefined ? dash : signed(day.lift)}</td>
              <td class="number">{day.lift === undefined ? dash : liftRange(day)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Breakdown({ view, verdict, name }: Props & { view: View }) {
  const { id, choice } = useVariation(view, { verdict, name });
  const all = verdict.dimensions.filter((each) => each.variation === id);
  const names = all.map((each) => each.dimension);
  const [chosen, setChosen] = option<string>(view, "dimension", names[0] ?? "", names);
  const found = all.find((each) => each.dimension === chosen);
  if (!found) return null;
  const differ = found.p_value_of_difference;
  const higherIsBetter =
    verdict.metrics.find((metric) => metric.role === "primary")?.higher_is_better ?? true;
  const most = scaleOf(found.values);
  const columns: [Column<DimensionRow>, ...Column<DimensionRow>[]] = [
    { key: "value", label: readable(chosen), value: (row) => row.value },
    {
      key: "people",
      label: "People",
      hint: "With the control and with the variation.",
      value: (row) => row.units + row.units_control,
      cell: (row) => count(row.units + row.units_control),
      exact: (row) => `${exact(row.units_control)} with the control, ${exact(row.units)} with the variation`,
    },
    {
      key: "lift",
      label: "Lift",
      value: (row) => row.lift ?? null,
      cell: (row) => (row.lift === undefined ? dash : signed(row.lift)),
      exact: (row) => row.error ?? liftRange(row),
    },
    {
      key: "plot",
      label: "Interval",
      value: (row) => row.lift_low ?? null,
      cell: (row) => <LiftPlot of={row} most={most} higherIsBetter={higherIsBetter} />,
      plot: true,
    },
    {
      key: "p",
      label: "p value",
      hint: "Corrected for the number of rows.",
      value: (row) => row.p_value_corrected ?? null,
      cell: (row) => (row.p_value_corrected === undefined ? dash : probability(row.p_value_corrected)),
      wideOnly: true,
    },
  ];
  return (
    <section class="panel table-panel section" aria-labelledby="breakdown">
      <header class="panel-head">
        <h2 id="breakdown" data-tip="The primary metric by what was known of people when they were given a variation.">
          Is it the same for everybody?
        </h2>
        <div class="panel-actions">
          {choice}
          {names.length > 1 && (
            <InlineChoice
              label="Attribute"
              value={chosen}
              words={Object.fromEntries(names.map((each) => [each, readable(each)]))}
              set={setChosen}
            />
          )}
        </div>
      </header>
      <p class="muted">
        {differ === undefined
          ? "Too little data to say whether the lift differs."
          : differ < 0.05
            ? `The lift differs between these groups (p = ${probability(differ)}): look at each.`
            : `The lift does not differ more than chance explains (p = ${probability(differ)}): do not pick a group by its number.`}
      </p>
      <DataTable
        name={`test-${chosen}`}
        title={`Lift by ${chosen}`}
        columns={columns}
        rows={found.values}
        rowKey={(row) => row.value}
        total={found.values.length}
        defaultSort="-people"
        searchText={(row) => row.value}
        preview={Math.max(1, found.values.length)}
        search={false}
      />
    </section>
  );
}
