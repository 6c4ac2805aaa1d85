// What is rarely changed in a test's form: factors, who is kept apart from other tests, and how the
// numbers are made.

import { useEffect, useRef, useState } from "preact/hooks";
import { withQuery } from "../lib/api";
import { plural } from "../lib/format";
import { productOf, variationsMax, withFactors } from "../lib/factors";
import { useResource } from "../lib/resource";
import type { AbTests, Correction, Factor, TestDesign } from "../lib/test_types";
import { correctionWords } from "../lib/tests";
import type { Site } from "../lib/types";
import { Choice } from "../components/choice";
import { type PartProps, Refusal } from "./test_form";
import { Amount, Text } from "./test_parts";

/** Lines of text; an empty one stays while it is being written. */
export function Lines(props: {
  label: string;
  hint?: string;
  placeholder?: string;
  lines: readonly string[];
  /** Why the form may not be sent like this; empty: it may. */
  wrong?: string;
  set: (lines: string[]) => void;
}) {
  const of = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter(Boolean);
  const outside = props.lines.join("\n");
  const [text, setText] = useState(outside);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => area.current?.setCustomValidity(props.wrong ?? ""), [props.wrong]);
  useEffect(() => {
    // What comes back while somebody writes is what they wrote a moment ago.
    if (document.activeElement === area.current) return;
    if (of(text).join("\n") !== outside) setText(outside);
  }, [outside]);
  return (
    <label class="field">
      <span>{props.label}</span>
      <textarea
        ref={area}
        rows={Math.max(2, props.lines.length)}
        spellcheck={false}
        placeholder={props.placeholder}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          props.set(of(event.currentTarget.value));
        }}
      />
      {props.hint && <small>{props.hint}</small>}
    </label>
  );
}

const fewLevels = "Give each factor two levels or more.";

export function Factors({ draft, change, said }: PartProps) {
  const factors = draft.design.factors ?? [];
  // As it is being written: a factor counts in the variations once it has two levels.
  const [drawn, setDrawn] = useState<Factor[]>(factors);
  const stored = JSON.stringify(factors);
  useEffect(() => setDrawn(factors), [stored]);
  const tooMany = productOf(drawn) > variationsMax;
  const manyVariations = `That would be ${productOf(drawn)} variations; a test has at most ${variationsMax}.`;
  const take = (next: Factor[]): void => {
    setDrawn(next);
    const isWhole = next.every(({ name, levels }) => name.trim() !== "" && levels.length > 1);
    if (isWhole && productOf(next) <= variationsMax) change(withFactors(draft, next));
  };
  const edit = (at: number, part: Partial<Factor>): void =>
    take(drawn.map((each, n) => (n === at ? { ...each, ...part } : each)));
  return (
    <fieldset class="plain">
      <legend>Factors</legend>
      <p class="muted">
        Things that change independently of each other, such as the colour and the text of a button. Each
        way to combine their levels is a variation, and code gets its levels as JSON.
      </p>
      <ul class="flag-rules">
        {drawn.map(({ name, levels }, at) => (
          <li key={at} class="form" role="group" aria-label={`Factor ${at + 1}`}>
            <Text label="Factor" value={name} required set={(text) => edit(at, { name: text })} />
            <Lines
              label="Levels, one a line"
              placeholder={"red\nblue"}
              lines={levels}
              wrong={levels.length < 2 ? fewLevels : tooMany ? manyVariations : ""}
              set={(lines) => edit(at, { levels: lines })}
            />
            <div>
              <button
                type="button"
                class="button small ghost"
                onClick={() => take(drawn.filter((_, n) => n !== at))}
              >
                Remove
              </button>
            </div>
          </li>
        ))}
      </ul>
      {drawn.length > 0 && (
        <p class={tooMany ? "form-error" : "muted"} aria-live="polite">
          {tooMany
            ? manyVariations
            : drawn.some(({ levels }) => levels.length < 2)
              ? fewLevels
              : `${drawn.map(({ levels }) => levels.length).join(" × ")} levels: ${plural(productOf(drawn), "variation")}.`}
        </p>
      )}
      <Refusal>{said("design.factors")}</Refusal>
      <div>
        <button
          type="button"
          class="button small"
          onClick={() => take([...drawn, { name: `factor ${drawn.length + 1}`, levels: [] }])}
        >
          Add a factor
        </button>
      </div>
    </fieldset>
  );
}

/** Sets a member of a test's design; undefined takes it out. */
export const setterOf =
  ({ draft, change }: Pick<PartProps, "draft" | "change">) =>
  <K extends keyof TestDesign & string>(key: K, value: TestDesign[K] | undefined): void => {
    const design: TestDesign = { ...draft.design, [key]: value };
    if (value === undefined) delete design[key as string];
    change({ design });
  };

const toPercent = (share: number): number => Number((share * 100).toFixed(4));

/** How this test and others of the site share people. */
export function OtherTests({ draft, change, said, site, own }: PartProps & { site: Site; own: string | null }) {
  const set = setterOf({ draft, change });
  const running = useResource<AbTests>(
    withQuery("/api/v1/ab_tests", { site: site.id, status: "Active", limit: 1000 }),
  );
  const { namespace: space, holdout = "" } = draft.design;
  const isBandit = draft.engine === "bandit";
  const keepers = (running.data?.ab_tests ?? []).flatMap(({ test_key, name, engine }) =>
    test_key && test_key !== own && engine !== "bandit" ? [[test_key, `whom “${name}” keeps as they are`] as const] : [],
  );
  const words = { "": "nobody", ...(holdout && { [holdout]: holdout }), ...Object.fromEntries(keepers) };
  const range = space?.range ?? [0, 1];
  const part = (id: string, from: number, to: number): void =>
    set("namespace", id === "" ? undefined : { id, range: [from / 100, to / 100] });
  return (
    <>
      <div class="metric-fields">
        <Text
          label="Namespace"
          value={space?.id ?? ""}
          placeholder="none"
          set={(id) => part(id.trim(), toPercent(range[0]), toPercent(range[1]))}
        />
        {space && (
          <>
            <Amount
              label="From, %"
              value={toPercent(range[0])}
              placeholder="0"
              set={(from) => part(space.id, from ?? 0, toPercent(range[1]))}
            />
            <Amount
              label="To, %"
              value={toPercent(range[1])}
              placeholder="100"
              set={(to) => part(space.id, toPercent(range[0]), to ?? 100)}
            />
          </>
        )}
      </div>
      <p class="muted">
        Tests of the same namespace never share a person while their parts of it, 0 to 100 %, do not
        overlap.
      </p>
      <Refusal>{said("design.namespace")}</Refusal>
      <Choice
        label="Kept out of it"
        value={holdout}
        words={words}
        set={(key) => set("holdout", key || undefined)}
      />
      <p class="muted">
        Another running test can hold people out: those who get its control never see this one, so that
        all tests together can be compared with none. Rules of flags can do the same.
      </p>
      <Refusal>{said("design.holdout")}</Refusal>
      <label class="check">
        <input
          type="checkbox"
          checked={isBandit || draft.design.sticky === true}
          disabled={isBandit}
          onChange={(event) => set("sticky", event.currentTarget.checked || undefined)}
        />
        <span>
          Who was given a variation keeps it (sticky bucketing)
          <small>
            Also when shares change. SDKs need a sticky bucket service for it; x.js remembers it in the browser.
            {isBandit && " A bandit always asks for it, as its shares move."}
          </small>
        </span>
      </label>
      <Refusal>{said("design.sticky")}</Refusal>
    </>
  );
}

const cupedDaysUsual = 7;

export function Numbers({ draft, change, said }: PartProps) {
  const set = setterOf({ draft, change });
  const { correction, cuped_days } = draft.design;
  const wrong = said("design.correction") || said("design.cuped_days");
  // As it was at first: emptying a field must not close it under the cursor.
  const [open] = useState(correction !== undefined || cuped_days !== undefined);
  return (
    <details class="more" open={open || wrong !== ""}>
      <summary>How the numbers are made</summary>
      <div class="form">
        <Choice
          label="Several metrics and variations: corrected by"
          value={correction ?? "holm"}
          words={correctionWords}
          set={(next) => set("correction", next as Correction)}
        />
        <p class="muted">
          The more is compared, the more often something looks better by chance. The correction allows for
          that; guardrails are left out of it.
        </p>
        <Refusal>{said("design.correction")}</Refusal>
        <Amount
          label="Days looked back (CUPED)"
          value={cuped_days}
          placeholder={String(cupedDaysUsual)}
          set={(days) => set("cuped_days", days)}
        />
        <p class="muted">
          What people did in so many days before they came narrows the intervals, without favouring
          anybody. 0 leaves it out; at most 90.
        </p>
        <Refusal>{said("design.cuped_days")}</Refusal>
      </div>
    </details>
  );
}
