// The longer parts of a test's form: what is measured, what is shown, and who takes part.

import { useState } from "preact/hooks";
import { percent } from "../lib/format";
import type { MetricKind, Selection } from "../lib/test_types";
import {
  evenShares,
  kindWords,
  mayStopEarly,
  methodWords,
  type MetricDraft,
  newMetric,
  newVariation,
  ofKind,
  slug,
  trafficOf,
  type VariationDraft,
} from "../lib/tests";
import type { Json, Site } from "../lib/types";
import { Choice } from "../components/choice";
import { Lines, OtherTests, setterOf } from "./test_design";
import { type PartProps, Refusal } from "./test_form";

const events = ["purchase", "cart_add", "checkout", "signup", "pageview", "click", "search", "form_submit"];

export function Metrics({ draft, change, said }: PartProps) {
  const set = (at: number, metric: MetricDraft | null): void => {
    const metrics = draft.metrics.flatMap((each, n) => (n !== at ? [each] : metric ? [metric] : []));
    const renamed = metric && draft.metrics[at]?.name === draft.primary_metric;
    change({ metrics, ...(renamed && { primary_metric: metric.name }) });
  };
  return (
    <fieldset class="plain">
      <legend>What decides, and what else is measured</legend>
      <datalist id="event-names">
        {events.map((event) => (
          <option key={event} value={event} />
        ))}
      </datalist>
      <ul class="flag-rules">
        {draft.metrics.map((metric, at) => (
          <li key={at}>
            <MetricFields
              metric={metric}
              label={`Metric ${at + 1}`}
              decides={metric.name === draft.primary_metric}
              decide={() => change({ primary_metric: metric.name })}
              set={(next) => set(at, next)}
              remove={() => set(at, null)}
            />
            <Refusal>{said(`design.metrics[${at}]`)}</Refusal>
          </li>
        ))}
      </ul>
      <Refusal>
        {said("primary_metric") || said("guardrail_metrics") || (draft.metrics.length === 0 && said("design.metrics"))}
      </Refusal>
      <div>
        <button
          type="button"
          class="button small"
          onClick={() =>
            change({
              metrics: [...draft.metrics, newMetric(`metric ${draft.metrics.length + 1}`, "conversion", "cart_add")],
            })
          }
        >
          Add a metric
        </button>
      </div>
    </fieldset>
  );
}

interface MetricProps {
  metric: MetricDraft;
  label: string;
  decides: boolean;
  decide: () => void;
  set: (metric: MetricDraft) => void;
  remove: () => void;
}

function MetricFields({ metric, label, decides, decide, set, remove }: MetricProps) {
  const { kind } = metric;
  const change = (part: Partial<MetricDraft>): void => set({ ...metric, ...part });
  return (
    <div class="form" role="group" aria-label={label}>
      <div class="metric-fields">
        <Text label="Metric" value={metric.name} required set={(name) => change({ name })} />
        <Choice
          label="Counts"
          value={kind}
          words={kindWords}
          set={(next) => set(ofKind(metric, next as MetricKind))}
        />
        {kind !== "revenue" && (
          <Text
            label={kind === "sum" || kind === "quantile" ? "In the event" : "Event"}
            value={metric.event ?? ""}
            list="event-names"
            required
            set={(event) => change({ event })}
          />
        )}
        {kind === "sum" && (
          <Text
            label="Number in it"
            value={metric.property ?? ""}
            placeholder="plan.seats"
            set={(property) => change({ property })}
          />
        )}
        {kind === "quantile" && <Quantile metric={metric} change={change} />}
        {kind === "ratio" && (
          <Text
            label="Per event"
            value={metric.denominator?.event ?? ""}
            list="event-names"
            set={(event) => change({ denominator: { ...metric.denominator, event } })}
          />
        )}
      </div>
      <Limits metric={metric} change={change} />
      <div class="metric-marks">
        <label class="check">
          <input type="radio" name="primary" checked={decides} onChange={decide} />
          <span>Decides</span>
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={metric.higher_is_better === false}
            onChange={(event) => change({ higher_is_better: !event.currentTarget.checked })}
          />
          <span>Less is better</span>
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={metric.guardrail}
            onChange={(event) => change({ guardrail: event.currentTarget.checked })}
          />
          <span data-tip="It is no goal, but it must not get worse by more than this.">Guardrail</span>
        </label>
        {metric.guardrail && (
          <label class="margin">
            may get worse by{" "}
            <input
              type="number"
              min={0.1}
              max={100}
              step="any"
              value={Number((metric.margin * 100).toFixed(4))}
              onInput={(event) => {
                const margin = event.currentTarget.valueAsNumber;
                if (Number.isFinite(margin)) change({ margin: margin / 100 });
              }}
            />{" "}
            %
          </label>
        )}
        <button type="button" class="button small ghost" onClick={remove}>
          Remove
        </button>
      </div>
    </div>
  );
}

/** Which quantile, and of what. */
function Quantile({ metric, change }: { metric: MetricDraft; change: (part: Partial<MetricDraft>) => void }) {
  return (
    <>
      <Text
        label="Number in it"
        value={metric.property ?? ""}
        placeholder="revenue"
        set={(property) => change({ property })}
      />
      <Amount
        label="Quantile, %"
        hint="50 is the median; 90 is what nine of ten stay below."
        value={metric.quantile === undefined ? undefined : asPercent(metric.quantile)}
        placeholder="50"
        set={(quantile) => change({ quantile: quantile === undefined ? undefined : quantile / 100 })}
      />
      <Choice
        label="Of each"
        value={metric.per ?? "person"}
        words={{ event: "event", person: "person's sum" }}
        set={(per) => change({ per: per === "event" ? "event" : "person" })}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={metric.ignore_zeros === true}
          onChange={(event) => change({ ignore_zeros: event.currentTarget.checked || undefined })}
        />
        <span data-tip="Without it, who did nothing counts with 0.">Without zeros</span>
      </label>
    </>
  );
}

const asPercent = (share: number): number => Number((share * 100).toFixed(4));

/** Which of the events count; most metrics need none of it. */
function Limits({ metric, change }: { metric: MetricDraft; change: (part: Partial<MetricDraft>) => void }) {
  const { kind, where, window_days, winsor } = metric;
  const path = where?.["path"] ?? "";
  const bounded = kind === "count" || kind === "sum" || kind === "revenue";
  // As it was at first: emptying a field must not close it under the cursor.
  const [open] = useState(path !== "" || window_days !== undefined || winsor !== undefined);
  return (
    <details class="more" open={open}>
      <summary>Only some of them</summary>
      <div class="metric-fields">
        <Text
          label="On pages"
          value={path}
          placeholder="/checkout*"
          set={(text) => change({ where: whereOf(metric, text) })}
        />
        <Amount
          label="Within days"
          hint="So many days after a person was given a variation."
          value={window_days}
          placeholder="ever"
          set={(days) => change({ window_days: days })}
        />
        {bounded && (
          <Amount
            label="Cut at"
            hint="A person's sum is cut here, so that one order does not decide the test."
            value={winsor?.cap}
            placeholder="never"
            set={(cap) => change({ winsor: cap === undefined ? undefined : { cap } })}
          />
        )}
        {bounded && (
          <Amount
            label="Or at the quantile, %"
            hint="Of all variations together, of people with a value: at 99 the highest hundredth is cut."
            value={winsor?.quantile === undefined ? undefined : asPercent(winsor.quantile)}
            placeholder="never"
            set={(share) =>
              change({
                winsor: share === undefined ? undefined : { ignore_zeros: true, quantile: share / 100 },
              })
            }
          />
        )}
      </div>
    </details>
  );
}

function whereOf(selection: Selection, path: string): Record<string, string> | undefined {
  const { path: _, ...rest } = selection.where ?? {};
  const where: Record<string, string> = path ? { ...rest, path } : rest;
  return Object.keys(where).length > 0 ? where : undefined;
}

interface TextProps {
  label: string;
  value: string;
  set: (value: string) => void;
  placeholder?: string;
  list?: string;
  required?: boolean;
}

export function Text({ label, set, ...rest }: TextProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="text"
        maxLength={500}
        spellcheck={false}
        autocomplete="off"
        {...rest}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
}

export function Amount(props: {
  label: string;
  hint?: string;
  value: number | undefined;
  placeholder: string;
  set: (value: number | undefined) => void;
}) {
  return (
    <label class="field">
      <span data-tip={props.hint}>{props.label}</span>
      <input
        type="number"
        min={0}
        step="any"
        value={props.value ?? ""}
        placeholder={props.placeholder}
        onInput={(event) => {
          const number = event.currentTarget.valueAsNumber;
          props.set(Number.isFinite(number) ? number : undefined);
        }}
      />
    </label>
  );
}

export function Variations({ draft, change, said }: PartProps) {
  const { variations } = draft;
  const sum = trafficOf(variations);
  const hasFactors = draft.design.factors !== undefined;
  const keep = (next: VariationDraft[]): void => change({ variations: next });
  const edit = (at: number, part: Partial<VariationDraft>): void =>
    keep(variations.map((each, n) => (n === at ? { ...each, ...part } : each)));
  const share = (next: VariationDraft[]): void => {
    const shares = evenShares(next.length);
    keep(next.map((each, n) => ({ ...each, traffic_percentage: shares[n] ?? 0 })));
  };
  return (
    <fieldset class="plain">
      <legend>Variations</legend>
      <ul class="flag-rules">
        {variations.map((variation, at) => (
          <li key={variation.id || at} role="group" aria-label={`Variation ${at + 1}`}>
            <VariationFields
              variation={variation}
              type={draft.test_type}
              edit={(part) => edit(at, part)}
              control={() => keep(variations.map((each, n) => ({ ...each, is_control: n === at })))}
              remove={
                variations.length > 2 && !hasFactors
                  ? () => share(variations.filter((_, n) => n !== at))
                  : null
              }
            />
          </li>
        ))}
      </ul>
      <p class={sum === 100 ? "muted" : "form-error"} aria-live="polite">
        Together {percent(sum / 100)} of the people{sum === 100 ? "." : ": it must be 100."}
      </p>
      <Refusal>
        {said("traffic_percentage") || said("is_control") || said("test_variations") || said("configuration")}
      </Refusal>
      {!hasFactors && (draft.test_type !== "Simple A/B" || variations.length < 2) && (
        <div>
          <button
            type="button"
            class="button small"
            onClick={() => share([...variations, newVariation(`Variation ${variations.length + 1}`, 0)])}
          >
            Add a variation
          </button>
        </div>
      )}
    </fieldset>
  );
}

interface VariationProps {
  variation: VariationDraft;
  type: string;
  edit: (part: Partial<VariationDraft>) => void;
  control: () => void;
  remove: (() => void) | null;
}

function VariationFields({ variation, type, edit, control, remove }: VariationProps) {
  const { configuration } = variation;
  const configure = (key: string, value: Json | undefined): void => {
    const { [key]: _, ...rest } = configuration;
    edit({ configuration: value === undefined ? rest : { ...rest, [key]: value } });
  };
  const value = configuration["value"];
  const url = configuration["url"];
  const levels = configuration["factors"];
  const otherwise = levels ? JSON.stringify(levels) : variation.variation_id || slug(variation.name);
  return (
    <>
      <div class="metric-fields">
        <Text label="Variation" value={variation.name} required set={(name) => edit({ name })} />
        <Amount
          label="People, %"
          value={variation.traffic_percentage}
          placeholder="0"
          set={(share) => edit({ traffic_percentage: share ?? 0 })}
        />
        {type === "Split URL" ? (
          <Text
            label="Address"
            value={typeof url === "string" ? url : ""}
            placeholder="/new-landing-page"
            set={(text) => configure("url", text || undefined)}
          />
        ) : (
          <Text
            label="Code gets"
            value={value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value)}
            placeholder={otherwise}
            set={(text) => configure("value", text || undefined)}
          />
        )}
      </div>
      {type !== "Split URL" && (
        <JsonText
          label="Changes of the page"
          hint='What x.js does on a page: {"css": "...", "domMutations": [...]}. Empty: your code shows the variation.'
          value={configuration["changes"]}
          set={(changes) => configure("changes", changes)}
        />
      )}
      <div class="metric-marks">
        <label class="check">
          <input type="radio" name="control" checked={variation.is_control} onChange={control} />
          <span data-tip="What the others are compared with.">Control</span>
        </label>
        {remove && (
          <button type="button" class="button small ghost" onClick={remove}>
            Remove
          </button>
        )}
      </div>
    </>
  );
}

/** Text that counts once it is JSON; empty text counts as nothing. */
function JsonText(props: {
  label: string;
  hint: string;
  value: Json | undefined;
  set: (value: Json | undefined) => void;
}) {
  const [text, setText] = useState(props.value === undefined ? "" : JSON.stringify(props.value, null, 1));
  const [wrong, setWrong] = useState(false);
  const [open] = useState(props.value !== undefined);
  return (
    <details class="more" open={open}>
      <summary>{props.label}</summary>
      <label class="field">
        <span class="visually-hidden">{props.label}</span>
        <textarea
          rows={4}
          spellcheck={false}
          value={text}
          aria-invalid={wrong}
          onInput={(event) => {
            const next = event.currentTarget.value;
            setText(next);
            try {
              props.set(next.trim() === "" ? undefined : (JSON.parse(next) as Json));
              setWrong(false);
            } catch {
              setWrong(true);
            }
          }}
        />
        <small>{wrong ? "This is not JSON yet: what was there before counts." : props.hint}</small>
      </label>
    </details>
  );
}

const ofAdvanced = ["condition", "namespace", "holdout", "sticky", "smallest_lift"].map((each) => `design.${each}`);

export function Advanced(props: PartProps & { site: Site; own: string | null }) {
  const { draft, change, said } = props;
  const { design } = draft;
  const early = mayStopEarly(draft.engine);
  const setDesign = setterOf(props);
  return (
    <details class="more" open={[...ofAdvanced, "coverage"].some((field) => said(field) !== "")}>
      <summary>Who takes part, and when it ends</summary>
      <div class="form">
        <Amount
          label="Share of visitors in the test, %"
          value={Number((draft.coverage * 100).toFixed(4))}
          placeholder="100"
          set={(share) => change({ coverage: (share ?? 100) / 100 })}
        />
        <Refusal>{said("coverage")}</Refusal>
        <Choice
          label="The same person is the same"
          value={draft.hash_attribute}
          words={{
            visitor_id: "browser",
            user_id: "login",
            ...(!["visitor_id", "user_id"].includes(draft.hash_attribute) && {
              [draft.hash_attribute]: draft.hash_attribute,
            }),
          }}
          set={(hash_attribute) => change({ hash_attribute })}
        />
        <Lines
          label="Only on these pages"
          placeholder="/product/*"
          hint="One a line; for tests that change pages or lead to other ones."
          lines={(design.url_targets ?? []).map((each) => each.pattern)}
          set={(lines) => {
            const targets = lines.map((pattern) => ({ include: true, type: "simple", pattern }));
            setDesign("url_targets", targets.length > 0 ? targets : undefined);
          }}
        />
        <Refusal>{said("design.url_targets")}</Refusal>
        <JsonText
          label="Only for some people"
          hint='A condition as flags have it: {"country": {"$in": ["DE", "AT"]}}.'
          value={design.condition}
          set={(condition) => setDesign("condition", condition as Record<string, Json> | undefined)}
        />
        <Refusal>{said("design.condition")}</Refusal>
        <Amount
          label="Smallest lift worth having, %"
          hint="With it, a test can end with “no difference worth having”."
          value={design.smallest_lift === undefined ? undefined : asPercent(design.smallest_lift)}
          placeholder="not said"
          set={(lift) => setDesign("smallest_lift", lift === undefined ? undefined : lift / 100)}
        />
        <Refusal>{said("design.smallest_lift")}</Refusal>
        {draft.engine === "sequential" && (
          <Choice
            label="Intervals by"
            value={design.sequential_method ?? "confidence_sequence"}
            words={methodWords}
            set={(method) => setDesign("sequential_method", method === "msprt" ? method : undefined)}
          />
        )}
        <OtherTests {...props} />
        {early && (
          <label class="check">
            <input
              type="checkbox"
              checked={design.auto_stop === true}
              onChange={(event) => setDesign("auto_stop", event.currentTarget.checked || undefined)}
            />
            <span>
              End it by itself when the verdict stands
              <small>Only tests that may be looked at any day can.</small>
            </span>
          </label>
        )}
      </div>
    </details>
  );
}
