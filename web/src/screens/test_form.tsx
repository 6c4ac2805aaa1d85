// A test is planned here; while it runs, what people were given variations by is shown as locked.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, explain, patch, post, remove } from "../lib/api";
import { useDraft } from "../lib/draft";
import { count } from "../lib/format";
import { ofType } from "../lib/factors";
import type { AbTest, Engine, TestVariation } from "../lib/test_types";
import { draftOf, engineWords, testBody, type TestDraft, typeWords, variationBody } from "../lib/tests";
import type { Site } from "../lib/types";
import { Choice } from "../components/choice";
import { toast } from "../components/toast";
import { Factors, Numbers } from "./test_design";
import { Advanced, Metrics, Variations } from "./test_parts";
import { Planner } from "./test_planner";
import { StepDialog } from "./test_step";

interface Props {
  site: Site;
  test: AbTest | null;
  variations: readonly TestVariation[];
  /** Called with the test's id when it was stored or started. */
  stored: (id: string) => void;
}

const toError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError(0, "internal", String(error));

/** Where a refusal of the server is shown: at its field. */
export type Said = (field: string) => string;

const shownAt = new RegExp(
  "^(name|test_type|engine|primary_metric|guardrail_metrics|traffic_percentage|is_control|test_variations" +
    "|configuration|sample_size|duration_days|start_date|end_date|coverage|design\\.(metrics|condition" +
    "|url_targets|smallest_lift|namespace|holdout|sticky|correction|cuped_days|factors))\\b",
);

/** Of a new test that was stored, and not started: shown in its form at its own address. */
let refused: { id: string; error: ApiError } | null = null;

function takeRefusal(test: AbTest | null): ApiError | null {
  const found = test && refused?.id === test.id ? refused.error : null;
  refused = null;
  return found;
}

export function TestForm({ site, test, variations, stored }: Props) {
  const { draft, change, saved } = useDraft<TestDraft>(draftOf(test, variations));
  const [problem, setProblem] = useState<ApiError | null>(() => takeRefusal(test));
  const [busy, setBusy] = useState(false);
  const [starting, setStarting] = useState<AbTest | null>(null);
  const [cancelling, setCancelling] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // Of a first attempt to store that went wrong half way: the next one goes on from there.
  const made = useRef(test);
  const rows = useRef(variations);
  useEffect(() => {
    made.current = test ?? made.current;
    rows.current = variations;
  }, [JSON.stringify([test, variations])]);
  useEffect(() => {
    form.current?.querySelector(".form-error:not(:empty)")?.scrollIntoView({ block: "center" });
  }, [problem]);

  const locked = test !== null && test.status !== "Draft";
  const ended = test?.status === "Completed" || test?.status === "Cancelled";
  const said: Said = (field) => {
    const at = problem?.field ?? "";
    return problem && (at === field || at.startsWith(`${field}.`) || at.startsWith(`${field}[`))
      ? explain(problem)
      : "";
  };
  const keep = async (): Promise<AbTest | null> => {
    setBusy(true);
    try {
      const kept = await store(draft, locked, site, made, rows);
      saved(draft);
      setProblem(null);
      return kept;
    } catch (error) {
      setProblem(toError(error));
      return null;
    } finally {
      setBusy(false);
    }
  };
  const save = async (): Promise<void> => {
    const kept = await keep();
    if (!kept) return;
    toast(locked ? "Saved" : "Saved as a draft");
    stored(kept.id);
  };
  const start = async (): Promise<void> => {
    if (form.current && !form.current.reportValidity()) return;
    setStarting(await keep());
  };
  return (
    <div class="columns uneven test-form">
      <form
        class="form"
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {locked && (
          <p class="notice">
            People were given variations by this plan, so most of it is locked. To change it, end this
            test and start another one.
          </p>
        )}
        <Words draft={draft} change={change} said={said} locked={locked} ended={ended} />
        <fieldset class="plain" disabled={locked}>
          <div class="form">
            <Engines draft={draft} change={change} said={said} />
            <Metrics draft={draft} change={change} said={said} />
            {draft.test_type === "Multivariate" && <Factors draft={draft} change={change} said={said} />}
            <Variations draft={draft} change={change} said={said} />
            <Advanced
              draft={draft}
              change={change}
              said={said}
              site={site}
              own={test?.test_key ?? null}
            />
            <Numbers draft={draft} change={change} said={said} />
          </div>
        </fieldset>
        <p class="form-error" role="alert">
          {problem && !shownAt.test(problem.field ?? "") && explain(problem)}
        </p>
        {!ended && (
          <div class="form-actions">
            <button type="submit" class={`button ${locked ? "primary" : ""}`} disabled={busy}>
              {locked ? "Save" : "Save the draft"}
            </button>
            {!locked && (
              <button type="button" class="button primary" disabled={busy} onClick={() => void start()}>
                Start…
              </button>
            )}
            {!locked && test && (
              <button type="button" class="button danger" onClick={() => setCancelling(true)}>
                Cancel the test…
              </button>
            )}
          </div>
        )}
      </form>
      {!ended && (
        <Planner
          draft={draft}
          take={({ people, days, lift }) =>
            change({
              sample_size: people,
              ...(days !== null && { duration_days: days }),
              design: { ...draft.design, smallest_lift: lift },
            })
          }
        />
      )}
      {cancelling && test && (
        <StepDialog
          step="cancel"
          test={test}
          variations={variations}
          onClose={() => setCancelling(false)}
          onDone={() => stored(test.id)}
        />
      )}
      {starting && (
        <StepDialog
          step="start"
          test={starting}
          variations={rows.current}
          onClose={() => setStarting(null)}
          onDone={() => stored(starting.id)}
          onRefused={(error) => {
            setProblem(toError(error));
            if (test) return;
            refused = { id: starting.id, error: toError(error) };
            stored(starting.id);
          }}
        />
      )}
    </div>
  );
}

/** Stores a draft with its variations; those that are gone from it first, as their names may be taken. */
async function store(
  draft: TestDraft,
  locked: boolean,
  site: Site,
  made: { current: AbTest | null },
  rows: { current: readonly TestVariation[] },
): Promise<AbTest> {
  const { name, hypothesis, sample_size, duration_days, end_date, ...rest } = testBody(draft);
  const open = { name, hypothesis, sample_size, duration_days, end_date };
  const before = made.current;
  const test = before
    ? await patch<AbTest>(`/api/v1/ab_tests/${before.id}`, locked ? open : { ...open, ...rest })
    : await create({ ...open, ...rest, site_id: site.id });
  made.current = test;
  if (locked) return test;
  const path = "/api/v1/test_variations";
  for (const row of rows.current) {
    if (draft.variations.some((each) => each.id === row.id)) continue;
    await remove(`${path}/${row.id}`);
    rows.current = rows.current.filter((each) => each !== row);
  }
  for (const variation of draft.variations) {
    const body = variationBody(variation);
    const row = variation.id
      ? await patch<TestVariation>(`${path}/${variation.id}`, body)
      : await post<TestVariation>(path, { ...body, ab_test_id: test.id });
    variation.id = row.id;
    variation.variation_id = row.variation_id;
    rows.current = [...rows.current.filter((each) => each.id !== row.id), row];
  }
  return test;
}

/** An account's first test makes the profile that its tests hang on. */
async function create(body: Record<string, unknown>): Promise<AbTest> {
  const path = "/api/v1/ab_tests";
  try {
    return await post<AbTest>(path, body);
  } catch (error) {
    const isFirst = error instanceof ApiError && error.status === 409 && error.field === "account";
    if (!isFirst) throw error;
    await post("/api/v1/meta_user_profiles", {});
    return await post<AbTest>(path, body);
  }
}

export interface PartProps {
  draft: TestDraft;
  change: (part: Partial<TestDraft>) => void;
  said: Said;
}

export const Refusal = ({ children }: { children: ComponentChildren }) => (
  <span class="form-error" role="alert">
    {children}
  </span>
);

function Words({ draft, change, said, locked, ended }: PartProps & { locked: boolean; ended: boolean }) {
  return (
    <fieldset class="plain" disabled={ended}>
      <div class="form">
        <label class="field">
          <span>Name</span>
          <input
            type="text"
            required
            maxLength={255}
            placeholder="Red button"
            value={draft.name}
            aria-invalid={said("name") !== ""}
            onInput={(event) => change({ name: event.currentTarget.value })}
          />
          <Refusal>{said("name")}</Refusal>
        </label>
        <label class="field">
          <span>What you expect, and why</span>
          <textarea
            rows={2}
            placeholder="A red button is seen earlier, so more people buy."
            value={draft.hypothesis}
            onInput={(event) => change({ hypothesis: event.currentTarget.value })}
          />
        </label>
        <div class="field-pair even">
          <Planned
            label="Planned people, in all"
            value={draft.sample_size}
            set={(sample_size) => change({ sample_size })}
            said={said("sample_size")}
          />
          <Planned
            label="Planned days"
            value={draft.duration_days}
            set={(duration_days) => change({ duration_days })}
            said={said("duration_days")}
          />
          <Moment
            label="Starts by itself (UTC)"
            value={draft.start_date}
            set={(start_date) => change({ start_date })}
            said={said("start_date")}
            disabled={locked}
          />
          <Moment
            label="Ends by itself (UTC)"
            value={draft.end_date}
            set={(end_date) => change({ end_date })}
            said={said("end_date")}
          />
        </div>
      </div>
    </fieldset>
  );
}

function Planned(props: {
  label: string;
  value: number | null;
  set: (value: number | null) => void;
  said: string;
}) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        type="number"
        min={1}
        step={1}
        value={props.value ?? ""}
        placeholder="not planned"
        data-tip={props.value === null ? undefined : count(props.value)}
        onInput={(event) => {
          const number = event.currentTarget.valueAsNumber;
          props.set(Number.isFinite(number) ? number : null);
        }}
      />
      <Refusal>{props.said}</Refusal>
    </label>
  );
}

function Moment(props: {
  label: string;
  value: string | null;
  set: (value: string | null) => void;
  said: string;
  disabled?: boolean;
}) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        type="datetime-local"
        value={props.value?.slice(0, 16) ?? ""}
        disabled={props.disabled}
        onInput={(event) => {
          const { value } = event.currentTarget;
          props.set(value ? `${value}:00Z` : null);
        }}
      />
      <Refusal>{props.said}</Refusal>
    </label>
  );
}

function Engines({ draft, change, said }: PartProps) {
  return (
    <>
      <Choice
        label="What differs"
        value={draft.test_type}
        words={typeWords}
        set={(test_type) => change(ofType(draft, test_type))}
      />
      <Refusal>{said("test_type")}</Refusal>
      <fieldset class="plain">
        <legend>When may I look?</legend>
        {(Object.keys(engineWords) as Engine[]).map((engine) => (
          <label key={engine} class="check">
            <input
              type="radio"
              name="engine"
              checked={draft.engine === engine}
              onChange={() => change({ engine })}
            />
            <span>
              {engineWords[engine].title}
              <small>{engineWords[engine].text}</small>
            </span>
          </label>
        ))}
        <Refusal>{said("engine")}</Refusal>
      </fieldset>
    </>
  );
}
