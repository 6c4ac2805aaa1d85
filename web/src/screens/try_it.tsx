// "Try it for this visitor": the list that someone would see right now, with scores and reasons. Asks
// as a preview, so that nobody counts as having been shown anything.

import { useEffect, useState } from "preact/hooks";
import { sitePath, withQuery } from "../lib/api";
import { exactMoney, percent, small } from "../lib/format";
import { useResource } from "../lib/resource";
import type { ItemRow, Realtime, Recommendations, Site } from "../lib/types";
import { currentView, go, type View } from "../lib/url";
import { sentence, strategyWord } from "../lib/words";
import { Loaded, SkeletonRows } from "../components/panel";

const kinds = ["visitor", "session", "item"] as const;
type Kind = (typeof kinds)[number];

const kindWords: Record<Kind, string> = { visitor: "Visitor", session: "Session", item: "Item" };
const kindHints: Record<Kind, string> = {
  visitor: "The id of a visitor. Recent ones are offered.",
  session: "The id of a session that is under way.",
  item: "The id of a product: what goes with it?",
};
const listLength = 8;

export function TryIt({
  view,
  site,
  items,
}: {
  view: View;
  site: Site;
  items: readonly ItemRow[];
}) {
  const kind = kinds.find((each) => view.options[`try.${each}`] !== undefined) ?? "visitor";
  const asked = view.options[`try.${kind}`] ?? null;
  const [draftKind, setDraftKind] = useState<Kind>(kind);
  const [draft, setDraft] = useState(asked ?? "");
  useEffect(() => {
    setDraftKind(kind);
    setDraft(asked ?? "");
  }, [kind, asked]);

  const realtime = useResource<Realtime>(sitePath(site, "stats/realtime"));
  const answer = useResource<Recommendations>(
    asked === null
      ? null
      : withQuery(sitePath(site, "recommendations"), { [kind]: asked, n: listLength, preview: 1 }),
  );
  const visitors = [...new Set((realtime.data?.events ?? []).map((event) => event.visitor))].slice(
    0,
    12,
  );
  const offers =
    draftKind === "visitor"
      ? visitors.map((id) => ({ id, label: "" }))
      : draftKind === "item"
        ? items.map((row) => ({ id: row.item_id, label: row.name ?? "" }))
        : [];

  const ask = (nextKind: Kind, value: string): void => {
    const text = value.trim();
    if (!text) return;
    const now = currentView();
    const options: Record<string, string> = {};
    for (const [key, each] of Object.entries(now.options))
      if (!key.startsWith("try.")) options[key] = each;
    options[`try.${nextKind}`] = text;
    if (nextKind === kind && text === asked) answer.reload();
    else go({ ...now, options });
  };

  return (
    <section class="panel try-it" aria-labelledby="try-title">
      <header class="panel-head">
        <h2 id="try-title" data-tip="A preview: nobody counts as having been shown anything.">
          Try it
        </h2>
      </header>
      <form
        class="try-form"
        onSubmit={(event) => {
          event.preventDefault();
          ask(draftKind, draft);
        }}
      >
        <label class="select">
          <span class="visually-hidden">Recommend for</span>
          <select
            value={draftKind}
            onChange={(event) => setDraftKind(event.currentTarget.value as Kind)}
          >
            {kinds.map((each) => (
              <option key={each} value={each}>
                {kindWords[each]}
              </option>
            ))}
          </select>
        </label>
        <input
          type="text"
          class="grow"
          list="try-offers"
          aria-label={`${kindWords[draftKind]} id`}
          placeholder={kindHints[draftKind]}
          value={draft}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => setDraft(event.currentTarget.value)}
        />
        <datalist id="try-offers">
          {offers.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </datalist>
        <button type="submit" class="button primary" disabled={!draft.trim()}>
          Recommend
        </button>
        {visitors[0] && (
          <button type="button" class="button" onClick={() => ask("visitor", visitors[0] ?? "")}>
            Latest visitor
          </button>
        )}
      </form>
      {asked === null ? (
        <p class="muted try-hint">
          Enter a visitor, a session or an item to see what Attune would show, how sure it is, and
          why.
        </p>
      ) : (
        <Loaded resource={answer} skeleton={<SkeletonRows rows={listLength} />}>
          {(data) => <Answer data={data} site={site} asked={asked} />}
        </Loaded>
      )}
    </section>
  );
}

function Answer({ data, site, asked }: { data: Recommendations; site: Site; asked: string }) {
  if (data.items.length === 0) {
    return (
      <p class="no-match">
        There is nothing to recommend for “{asked}” yet: no item has been looked at, or all were
        bought.
      </p>
    );
  }
  const most = Math.max(...data.items.map((item) => item.score), 1e-9);
  return (
    <>
      <p class="recommended-head" aria-hidden="true">
        <span>Strategy</span>
        <span>Score</span>
        <span>Probability</span>
      </p>
      <ol class={`recommended${data.items.some((item) => item.image) ? "" : " no-pictures"}`}>
        {data.items.map((item) => (
          <li key={item.item_id}>
            <span class="rank">{item.rank}</span>
            <span class="picture" aria-hidden="true">
              {item.image && <img src={item.image} alt="" loading="lazy" />}
            </span>
            <span class="item">
              <b>{item.name || item.item_id}</b>
              <small>
                {sentence(item.reason)}
                {typeof item.price === "number" && ` · ${exactMoney(item.price, site.currency)}`}
              </small>
            </span>
            <span class="strategy">{strategyWord(item.strategy)}</span>
            <span class="score" data-tip="How well it fits, between 0 and 1. Not a probability.">
              <span class="score-track" aria-hidden="true">
                <i style={{ width: `${(item.score / most) * 100}%` }} />
              </span>
              <span>
                <span class="visually-hidden">Score </span>
                {small(item.score)}
              </span>
            </span>
            <span
              class="propensity"
              data-tip="The probability with which this item was drawn for this place."
            >
              <span class="visually-hidden">Probability </span>
              {percent(item.propensity)}
            </span>
          </li>
        ))}
      </ol>
      <p class="muted try-foot">
        {data.model_version ? (
          <>
            Model <span class="mono">{data.model_version}</span>.{" "}
          </>
        ) : null}
        The probability is that of being drawn for its place, given the items above it.
      </p>
    </>
  );
}
