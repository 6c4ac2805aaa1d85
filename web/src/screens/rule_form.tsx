// A rule as a form: what it does, to which items, where and when.

import { useState } from "preact/hooks";
import { ApiError, explain } from "../lib/api";
import { plural } from "../lib/format";
import type { Recommendations, Rule, RuleCondition } from "../lib/types";
import { readable } from "../lib/words";
import { Choice } from "../components/choice";

const kinds: Record<string, string> = {
  pin: "Pin an item to a place",
  boost: "Show more of",
  bury: "Show less of",
  exclude: "Never show",
  only_if: "Show only",
  cap: "At most so many of one kind",
  price_band: "Only in a price range",
};
const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

function conditionText(when: RuleCondition | undefined): string {
  const parts = Object.entries(when ?? {}).map(([key, value]) =>
    Array.isArray(value)
      ? `${readable(key).toLowerCase()} ${value.join(", ")}`
      : key === "in_stock"
        ? value
          ? "in stock"
          : "out of stock"
        : `${key === "price_min" ? "from" : "up to"} ${value}`,
  );
  return parts.length ? parts.join("; ") : "all items";
}

const dateText = (moment: string): string =>
  new Date(moment).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

/** "Never show: categories socks · home · from 22 to 4" */
export function ruleSummary(rule: Rule): string {
  const what =
    rule.kind === "pin"
      ? `${rule.item} in place ${rule.slot ?? 1}`
      : rule.kind === "cap"
        ? `${rule.max ?? 2} of one ${rule.by ?? "category"}; ${conditionText(rule.when)}`
        : rule.kind === "price_band"
          ? `${rule.price_min ?? 0} to ${rule.price_max ?? "any"}${rule.relative ? " times the item's price" : ""}; ${conditionText(rule.when)}`
          : conditionText(rule.when) +
            (rule.kind === "boost" || rule.kind === "bury" ? `, ${rule.factor ?? 2} times` : "");
  const schedule = rule.schedule ?? {};
  const time = [
    schedule.from && `from ${dateText(schedule.from)}`,
    schedule.until && `until ${dateText(schedule.until)}`,
    schedule.days?.join(", "),
    (schedule.from_hour !== undefined || schedule.until_hour !== undefined) &&
      `${schedule.from_hour ?? 0} to ${schedule.until_hour ?? 24} o'clock`,
  ].filter(Boolean);
  return [`${kinds[rule.kind] ?? rule.kind}: ${what}`, rule.placement, ...time]
    .filter(Boolean)
    .join(" · ");
}

const list = (text: string): string[] =>
  text
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean);

const named = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, name]));

interface Props {
  rule: Rule;
  placements: readonly string[];
  onSave: (rule: Rule) => Promise<void>;
  preview: (rule: Rule) => Promise<Recommendations>;
  onCancel: () => void;
}

export function RuleForm(props: Props) {
  const [rule, setRule] = useState<Rule>(props.rule);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [effect, setEffect] = useState<string | null>(null);
  const change = (part: Partial<Rule>): void => setRule({ ...rule, ...part });
  const fail = (error: unknown): void =>
    setProblem(error instanceof ApiError ? error : new ApiError(0, "internal", String(error)));

  const test = async (): Promise<void> => {
    try {
      const answer = await props.preview({ ...rule, id: rule.id ?? "draft" });
      const mine = answer.rules?.find((each) => each.id === (rule.id ?? "draft"));
      setProblem(null);
      setEffect(
        !mine?.active
          ? "It does not hold here and now."
          : answer.fallback === "rules_excluded_everything"
            ? "It leaves nothing to show."
            : `It touches ${plural(mine.item_count, "candidate")} of this placement.`,
      );
    } catch (error) {
      fail(error);
    }
  };

  return (
    <form
      class="form"
      onSubmit={async (event) => {
        event.preventDefault();
        try {
          await props.onSave(rule);
        } catch (error) {
          fail(error);
        }
      }}
    >
      <label class="field">
        <span>Name</span>
        <input
          required
          type="text"
          placeholder="No socks on Mondays"
          value={rule.name}
          onInput={(event) => change({ name: event.currentTarget.value })}
        />
      </label>
      <div class="field-pair">
        <Choice
          label="What it does"
          value={rule.kind}
          words={kinds}
          set={(kind) =>
            // The other fields belong to the former kind.
            setRule({
              ...(rule.id && { id: rule.id }),
              name: rule.name,
              kind,
              ...(rule.placement && { placement: rule.placement }),
              ...(rule.schedule && { schedule: rule.schedule }),
            })
          }
        />
        <Choice
          label="Where"
          value={rule.placement ?? ""}
          words={{ "": "everywhere", ...named(props.placements) }}
          set={(placement) => change({ placement: placement || undefined })}
        />
      </div>
      <KindFields rule={rule} change={change} />
      {rule.kind !== "pin" && <Condition rule={rule} change={change} />}
      <Schedule rule={rule} change={change} />
      <p class="form-error" role="alert">
        {problem && explain(problem)}
      </p>
      {effect && <p class="notice">{effect}</p>}
      <div class="form-actions">
        <button type="submit" class="button primary">
          Save
        </button>
        <button type="button" class="button" onClick={() => void test()}>
          Test it
        </button>
        <button type="button" class="button" onClick={props.onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

interface PartProps {
  rule: Rule;
  change: (part: Partial<Rule>) => void;
}

function numberOf(event: { currentTarget: HTMLInputElement }): number | undefined {
  const given = event.currentTarget.valueAsNumber;
  return Number.isFinite(given) ? given : undefined;
}

function NumberField(props: {
  label: string;
  value: number | undefined;
  step?: number;
  set: (value: number | undefined) => void;
}) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        type="number"
        min={0}
        step={props.step ?? 1}
        value={props.value ?? ""}
        onInput={(event) => props.set(numberOf(event))}
      />
    </label>
  );
}

/** A moment as the browser's own clock shows it, for an input; and back. */
const localText = (moment: string | undefined): string => {
  if (!moment) return "";
  const date = new Date(moment);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const momentOf = (local: string): string | undefined =>
  local ? new Date(local).toISOString().replace(/\.\d+Z$/, "Z") : undefined;

function KindFields({ rule, change }: PartProps) {
  if (rule.kind === "pin") {
    return (
      <div class="field-pair">
        <label class="field">
          <span>Item id</span>
          <input
            required
            type="text"
            value={rule.item ?? ""}
            onInput={(event) => change({ item: event.currentTarget.value })}
          />
        </label>
        <NumberField label="Place" value={rule.slot ?? 1} set={(slot) => change({ slot })} />
      </div>
    );
  }
  if (rule.kind === "boost" || rule.kind === "bury") {
    return (
      <NumberField
        label="How many times"
        step={0.1}
        value={rule.factor ?? 2}
        set={(factor) => change({ factor })}
      />
    );
  }
  if (rule.kind === "cap") {
    return (
      <div class="field-pair">
        <NumberField label="At most" value={rule.max ?? 2} set={(max) => change({ max })} />
        <Choice
          label="Of one"
          value={rule.by ?? "category"}
          words={named(["category", "brand"])}
          set={(by) => change({ by })}
        />
      </div>
    );
  }
  if (rule.kind !== "price_band") return null;
  return (
    <>
      <div class="field-pair">
        <NumberField
          label="From"
          step={0.01}
          value={rule.price_min}
          set={(price_min) => change({ price_min })}
        />
        <NumberField
          label="To"
          step={0.01}
          value={rule.price_max}
          set={(price_max) => change({ price_max })}
        />
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={rule.relative ?? false}
          onChange={(event) => change({ relative: event.currentTarget.checked })}
        />
        <span>times the price of the item on the page</span>
      </label>
    </>
  );
}

function Condition({ rule, change }: PartProps) {
  const when = rule.when ?? {};
  const set = (part: RuleCondition): void => {
    const next = Object.fromEntries(
      Object.entries({ ...when, ...part }).filter(
        ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
      ),
    );
    change({ when: Object.keys(next).length ? next : undefined });
  };
  const texts = (label: string, key: "categories" | "brands" | "labels" | "items", note?: string) => (
    <label class="field">
      <span>{label}</span>
      <input
        type="text"
        spellcheck={false}
        value={(when[key] ?? []).join(", ")}
        onChange={(event) => set({ [key]: list(event.currentTarget.value) })}
      />
      {note && <small>{note}</small>}
    </label>
  );
  return (
    <fieldset class="plain">
      <legend>Which items (all that is given must fit; nothing given: every item)</legend>
      <div class="field-pair">
        {texts("Categories", "categories", "With commas between.")}
        {texts("Brands", "brands")}
      </div>
      <div class="field-pair">
        {texts("Labels", "labels")}
        {texts("Item ids", "items")}
      </div>
      <div class="field-pair">
        <Choice
          label="Type"
          value={when.types?.[0] ?? ""}
          words={{ "": "any", product: "products", content: "content", offer: "offers" }}
          set={(type) => set({ types: type ? [type] : [] })}
        />
        <Choice
          label="Stock"
          value={when.in_stock === undefined ? "" : String(when.in_stock)}
          words={{ "": "any", true: "in stock", false: "out of stock" }}
          set={(stock) => set({ in_stock: stock ? stock === "true" : undefined })}
        />
      </div>
      {rule.kind !== "price_band" && (
        <div class="field-pair">
          <NumberField
            label="Price from"
            step={0.01}
            value={when.price_min}
            set={(price_min) => set({ price_min })}
          />
          <NumberField
            label="Price up to"
            step={0.01}
            value={when.price_max}
            set={(price_max) => set({ price_max })}
          />
        </div>
      )}
    </fieldset>
  );
}

function Schedule({ rule, change }: PartProps) {
  const schedule = rule.schedule ?? {};
  const set = (part: NonNullable<Rule["schedule"]>): void => {
    const next = Object.fromEntries(
      Object.entries({ ...schedule, ...part }).filter(
        ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
      ),
    );
    change({ schedule: Object.keys(next).length ? next : undefined });
  };
  const moment = (label: string, key: "from" | "until") => (
    <label class="field">
      <span>{label}</span>
      <input
        type="datetime-local"
        value={localText(schedule[key])}
        onChange={(event) => set({ [key]: momentOf(event.currentTarget.value) })}
      />
    </label>
  );
  return (
    <details class="more" open={rule.schedule !== undefined}>
      <summary>When it holds</summary>
      <div class="field-pair">
        {moment("From", "from")}
        {moment("Until", "until")}
      </div>
      <div class="days" role="group" aria-label="Days of the week">
        {days.map((day) => (
          <label key={day} class="check">
            <input
              type="checkbox"
              checked={schedule.days?.includes(day) ?? false}
              onChange={(event) =>
                set({
                  days: days.filter((each) =>
                    each === day
                      ? event.currentTarget.checked
                      : (schedule.days?.includes(each) ?? false),
                  ),
                })
              }
            />
            <span>{readable(day)}</span>
          </label>
        ))}
      </div>
      <div class="field-pair">
        <NumberField
          label="From hour"
          value={schedule.from_hour}
          set={(from_hour) => set({ from_hour })}
        />
        <NumberField
          label="Until hour"
          value={schedule.until_hour}
          set={(until_hour) => set({ until_hour })}
        />
      </div>
      <small class="muted">
        Days and hours in the time zone of the site, dates in yours. No day chosen: every day.
      </small>
    </details>
  );
}
