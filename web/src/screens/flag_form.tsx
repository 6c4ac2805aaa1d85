// A flag's value and its rules. A condition that rows cannot say is edited as JSON, like everything of a
// rule that has no field here: nothing that was stored is lost by saving.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { withQuery } from "../lib/api";
import { type ConditionRow, conditionOf, operators, rowsOf, ruleSentence } from "../lib/flags";
import { percent } from "../lib/format";
import { useResource } from "../lib/resource";
import type { AbTests } from "../lib/test_types";
import type { FlagRule, FlagType, Json, Site } from "../lib/types";
import { Choice, InlineChoice } from "../components/choice";
import type { Draft } from "./flags";

const types: Record<FlagType, string> = {
  boolean: "On or off",
  string: "Text",
  number: "Number",
  json: "JSON",
};
const neutral: Record<FlagType, Json> = { boolean: false, string: "", number: 0, json: {} };

interface Props {
  site: Site;
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  save: () => Promise<void>;
  children: ComponentChildren;
}

export function FlagForm({ site, draft, change, save, children }: Props) {
  const running = useResource<AbTests>(
    withQuery("/api/v1/ab_tests", { site: site.id, status: "Active", limit: 1000 }),
  );
  const tests = (running.data?.ab_tests ?? []).flatMap(({ test_key, name, engine }) =>
    test_key && engine !== "bandit" ? [[test_key, `whom “${name}” keeps as they are`] as const] : [],
  );
  const setRule = (at: number, rule: FlagRule | null): void =>
    change({
      rules: draft.rules.flatMap((each, n) => (n !== at ? [each] : rule === null ? [] : [rule])),
    });
  const move = (at: number): void => {
    const rules = [...draft.rules];
    rules.splice(at - 1, 0, ...rules.splice(at, 1));
    change({ rules });
  };
  const next: Json = draft.value_type === "boolean" ? true : draft.default_value;
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label class="field">
        <span>What it is for</span>
        <input
          type="text"
          maxLength={2000}
          value={draft.description}
          onInput={(event) => change({ description: event.currentTarget.value })}
        />
      </label>
      <div class="field-pair">
        <ValueField
          label="Everybody else gets"
          type={draft.value_type}
          value={draft.default_value}
          set={(default_value) => change({ default_value })}
        />
        <Choice
          label="Kind"
          value={draft.value_type}
          words={types}
          set={(value_type) =>
            // The rules' values are of the former kind.
            change({
              value_type: value_type as FlagType,
              default_value: neutral[value_type as FlagType],
              rules: [],
            })
          }
        />
      </div>
      <fieldset class="plain">
        <legend>Rules, tried in this order</legend>
        <ol class="flag-rules">
          {draft.rules.map((rule, at) => (
            <li key={`${draft.rules.length}-${at}`}>
              <RuleFields
                name={`rule ${at + 1}`}
                type={draft.value_type}
                rule={rule}
                holdouts={Object.fromEntries(tests)}
                set={(changed) => setRule(at, changed)}
              />
              <div class="form-actions">
                {at > 0 && (
                  <button type="button" class="button small ghost" onClick={() => move(at)}>
                    Earlier
                  </button>
                )}
                <button type="button" class="button small ghost" onClick={() => setRule(at, null)}>
                  Remove the rule
                </button>
              </div>
            </li>
          ))}
        </ol>
        <div class="form-actions">
          <button
            type="button"
            class="button small"
            onClick={() => change({ rules: [...draft.rules, { force: next, coverage: 1 }] })}
          >
            Add a rollout
          </button>
          <button
            type="button"
            class="button small"
            onClick={() => change({ rules: [...draft.rules, { force: next, condition: {} }] })}
          >
            Add targeting
          </button>
        </div>
      </fieldset>
      {children}
    </form>
  );
}

function ValueField(props: {
  label: string;
  type: FlagType;
  value: Json;
  set: (value: Json) => void;
}) {
  const { label, type, value, set } = props;
  if (type === "boolean") {
    return (
      <Choice
        label={label}
        value={String(value)}
        words={{ true: "On", false: "Off" }}
        set={(text) => set(text === "true")}
      />
    );
  }
  if (type === "json") return <JsonField label={label} value={value} set={set} />;
  return (
    <label class="field">
      <span>{label}</span>
      {type === "number" ? (
        <input
          type="number"
          step="any"
          value={typeof value === "number" ? value : 0}
          onInput={(event) => {
            const { valueAsNumber: number } = event.currentTarget;
            if (Number.isFinite(number)) set(number);
          }}
        />
      ) : (
        <input
          type="text"
          value={String(value ?? "")}
          onInput={(event) => set(event.currentTarget.value)}
        />
      )}
    </label>
  );
}

/** Text that counts once it is JSON. */
function JsonField(props: { label: string; value: Json; set: (value: Json) => void }) {
  const [text, setText] = useState(JSON.stringify(props.value, null, 1));
  const [wrong, setWrong] = useState(false);
  return (
    <label class="field">
      <span>{props.label}</span>
      <textarea
        rows={4}
        spellcheck={false}
        value={text}
        aria-invalid={wrong}
        onInput={(event) => {
          const next = event.currentTarget.value;
          setText(next);
          try {
            props.set(JSON.parse(next) as Json);
            setWrong(false);
          } catch {
            setWrong(true);
          }
        }}
      />
      {wrong && <small>This is not JSON yet: what was there before counts.</small>}
    </label>
  );
}

interface RuleProps {
  name: string;
  type: FlagType;
  rule: FlagRule;
  /** Tests that run, by key, whose control a rule may leave out. */
  holdouts: Record<string, string>;
  set: (rule: FlagRule) => void;
}

function RuleFields({ name, type, rule, holdouts, set }: RuleProps) {
  const isPlain = rule.test === undefined && rule.variations === undefined;
  return (
    <div class="form" role="group" aria-label={name}>
      <p class="flag-rule">{ruleSentence(rule)}</p>
      {isPlain ? (
        <>
          <ValueField
            label="Gives"
            type={type}
            value={rule.force ?? null}
            set={(force) => set({ ...rule, force })}
          />
          <Rollout rule={rule} set={set} />
          <Targeting rule={rule} set={set} />
          <Holdout rule={rule} holdouts={holdouts} set={set} />
        </>
      ) : (
        <JsonField
          label="As SDKs have it"
          value={rule as unknown as Json}
          set={(value) => set(value as unknown as FlagRule)}
        />
      )}
    </div>
  );
}

function Rollout({ rule, set }: Pick<RuleProps, "rule" | "set">) {
  const share = rule.coverage ?? 1;
  return (
    <div class="mix">
      <label>
        <span data-tip="Always the same people: who is in at 10 % stays in at 20 %.">To how many</span>
        <input
          type="range"
          min={0}
          max={1}
          step={0.01}
          value={share}
          onInput={(event) => {
            const { coverage: _, ...rest } = rule;
            const next = event.currentTarget.valueAsNumber;
            set(next === 1 ? rest : { ...rest, coverage: next });
          }}
        />
        <output>{percent(share)}</output>
      </label>
    </div>
  );
}

function Holdout({ rule, holdouts, set }: Pick<RuleProps, "rule" | "holdouts" | "set">) {
  const { holdout = "", ...rest } = rule;
  if (holdout === "" && Object.keys(holdouts).length === 0) return null;
  return (
    <Choice
      label="Kept out of it"
      value={holdout}
      words={{ "": "nobody", ...(holdout && { [holdout]: `whom ${holdout} keeps as they are` }), ...holdouts }}
      set={(key) => set(key === "" ? rest : { ...rest, holdout: key })}
    />
  );
}

function Targeting({ rule, set }: Pick<RuleProps, "rule" | "set">) {
  const stored = rowsOf(rule.condition);
  const [rows, setRows] = useState<ConditionRow[]>(stored ?? []);
  const keep = (next: ConditionRow[]): void => {
    setRows(next);
    const { condition: _, ...rest } = rule;
    const condition = conditionOf(next);
    set(condition ? { ...rest, condition } : rest);
  };
  if (stored === null) {
    return (
      <JsonField
        label="Only for"
        value={rule.condition ?? {}}
        set={(condition) => set({ ...rule, condition: condition as Record<string, Json> })}
      />
    );
  }
  const edit = (at: number, part: Partial<ConditionRow>): void =>
    keep(rows.map((row, n) => (n === at ? { ...row, ...part } : row)));
  return (
    <fieldset class="plain">
      <legend>Only for people whose</legend>
      {rows.map((row, at) => (
        <div key={at} class="condition">
          <input
            type="text"
            aria-label="Attribute"
            placeholder="country"
            spellcheck={false}
            value={row.attribute}
            onInput={(event) => edit(at, { attribute: event.currentTarget.value })}
          />
          <InlineChoice
            label="Comparison"
            value={row.operator}
            words={operators}
            set={(operator) => edit(at, { operator })}
          />
          <input
            type="text"
            aria-label="Value"
            placeholder={row.operator === "$in" ? "DE, AT" : "DE"}
            spellcheck={false}
            value={row.value}
            onInput={(event) => edit(at, { value: event.currentTarget.value })}
          />
          <button
            type="button"
            class="button small ghost"
            aria-label="Remove this condition"
            onClick={() => keep(rows.filter((_, n) => n !== at))}
          >
            Remove
          </button>
        </div>
      ))}
      <div>
        <button
          type="button"
          class="button small ghost"
          onClick={() => keep([...rows, { attribute: "", operator: "$eq", value: "" }])}
        >
          Add a condition
        </button>
      </div>
    </fieldset>
  );
}
