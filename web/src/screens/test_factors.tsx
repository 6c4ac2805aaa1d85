// Of a test that changes several things at once: what each does by itself, and two of them together.

import { factorNotes, mainName, togetherName } from "../lib/factors";
import { dash, percent, plural } from "../lib/format";
import type { FactorLift, Verdict } from "../lib/test_types";
import { isEnough, liftRange, probability, scaleOf, signed, toneOf } from "../lib/tests";
import { type Column, DataTable } from "../components/data_table";
import { LiftPlot } from "../components/lift_plot";

interface Row {
  name: string;
  /** What the lift is relative to. */
  meaning: string;
  of: FactorLift;
}

const title = "What each change does";

export function Factors({ verdict }: { verdict: Verdict }) {
  const { factors } = verdict;
  if (!factors) return null;
  const primary = verdict.metrics.find((metric) => metric.role === "primary");
  const rows: Row[] = [
    ...(factors.main ?? []).map((of) => ({
      name: mainName(of),
      meaning: `Relative to ${of.factor} ${of.base}, in the mean over ${plural(of.combinations ?? 0, "combination")} of everything else.`,
      of,
    })),
    ...(factors.interactions ?? []).map((of) => ({
      name: togetherName(of),
      meaning: `What the two bring together beyond the sum of what each brings alone, relative to ${of.bases.join(" with ")}.`,
      of,
    })),
  ];
  const wrong = factors.error
    ? `No numbers yet: ${factors.error}.`
    : verdict.srm.alarm
      ? "The variations did not get the people they should have got, so nothing is said here."
      : isEnough(verdict)
        ? ""
        : "Not enough data yet: it needs 100 people in each variation.";
  return (
    <section class="panel table-panel section" aria-labelledby="factors">
      <header class="panel-head">
        <h2 id="factors" data-tip="One change at a time, in the mean over everything else that is varied; then pairs of changes.">
          {title}
        </h2>
        {primary && <small class="muted">Of {primary.name}</small>}
      </header>
      {wrong !== "" ? (
        <p class="no-match">{wrong}</p>
      ) : (
        <>
          <DataTable
            name="test-factors"
            title={title}
            columns={columnsOf(verdict, rows, primary?.higher_is_better ?? true)}
            rows={rows}
            rowKey={(row) => row.name}
            total={rows.length}
            defaultSort=""
            searchText={(row) => row.name}
            preview={Math.max(1, Math.min(20, rows.length))}
            search={false}
          />
          <ul class="table-notes muted">
            {[...factorNotes(factors), ...refusals(rows)].map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

const refusals = (rows: readonly Row[]): string[] =>
  rows.flatMap(({ name, of }) => (of.error ? [`${name}: ${of.error}.`] : []));

function columnsOf(
  verdict: Verdict,
  rows: readonly Row[],
  higherIsBetter: boolean,
): [Column<Row>, ...Column<Row>[]] {
  const most = scaleOf(rows.map((row) => row.of));
  return [
    { key: "change", label: "Change", value: (row) => row.name, exact: (row) => row.meaning },
    {
      key: "lift",
      label: "Lift",
      hint: "The difference, relative to the control's level. Of two together: what they bring beyond both apart.",
      value: (row) => row.of.lift ?? null,
      cell: ({ of }) =>
        of.lift === undefined ? (
          <span class="muted">{dash}</span>
        ) : (
          <b class={toneOf(of, higherIsBetter)}>{signed(of.lift)}</b>
        ),
      exact: ({ of }) => of.error ?? liftRange(of),
    },
    {
      key: "plot",
      label: "Interval",
      hint: "As wide as those of the variations, and made the same way.",
      value: (row) => row.of.lift_low ?? null,
      cell: (row) =>
        row.of.error ? (
          <span class="muted">cannot be told</span>
        ) : (
          <LiftPlot of={row.of} most={most} higherIsBetter={higherIsBetter} />
        ),
      plot: true,
    },
    verdict.engine === "bayesian"
      ? {
          key: "chance",
          label: "Chance",
          hint: "How likely it is for the better.",
          value: (row) => row.of.chance_to_beat ?? null,
          cell: ({ of }) => (of.chance_to_beat === undefined ? dash : percent(of.chance_to_beat)),
          wideOnly: true,
        }
      : {
          key: "p",
          label: "p value",
          hint: "How often chance alone would show so much; corrected for all rows of this table.",
          value: (row) => row.of.p_value_corrected ?? null,
          cell: ({ of }) => (of.p_value_corrected === undefined ? dash : probability(of.p_value_corrected)),
          exact: ({ of }) =>
            of.p_value === undefined ? undefined : `${probability(of.p_value)} without correction`,
          wideOnly: true,
        },
  ];
}
