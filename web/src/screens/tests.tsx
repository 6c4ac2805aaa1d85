// What are we testing, can I trust it, what do I do now? The list of the site's tests; one of them is
// planned in test_form.tsx and read in test_result.tsx.

import { withQuery } from "../lib/api";
import { ago, count, exact, plural } from "../lib/format";
import { useResource } from "../lib/resource";
import type { AbTest, AbTests, TestStatus, TestSummary, TestVariations } from "../lib/test_types";
import {
  daysText,
  liftRange,
  signed,
  significanceWords,
  statusTone,
  statusWords,
  toneOf,
  typeWords,
} from "../lib/tests";
import type { Site } from "../lib/types";
import { currentView, go, type View, withOption } from "../lib/url";
import { option } from "../lib/options";
import { Icon } from "../components/icons";
import { Empty, Loaded, Panel, SkeletonRows } from "../components/panel";
import { ViewLink } from "../components/shell";
import { Tabs } from "../components/tabs";
import { TestForm } from "./test_form";
import { testPath, TestResult } from "./test_result";

const shownMax = 200;

const listPath = (site: Site, status?: TestStatus): string =>
  withQuery("/api/v1/ab_tests", { site: site.id, status, summaries: 1, limit: shownMax });

export function TestsScreen({ view, site }: { view: View; site: Site }) {
  const tests = useResource<AbTests>(listPath(site), { everyMs: 30_000 });
  const chosen = view.options["test"];
  if (chosen) return <OneTest key={chosen} view={view} site={site} id={chosen} changed={tests.reload} />;
  const all = tests.data?.ab_tests ?? [];
  const running = all.filter((test) => test.status === "Active").length;
  return (
    <div class="screen">
      <div class="screen-head">
        <div>
          <h1>Tests</h1>
          <p class="answer">
            {tests.data
              ? `${tests.data.more ? "The newest " : ""}${plural(all.length, "test")}, ${running === 0 ? "none" : running} running.`
              : "\u00a0"}
          </p>
        </div>
        {all.length > 0 && <PlanLink view={view} />}
      </div>
      {tests.data && all.length === 0 ? (
        <Empty title="Nothing is being tested yet.">
          <p>
            A test shows some of your visitors one thing and the others another one, by chance, and
            counts what they do after. So you know what a change brings before everybody gets it, and
            how sure that is. Plan one: say what you expect, what decides, and how small an effect is
            still worth finding; the planner says how many people and days that takes.
          </p>
          <PlanLink view={view} />
        </Empty>
      ) : (
        <List view={view} site={site} tests={tests} all={all} />
      )}
    </div>
  );
}

const PlanLink = ({ view }: { view: View }) => (
  <ViewLink view={withOption(view, "test", "new")} class="button primary">
    <Icon name="plus" size={14} /> Plan a test
  </ViewLink>
);

type Filter = "all" | TestStatus;

interface ListProps {
  view: View;
  site: Site;
  tests: ReturnType<typeof useResource<AbTests>>;
  all: readonly AbTest[];
}

function List({ view, site, tests, all }: ListProps) {
  // Of more tests than were asked for, those of a state are asked for by themselves.
  const isCut = tests.data?.more === true;
  const statuses = (Object.keys(statusWords) as TestStatus[]).filter(
    (status) => isCut || all.some((test) => test.status === status),
  );
  const [filter, setFilter] = option<Filter>(view, "status", "all", ["all", ...statuses]);
  const found = useResource<AbTests>(isCut && filter !== "all" ? listPath(site, filter) : null, {
    everyMs: 30_000,
  });
  const shown = isCut && filter !== "all" ? found : tests;
  const rows = (shown.data?.ab_tests ?? []).filter((test) => filter === "all" || test.status === filter);
  const label = (word: string, number: number): string => (isCut ? word : `${word} ${count(number)}`);
  return (
    <Panel
      title="All tests"
      hint="The lift is that of the best variation over the control, in the metric that decides, as of the last snapshot: one is made each midnight (UTC) and when a test ends. People are counted as of now."
      resource={shown}
      skeleton={<SkeletonRows rows={6} />}
      controls={
        statuses.length > 1 && (
          <Tabs<Filter>
            small
            label="Status"
            value={filter}
            onChange={setFilter}
            tabs={[
              { value: "all", label: label("All", all.length) },
              ...statuses.map((status) => ({
                value: status,
                label: label(statusWords[status], all.filter((test) => test.status === status).length),
              })),
            ]}
          />
        )
      }
    >
      {() => (
        <>
        <table class="test-list">
          <caption class="visually-hidden">Tests</caption>
          <thead>
            <tr>
              <th scope="col" class="name">Test</th>
              <th scope="col" class="wide-only status">State</th>
              <th scope="col" class="number wide-only">People</th>
              <th scope="col" class="number wide-only">Days</th>
              <th scope="col" class="result">Best variation</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((test) => (
              <Row
                key={test.id}
                view={view}
                test={test}
                summary={shown.data?.summaries?.[test.id] ?? null}
              />
            ))}
          </tbody>
        </table>
        {shown.data?.more && <p class="muted">Only the newest {shownMax} are listed here.</p>}
        </>
      )}
    </Panel>
  );
}

export const StatusMark = ({ status }: { status: TestStatus }) => (
  <span class={`state ${statusTone[status]}`}>
    <i />
    {statusWords[status]}
  </span>
);

const dayMs = 86_400_000;

/** Days from a test's start to its end, or to now. */
function daysOf({ started_at, ended_at }: AbTest): string {
  if (!started_at) return "–";
  const until = ended_at ? Date.parse(ended_at) : Date.now();
  return daysText(Math.max(0, until - Date.parse(started_at)) / dayMs);
}

function Row({ view, test, summary }: { view: View; test: AbTest; summary: TestSummary | null }) {
  return (
    <tr>
      <th scope="row" class="name">
        <ViewLink view={withOption(view, "test", test.id)}>{test.name}</ViewLink>
        <small>
          {typeWords[test.test_type] ?? test.test_type}
          <span class="narrow-only">
            {statusWords[test.status]}
            {summary && `, ${plural(summary.people, "person", "people")}`}
          </span>
        </small>
      </th>
      <td class="wide-only">
        <StatusMark status={test.status} />
      </td>
      <td class="number wide-only" data-tip={summary ? exact(summary.people) : undefined}>
        {summary ? count(summary.people) : "–"}
      </td>
      <td class="number wide-only">{daysOf(test)}</td>
      <td>
        <BestLift test={test} summary={summary} />
      </td>
    </tr>
  );
}

function BestLift({ test, summary }: { test: AbTest; summary: TestSummary | null }) {
  if (!test.started_at) return <span class="muted">not started</span>;
  const last = summary?.snapshot;
  if (!last)
    return <span class="muted">{test.ended_at ? "never read" : "first read after midnight (UTC)"}</span>;
  if (last.is_broken) return <span class="worse">broken: trust no number</span>;
  if (!last.is_enough || last.projected_lift === null) return <span class="muted">not enough data yet</span>;
  const lift = {
    lift: last.projected_lift,
    lift_low: last.projected_lift_low,
    lift_high: last.projected_lift_high,
  };
  const primary = test.design?.metrics?.find((metric) => metric.name === test.primary_metric);
  return (
    <>
      <b class={toneOf(lift, primary?.higher_is_better)}>{signed(lift.lift)}</b>{" "}
      <small>({liftRange(lift)})</small>
      <small class="muted">
        {" "}
        {significanceWords[last.significance]}
        {!test.ended_at && `, ${ago(Date.parse(last.calculated_at), Date.now())}`}
      </small>
    </>
  );
}

interface OneProps {
  view: View;
  site: Site;
  id: string;
  changed: () => void;
}

function OneTest({ view, site, id, changed }: OneProps) {
  const isNew = id === "new";
  const test = useResource<AbTest>(isNew ? null : testPath(id));
  const variations = useResource<TestVariations>(
    isNew ? null : withQuery("/api/v1/test_variations", { ab_test_id: id, limit: 100 }),
  );
  const reload = (): void => {
    test.reload();
    variations.reload();
    changed();
  };
  const rows = variations.data?.test_variations;
  const stored = test.data;
  const started = stored !== null && stored.status !== "Draft";
  const editing = view.options["edit"] === "1";
  const back = withOption(withOption(view, "test", null), "edit", null);
  const running = stored?.status === "Active" || stored?.status === "Paused";
  return (
    <div class="screen">
      <div class="screen-head">
        <div>
          <ViewLink view={{ ...back, options: {} }} class="link-button">
            <Icon name="left" size={14} /> All tests
          </ViewLink>
          <h1>{isNew ? "Plan a test" : (stored?.name ?? "\u00a0")}</h1>
          <p class="answer">
            {isNew
              ? "Nothing is shown to anybody before you start it."
              : stored && (
                  <>
                    <StatusMark status={stored.status} /> {stored.hypothesis}
                  </>
                )}
          </p>
        </div>
        {running && (
          <ViewLink view={withOption(view, "edit", editing ? null : "1")} class="button">
            {editing ? "Results" : "Plan"}
          </ViewLink>
        )}
      </div>
      {isNew ? (
        <TestForm
          site={site}
          test={null}
          variations={[]}
          stored={(made) => {
            changed();
            go(withOption(currentView(), "test", made), { replace: true });
          }}
        />
      ) : (
        <Loaded resource={test} skeleton={<SkeletonRows rows={12} />}>
          {(data) => (
            <Loaded resource={variations} skeleton={<SkeletonRows rows={12} />}>
              {() =>
                !started || editing ? (
                  <TestForm site={site} test={data} variations={rows ?? []} stored={reload} />
                ) : (
                  <TestResult view={view} site={site} test={data} variations={rows ?? []} changed={reload} />
                )
              }
            </Loaded>
          )}
        </Loaded>
      )}
    </div>
  );
}
