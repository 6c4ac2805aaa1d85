// Places on the site that are filled with a template for each visitor: what may be shown, how it is
// chosen, and what that earned.

import { useState } from "preact/hooks";
import type { Counted, Slot, SlotPerformance, Template } from "../lib/campaign_types";
import { explain, remove, request, sitePath, withQuery } from "../lib/api";
import { useDraft } from "../lib/draft";
import { count, percent, percentRange, plural } from "../lib/format";
import { option } from "../lib/options";
import { useResource } from "../lib/resource";
import { slotSnippet } from "../lib/snippet";
import type { Site } from "../lib/types";
import type { View } from "../lib/url";
import { Choice } from "../components/choice";
import { CodeBlock } from "../components/copy";
import { IntervalPlot } from "../components/interval_plot";
import { Panel, SkeletonRows } from "../components/panel";
import { toast } from "../components/toast";
import { policies } from "./placement_learning";

type Draft = Omit<Slot, "slot" | "ready">;

const fresh: Draft = {
  templates: [],
  policy: "thompson_linear",
  floor: 0.05,
  holdout_share: 0.05,
  enabled: true,
};

interface Props {
  view: View;
  site: Site;
  templates: readonly Template[];
}

export function Slots({ view, site, templates }: Props) {
  const slots = useResource<{ slots: Slot[] }>(sitePath(site, "slots"));
  const all = slots.data?.slots ?? [];
  const [chosen, choose] = option<string>(view, "slot", "");
  const key = chosen || all[0]?.slot || "";
  const stored = all.find((each) => each.slot === key);
  return (
    <div class="columns">
      <Panel
        title="Slots"
        hint="A page has a box with the slot's name; each visitor sees one of its templates there."
        resource={slots}
        skeleton={<SkeletonRows rows={4} />}
        actions={<NewSlot choose={choose} />}
      >
        {() => (
          <>
            {all.length === 0 && (
              <p class="no-match">
                No slots yet. Name one, choose the templates that may fill it, and put its box on a page.
              </p>
            )}
            <ul class="rules">
              {all.map((slot) => (
                <li key={slot.slot} class={slot.enabled ? "" : "off"}>
                  <span class="item">
                    <b>{slot.slot}</b>
                    <small>
                      {slot.enabled ? "" : "Off. "}
                      {plural(slot.ready, "template")} ready
                      {slot.ready < slot.templates.length && ` of ${slot.templates.length}`}
                    </small>
                  </span>
                  <button
                    type="button"
                    class="button small ghost"
                    aria-label={`Edit ${slot.slot}`}
                    aria-pressed={slot.slot === key}
                    onClick={() => choose(slot.slot)}
                  >
                    Edit
                  </button>
                </li>
              ))}
            </ul>
            {stored && <Earned site={site} slot={stored} templates={templates} />}
          </>
        )}
      </Panel>
      {key && slots.data && (
        <SlotForm
          key={key}
          site={site}
          name={key}
          stored={stored}
          templates={templates}
          changed={slots.reload}
        />
      )}
    </div>
  );
}

function NewSlot({ choose }: { choose: (key: string) => void }) {
  return (
    <form
      class="try-form"
      onSubmit={(event) => {
        event.preventDefault();
        const text = new FormData(event.currentTarget).get("key");
        if (typeof text === "string" && text.trim()) choose(text.trim());
        event.currentTarget.reset();
      }}
    >
      <input
        name="key"
        type="text"
        required
        size={12}
        aria-label="Name of a new slot"
        placeholder="hero"
        pattern="[A-Za-z0-9_.\-]{1,100}"
      />
      <button type="submit" class="button small">
        New
      </button>
    </form>
  );
}

interface FormProps {
  site: Site;
  name: string;
  stored: Slot | undefined;
  templates: readonly Template[];
  changed: () => void;
}

function draftOf(stored: Slot | undefined): Draft {
  if (!stored) return fresh;
  const { templates, policy, floor, holdout_share, enabled } = stored;
  return { templates, policy, floor, holdout_share, enabled };
}

function SlotForm({ site, name, stored, templates, changed }: FormProps) {
  const { draft, change, saved } = useDraft<Draft>(draftOf(stored), name);
  const [problem, setProblem] = useState("");
  const path = sitePath(site, `slots/${encodeURIComponent(name)}`);
  const act = async (work: () => Promise<unknown>, words: string): Promise<void> => {
    try {
      await work();
      setProblem("");
      toast(words);
      changed();
    } catch (error) {
      setProblem(explain(error));
    }
  };
  const share = (label: string, key: "floor" | "holdout_share", min: number, max: number, note: string) => (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        required
        min={min}
        max={max}
        step={1}
        value={Math.round(draft[key] * 100)}
        onInput={(event) => {
          const given = event.currentTarget.valueAsNumber;
          if (Number.isFinite(given)) change({ [key]: given / 100 });
        }}
      />
      <small>{note}</small>
    </label>
  );
  return (
    <section class="panel" aria-labelledby="slot-title">
      <header class="panel-head">
        <h2 id="slot-title">{name}</h2>
        {!stored && <span class="muted">not stored yet</span>}
      </header>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void act(async () => {
            await request("PUT", path, { body: draft });
            saved(draft);
          }, "Saved, and in service");
        }}
      >
        <TemplateChecks
          templates={templates}
          chosen={draft.templates}
          set={(chosen) => change({ templates: chosen })}
        />
        <Choice
          label="Chooses by"
          value={draft.policy}
          words={policies}
          set={(policy) => change({ policy })}
        />
        <div class="field-pair even">
          {share("Drawn evenly, %", "floor", 1, 100, "So that each template keeps its chance.")}
          {share("Visitors held out, %", "holdout_share", 0, 50, "They always get an even draw, to measure against.")}
        </div>
        <label class="check">
          <input
            type="checkbox"
            checked={draft.enabled}
            onChange={(event) => change({ enabled: event.currentTarget.checked })}
          />
          <span>In service</span>
        </label>
        <p class="form-error" role="alert">
          {problem}
        </p>
        <div class="form-actions">
          <button type="submit" class="button primary" disabled={draft.templates.length === 0}>
            Save
          </button>
          {stored && (
            <button
              type="button"
              class="button danger"
              onClick={() => void act(() => remove(path), "Deleted; what it showed stays recorded")}
            >
              Delete
            </button>
          )}
        </div>
      </form>
      <h3>On the page</h3>
      <CodeBlock text={slotSnippet(site, name, location.origin)} label="Snippet of the slot" />
    </section>
  );
}

interface ChecksProps {
  templates: readonly Template[];
  chosen: readonly string[];
  set: (chosen: string[]) => void;
}

function TemplateChecks({ templates, chosen, set }: ChecksProps) {
  const fit = templates.filter(
    (each) => each.template_type !== "email" && (each.is_active || chosen.includes(each.id)),
  );
  return (
    <fieldset class="plain">
      <legend>Templates that may be shown</legend>
      {fit.length === 0 && (
        <p class="muted">None yet: write a template first. Mails do not go into slots.</p>
      )}
      {fit.map((each) => (
        <label key={each.id} class="check">
          <input
            type="checkbox"
            checked={chosen.includes(each.id)}
            onChange={(event) =>
              set(
                event.currentTarget.checked
                  ? [...chosen, each.id]
                  : chosen.filter((id) => id !== each.id),
              )
            }
          />
          <span>
            {each.name}, version {each.version}
            {!each.is_active && <small>switched off</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

const signed = (ratio: number): string => `${ratio >= 1 ? "+" : "−"}${percent(Math.abs(ratio - 1))}`;

function Earned({ site, slot, templates }: { site: Site; slot: Slot; templates: readonly Template[] }) {
  const path = sitePath(site, `slots/${encodeURIComponent(slot.slot)}/performance`);
  const earned = useResource<SlotPerformance>(withQuery(path, { days: 30 }));
  const named = (item: string): string => {
    const found = templates.find((each) => `content:${each.id}` === item);
    return found ? `${found.name}, version ${found.version}` : "A deleted template";
  };
  return (
    <Panel
      title={`What ${slot.slot} earned in 30 days`}
      resource={earned}
      skeleton={<SkeletonRows rows={4} />}
    >
      {(data) => {
        if (data.all.impressions === 0)
          return <p class="muted">Nobody has seen it yet. Put its box on a page.</p>;
        const { bandit, holdout } = data.groups;
        const rows: (Counted & { label: string })[] = data.templates.map((each) => ({
          ...each,
          label: named(each.item_id),
        }));
        if (bandit) rows.push({ ...bandit, label: "All, chosen by learning" });
        if (holdout) rows.push({ ...holdout, label: "All, held out" });
        return (
          <>
            <Rates rows={rows} />
            <Gain ratio={data.bandit_vs_holdout} />
          </>
        );
      }}
    </Panel>
  );
}

function Gain({ ratio }: { ratio: SlotPerformance["bandit_vs_holdout"] }) {
  if (!ratio)
    return <p class="muted">Nobody held out has seen it yet, so what learning earns is not known.</p>;
  const sure = ratio.low > 1 ? "Learning earns clicks: " : ratio.high < 1 ? "Learning costs clicks: " : "Not known yet whether learning earns clicks: ";
  return (
    <p>
      {sure}
      {signed(ratio.mean)} against an even draw ({signed(ratio.low)} to {signed(ratio.high)}, 95 %).
    </p>
  );
}

function Rates({ rows }: { rows: readonly (Counted & { label: string })[] }) {
  const most = Math.max(0.001, ...rows.map((row) => row.click_rate.high));
  return (
    <table class="quality rates">
      <caption class="visually-hidden">Click rates with their intervals</caption>
      <thead>
        <tr>
          <th scope="col" class="name">
            Template
          </th>
          <th scope="col" class="number">
            Shown
          </th>
          <th scope="col" class="number wide-only">
            Orders
          </th>
          <th scope="col" class="number">
            Clicked
          </th>
          <th scope="col" class="plot" data-tip="With 95 % certainty">
            Interval
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.label}>
            <th scope="row" class="name">
              <span class="cell-text" data-tip={row.label}>
                {row.label}
              </span>
            </th>
            <td class="number">{count(row.impressions)}</td>
            <td class="number wide-only">{count(row.conversions)}</td>
            <td class="number" data-tip={percentRange(row.click_rate.low, row.click_rate.high)}>
              {percent(row.click_rate.mean)}
            </td>
            <td>
              <IntervalPlot
                value={row.click_rate.mean}
                low={row.click_rate.low}
                high={row.click_rate.high}
                most={most}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
