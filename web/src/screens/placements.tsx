// Where is what recommended, by which rules, and what would an edit change? Placements and rules are
// edited on the left; beside them a dry run shows the list that the unsaved draft gives.

import { useEffect, useState } from "preact/hooks";
import { ApiError, explain, post, remove, request, sitePath } from "../lib/api";
import { useDraft } from "../lib/draft";
import { percent, plural, small } from "../lib/format";
import { useResource } from "../lib/resource";
import type { Placement, PlacementList, Recommendations, Rule, RuleList, Site } from "../lib/types";
import { currentView, go, type View } from "../lib/url";
import { readable, sentence, strategyWord } from "../lib/words";
import { Choice } from "../components/choice";
import { Dialog } from "../components/dialog";
import { Panel, SkeletonRows } from "../components/panel";
import { toast } from "../components/toast";
import { Learning } from "./placement_learning";
import { RuleForm, ruleSummary } from "./rule_form";

const contexts: Record<string, string> = {
  any: "Whatever is known",
  item: "The item on the page",
  cart: "The cart",
  session: "This visit",
  visitor: "This visit and earlier ones",
  category: "A category",
  search: "A search",
};
const builtIn: Placement = {
  count: 10,
  strategies: { sequential: 0.95, popular: 0.05 },
  fallback: ["collaborative", "item_to_item", "graph", "content", "popular"],
};

/** A field that only has to differ from what is stored to count. */
type Draft = Placement;

function withoutName({ name: _, ...rest }: Placement & { name?: string }): Placement {
  return rest;
}

export function PlacementsScreen({ view, site }: { view: View; site: Site }) {
  const placements = useResource<PlacementList>(sitePath(site, "placements"));
  const rules = useResource<RuleList>(sitePath(site, "rules"));
  const name = view.options.placement ?? "default";
  const stored = placements.data?.placements.find((each) => each.name === name);
  const { draft, change, saved } = useDraft<Draft>(stored ? withoutName(stored) : builtIn, name);
  const [edited, setEdited] = useState<Rule | null>(null);
  const names = [
    ...new Set(["default", ...(placements.data?.placements.map((each) => each.name) ?? []), name]),
  ];
  const choose = (next: string): void =>
    go({ ...currentView(), options: { ...currentView().options, placement: next } });

  const draftRules = (rules.data?.rules ?? []).filter((each) => each.id !== edited?.id);
  return (
    <div class="screen">
      <div class="screen-head">
        <div>
          <h1>Placements</h1>
          <p class="answer">
            {rules.data && placements.data
              ? `${plural(placements.data.placements.length, "placement")} and ${plural(rules.data.rules.length, "rule")} decide what is shown where.`
              : "\u00a0"}
          </p>
        </div>
      </div>
      <div class="columns">
        <div class="stack">
          <Panel
            title="Placement"
            hint="A place on the site. The page asks with its name; the default one answers all others."
            resource={placements}
            skeleton={<SkeletonRows rows={8} />}
            actions={<PlacementChooser names={names} name={name} choose={choose} />}
          >
            {(data) => (
              <PlacementForm
                key={name}
                site={site}
                name={name}
                isStored={stored !== undefined}
                strategies={data.strategies}
                draft={draft}
                change={change}
                onSaved={() => {
                  saved(draft);
                  placements.reload();
                }}
              />
            )}
          </Panel>
          <Panel
            title="Rules"
            hint="They hold for every strategy, and for explored items too."
            resource={rules}
            skeleton={<SkeletonRows rows={4} />}
            actions={
              <button
                type="button"
                class="button small"
                onClick={() => setEdited({ name: "", kind: "exclude" })}
              >
                Add a rule
              </button>
            }
          >
            {(data) => (
              <Rules site={site} rows={data.rules} edit={setEdited} onChanged={rules.reload} />
            )}
          </Panel>
        </div>
        <DryRun site={site} name={name} draft={draft} rules={rules.data?.rules ?? []} />
      </div>
      {edited && (
        <Dialog title={edited.id ? "Edit the rule" : "A new rule"} wide onClose={() => setEdited(null)}>
          <RuleForm
            rule={edited}
            placements={names}
            onSave={async (rule) => {
              const { id, ...body } = rule;
              if (id) await request("PUT", sitePath(site, `rules/${id}`), { body });
              else await post(sitePath(site, "rules"), body);
              setEdited(null);
              rules.reload();
              toast("Saved, and in service");
            }}
            preview={(rule) => preview(site, name, draft, [...draftRules, rule])}
            onCancel={() => setEdited(null)}
          />
        </Dialog>
      )}
    </div>
  );
}

function PlacementChooser(props: {
  names: readonly string[];
  name: string;
  choose: (name: string) => void;
}) {
  const [adding, setAdding] = useState(false);
  if (adding) {
    return (
      <form
        class="try-form"
        onSubmit={(event) => {
          event.preventDefault();
          const text = new FormData(event.currentTarget).get("name");
          setAdding(false);
          if (typeof text === "string" && text.trim()) props.choose(text.trim());
        }}
      >
        <input
          name="name"
          type="text"
          autofocus
          aria-label="Name of the new placement"
          placeholder="product_page"
          pattern="[A-Za-z0-9_.\-]{1,100}"
        />
        <button type="submit" class="button small">
          Create
        </button>
      </form>
    );
  }
  return (
    <>
      <label class="select">
        <span class="visually-hidden">Placement</span>
        <select value={props.name} onChange={(event) => props.choose(event.currentTarget.value)}>
          {props.names.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="button small" onClick={() => setAdding(true)}>
        New
      </button>
    </>
  );
}

function PlacementForm(props: {
  site: Site;
  name: string;
  isStored: boolean;
  strategies: readonly string[];
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  onSaved: () => void;
}) {
  const { site, name, draft, change } = props;
  const [problem, setProblem] = useState<ApiError | null>(null);
  const path = sitePath(site, `placements/${encodeURIComponent(name)}`);
  const act = async (work: Promise<unknown>, words: string): Promise<void> => {
    try {
      await work;
      setProblem(null);
      toast(words);
      props.onSaved();
    } catch (error) {
      setProblem(error instanceof ApiError ? error : new ApiError(0, "internal", String(error)));
    }
  };
  const number = (
    label: string,
    value: number,
    limits: { min: number; max: number; step: number },
    set: (value: number) => void,
    note?: string,
  ) => (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        {...limits}
        value={value}
        onInput={(event) => {
          const given = event.currentTarget.valueAsNumber;
          if (Number.isFinite(given)) set(given);
        }}
      />
      {note && <small>{note}</small>}
    </label>
  );
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void act(request("PUT", path, { body: draft }), "Saved, and in service");
      }}
    >
      <div class="field-pair">
        <Choice
          label="Goes by"
          value={draft.context ?? "any"}
          words={contexts}
          set={(context) => change({ context })}
        />
        {number("Items", draft.count ?? 10, { min: 1, max: 100, step: 1 }, (count) =>
          change({ count }),
        )}
      </div>
      <Mix draft={draft} strategies={props.strategies} change={change} />
      <label class="field">
        <span>When these do not know enough, in this order</span>
        <input
          type="text"
          value={(draft.fallback ?? builtIn.fallback ?? []).join(", ")}
          spellcheck={false}
          onChange={(event) =>
            change({ fallback: event.currentTarget.value.split(/[\s,]+/).filter(Boolean) })
          }
        />
      </label>
      <div class="field-pair">
        {number(
          "Diversity",
          draft.diversity ?? 0,
          { min: 0, max: 1, step: 0.05 },
          (diversity) => change({ diversity }),
          "0 shows the best fits; towards 1 items differ more in category, brand and price.",
        )}
        {number(
          "Visitors without recommendations, %",
          Math.round((draft.control_share ?? 0) * 100),
          { min: 0, max: 90, step: 1 },
          (share) => change({ control_share: share / 100 }),
          "They see what is popular, so that the gain can be measured.",
        )}
      </div>
      <Learning draft={draft} change={change} />
      <Filters draft={draft} change={change} />
      <p class="form-error" role="alert">
        {problem && explain(problem)}
      </p>
      <div class="form-actions">
        <button type="submit" class="button primary">
          Save
        </button>
        {props.isStored && (
          <button
            type="button"
            class="button danger"
            onClick={() => void act(remove(path), "Deleted; the default answers instead")}
          >
            Delete
          </button>
        )}
      </div>
    </form>
  );
}

function Filters({ draft, change }: { draft: Draft; change: (part: Partial<Draft>) => void }) {
  const check = (label: string, key: "hide_bought" | "hide_seen" | "hide_out_of_stock") => (
    <label class="check">
      <input
        type="checkbox"
        checked={draft[key] ?? key !== "hide_seen"}
        onChange={(event) => change({ [key]: event.currentTarget.checked })}
      />
      <span>{label}</span>
    </label>
  );
  return (
    <fieldset class="plain">
      <legend>Leave out</legend>
      {check("what the visitor bought in the last 90 days", "hide_bought")}
      {check("what is out of stock", "hide_out_of_stock")}
      {check("what this visit has seen already", "hide_seen")}
    </fieldset>
  );
}

/** Weights of the strategies, as shares of the whole. */
function Mix(props: {
  draft: Draft;
  strategies: readonly string[];
  change: (part: Partial<Draft>) => void;
}) {
  const mix = props.draft.strategies ?? builtIn.strategies ?? {};
  const whole = Object.values(mix).reduce((sum, weight) => sum + weight, 0) || 1;
  return (
    <fieldset class="plain mix">
      <legend>Strategies and their weights</legend>
      {props.strategies.map((name) => (
        <label key={name}>
          <span>{strategyWord(name)}</span>
          <input
            type="range"
            min={0}
            max={1}
            step={0.05}
            value={mix[name] ?? 0}
            onInput={(event) => {
              const { [name]: _, ...rest } = mix;
              const weight = event.currentTarget.valueAsNumber;
              const next = weight > 0 ? { ...rest, [name]: weight } : rest;
              if (Object.keys(next).length > 0) props.change({ strategies: next });
            }}
          />
          <output>{mix[name] ? percent(mix[name] / whole) : "–"}</output>
        </label>
      ))}
    </fieldset>
  );
}

function Rules(props: {
  site: Site;
  rows: readonly Rule[];
  edit: (rule: Rule) => void;
  onChanged: () => void;
}) {
  if (props.rows.length === 0) {
    return (
      <p class="no-match">
        No rules: every item of the catalogue may be shown. Pin what must be seen, leave out what
        must not, push what should sell.
      </p>
    );
  }
  const toggle = async (rule: Rule): Promise<void> => {
    const { id, ...body } = rule;
    await request("PUT", sitePath(props.site, `rules/${id}`), {
      body: { ...body, enabled: rule.enabled === false },
    });
    props.onChanged();
  };
  const drop = async (rule: Rule): Promise<void> => {
    await remove(sitePath(props.site, `rules/${rule.id}`));
    props.onChanged();
  };
  return (
    <ul class="rules">
      {props.rows.map((rule) => (
        <li key={rule.id} class={rule.enabled === false ? "off" : ""}>
          <label class="check">
            <input
              type="checkbox"
              checked={rule.enabled !== false}
              aria-label={`${rule.name} is on`}
              onChange={() => void toggle(rule)}
            />
          </label>
          <span class="item">
            <b>{rule.name}</b>
            <small>{ruleSummary(rule)}</small>
          </span>
          <button type="button" class="button small ghost" onClick={() => props.edit(rule)}>
            Edit
          </button>
          <button type="button" class="button small ghost" onClick={() => void drop(rule)}>
            Delete
          </button>
        </li>
      ))}
    </ul>
  );
}

function preview(
  site: Site,
  name: string,
  placement: Draft,
  rules: readonly Rule[],
  asked: Record<string, string | string[]> = {},
): Promise<Recommendations> {
  return post<Recommendations>(
    sitePath(site, `placements/${encodeURIComponent(name)}/preview`),
    { placement, rules, ...asked },
  );
}

/** What must be asked with, for a placement that goes by it. */
const asking = [
  { key: "visitor", label: "Visitor" },
  { key: "item", label: "Item" },
  { key: "items", label: "Cart items" },
  { key: "category", label: "Category" },
  { key: "query", label: "Search" },
] as const;

function DryRun(props: { site: Site; name: string; draft: Draft; rules: readonly Rule[] }) {
  const [asked, setAsked] = useState<Record<string, string>>({});
  const [answer, setAnswer] = useState<Recommendations | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const key = JSON.stringify([props.name, props.draft, props.rules, asked]);
  useEffect(() => {
    let late = false;
    const timer = setTimeout(async () => {
      const given: Record<string, string | string[]> = {};
      for (const [name, text] of Object.entries(asked)) {
        if (text.trim())
          given[name] = name === "items" ? text.split(/[\s,]+/).filter(Boolean) : text.trim();
      }
      try {
        const next = await preview(props.site, props.name, props.draft, props.rules, given);
        if (late) return;
        setAnswer(next);
        setProblem(null);
      } catch (error) {
        if (!late)
          setProblem(error instanceof ApiError ? error : new ApiError(0, "internal", String(error)));
      }
    }, 250);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [key]);
  return (
    <section class="panel dry-run" aria-labelledby="dry-title">
      <header class="panel-head">
        <h2
          id="dry-title"
          data-tip="What the placement would show as it is edited here. Nothing is recorded, nothing is in service before it is saved."
        >
          Dry run
        </h2>
      </header>
      <div class="asked">
        {asking.map(({ key: field, label }) => (
          <label key={field} class="field">
            <span>{label}</span>
            <input
              type="text"
              value={asked[field] ?? ""}
              spellcheck={false}
              onInput={(event) => setAsked({ ...asked, [field]: event.currentTarget.value })}
            />
          </label>
        ))}
      </div>
      <p class="form-error" role="alert">
        {problem && explain(problem)}
      </p>
      {answer ? <DryList answer={answer} /> : <SkeletonRows rows={6} />}
    </section>
  );
}

const fallbackWords: Record<string, string> = {
  cold: "No strategy of the mix knows this visitor or item: the fallback answers.",
  rules_excluded_everything: "The rules leave nothing: this is the answer without them.",
  nothing_matches: "Nothing of the category or search may be shown: this is the answer without it.",
};

function DryList({ answer }: { answer: Recommendations }) {
  return (
    <>
      {answer.fallback && <p class="notice">{fallbackWords[answer.fallback] ?? answer.fallback}</p>}
      {answer.items.length === 0 && (
        <p class="no-match">There is nothing to recommend: the site has no catalogue and no visits.</p>
      )}
      <ol class="recommended no-pictures">
        {answer.items.map((item) => (
          <li key={item.item_id}>
            <span class="rank">{item.rank}</span>
            <span class="item">
              <b>{item.name || item.item_id}</b>
              <small>{sentence(item.reason)}</small>
            </span>
            <span class="strategy">{strategyWord(item.strategy)}</span>
            <span class="score">{item.pinned ? "pinned" : small(item.score)}</span>
            <span class="propensity" data-tip="The probability of being drawn for its place.">
              {percent(item.propensity)}
            </span>
          </li>
        ))}
      </ol>
      <DryEffects answer={answer} />
    </>
  );
}

/** What each strategy gave, and what each rule did. */
function DryEffects({ answer }: { answer: Recommendations }) {
  const states: Record<string, string> = {
    asked: "",
    skipped: "no time left",
    no_model: "no model in production",
  };
  return (
    <dl class="facts effects">
      {(answer.strategies ?? []).map((part) => (
        <div key={part.strategy}>
          <dt>{strategyWord(part.strategy)}</dt>
          <dd>{states[part.state] || `${plural(part.items, "candidate")}`}</dd>
        </div>
      ))}
      {(answer.rules ?? []).map((rule) => (
        <div key={rule.id} class={rule.active ? "" : "off"}>
          <dt>{rule.name}</dt>
          <dd data-tip={rule.items.join(", ") || undefined}>
            {rule.active ? `${readable(rule.kind)}: ${plural(rule.item_count, "item")}` : "not now"}
          </dd>
        </div>
      ))}
    </dl>
  );
}
