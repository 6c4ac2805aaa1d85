// What are we testing, can I trust it, what do I do now? The list of the site's tests; one of them is
// planned in test_form.tsx and read in test_result.tsx.

import { withQuery } from "../lib/api";
import { count, exact, plural } from "../lib/format";
import { useResource } from "../lib/resource";
import type { AbTest, AbTests, TestStatus, TestVariations, Verdict } from "../lib/test_types";
import {
  daysText,
  isEnough,
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

const listPath = withQuery("/api/v1/ab_tests", { limit: 1000 });

export function TestsScreen({ view, site }: { view: View; site: Site }) {
  const tests = useResource<AbTests>(listPath, { everyMs: 30_000 });
  const chosen = view.options["test"];
  if (chosen) return <OneTest key={chosen} view={view} site={site} id={chosen} changed={tests.reload} />;
  const all = (tests.data?.ab_tests ?? []).filter((test) => test.site_id === site.id);
  const running = all.filter((test) => test.status === "Active").length;
  return (
    <div class="screen">
      <div class="screen-head">
        <div>
          <h1>Tests</h1>
          <p class="answer">
            {tests.data
              ? `${plural(all.length, "test")}, ${running === 0 ? "none" : running} running.`
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
        <List view={view} tests={tests} all={all} />
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
  tests: ReturnType<typeof useResource<AbTests>>;
  all: readonly AbTest[];
}

function List({ view, tests, all }: ListProps) {
  const statuses = (Object.keys(statusWords) as TestStatus[]).filter((status) =>
    all.some((test) => test.status === status),
  );
  const [filter, setFilter] = option<Filter>(view, "status", "all", ["all", ...statuses]);
  const rows = all.filter((test) => filter === "all" || test.status === filter);
  return (
    <Panel
      title="All tests"
      hint="The lift is that of the best variation over the control, in the metric that decides."
      resource={tests}
      skeleton={<SkeletonRows rows={6} />}
      controls={
        statuses.length > 1 && (
          <Tabs<Filter>
            small
            label="Status"
            value={filter}
            onChange={setFilter}
            tabs={[
              { value: "all", label: `All ${count(all.length)}` },
              ...statuses.map((status) => ({
                value: status,
                label: `${statusWords[status]} ${all.filter((test) => test.status === status).length}`,
              })),
            ]}
          />
        )
      }
    >
      {() => (
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
              <Row key={test.id} view={view} test={test} />
            ))}
          </tbody>
        </table>
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

function Row({ view, test }: { view: View; test: AbTest }) {
  const verdict = useResource<Verdict>(test.started_at ? testPath(test.id, "/results") : null);
  const data = verdict.data;
  return (
    <tr>
      <th scope="row" class="name">
        <ViewLink view={withOption(view, "test", test.id)}>{test.name}</ViewLink>
        <small>
          {typeWords[test.test_type] ?? test.test_type}
          <span class="narrow-only">
            {statusWords[test.status]}
            {data && `, ${plural(data.units, "person", "people")}`}
          </span>
        </small>
      </th>
      <td class="wide-only">
        <StatusMark status={test.status} />
      </td>
      <td class="number wide-only" data-tip={data ? exact(data.units) : undefined}>
        {data ? count(data.units) : "–"}
      </td>
      <td class="number wide-only">{data ? daysText(data.duration_days) : "–"}</td>
      <td>{test.started_at ? <BestLift verdict={verdict} /> : <span class="muted">not started</span>}</td>
    </tr>
  );
}

function BestLift({ verdict }: { verdict: ReturnType<typeof useResource<Verdict>> }) {
  if (verdict.error && !verdict.data) return <span class="muted">{verdict.error.message}</span>;
  const data = verdict.data;
  if (!data) return <span class="muted">…</span>;
  if (data.srm.alarm) return <span class="worse">broken: trust no number</span>;
  if (!isEnough(data)) return <span class="muted">not enough data yet</span>;
  const lift = {
    lift: data.projected_lift ?? 0,
    lift_low: data.projected_lift_low ?? null,
    lift_high: data.projected_lift_high ?? null,
  };
  const primary = data.metrics.find((metric) => metric.role === "primary");
  return (
    <>
      <b class={toneOf(lift, primary?.higher_is_better)}>{signed(lift.lift)}</b>{" "}
      <small>({liftRange(lift)})</small>
      <small class="muted"> {significanceWords[data.significance]}</small>
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
