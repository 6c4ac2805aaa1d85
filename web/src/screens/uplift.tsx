// Does recommending earn more than not recommending? What each placement brought, by strategy and
// model, and beside its control group.

import { sitePath, withQuery } from "../lib/api";
import { count, exact, exactMoney, money, percent, percentRange, plural } from "../lib/format";
import { useResource } from "../lib/resource";
import type { Difference, PlacementResult, PlacementStats, Site } from "../lib/types";
import { rangeQuery, type View } from "../lib/url";
import { strategyWord } from "../lib/words";
import { Panel, SkeletonRows } from "../components/panel";

export function UpliftPanel({ view, site }: { view: View; site: Site }) {
  const results = useResource<PlacementStats>(
    withQuery(sitePath(site, "recommendations/placements"), rangeQuery(view)),
    { everyMs: 30_000 },
  );
  return (
    <Panel
      title="Placements and uplift"
      hint="Visitors of the control group see what is popular instead. The difference is what recommending brings."
      resource={results}
      skeleton={<SkeletonRows rows={4} />}
    >
      {(data) =>
        data.placements.length === 0 ? (
          <p class="no-match">No placement has answered in this time.</p>
        ) : (
          <div class="uplifts">
            {data.placements.map((row) => (
              <Result key={row.placement} row={row} site={site} />
            ))}
          </div>
        )
      }
    </Panel>
  );
}

function Result({ row, site }: { row: PlacementResult; site: Site }) {
  const { treatment, control } = row;
  return (
    <article class="uplift">
      <h3>{row.placement || "without a name"}</h3>
      {treatment && control ? (
        <>
          <p class="muted">
            {plural(treatment.visitors, "visitor")} with recommendations,{" "}
            {plural(control.visitors, "visitor")} without.
          </p>
          <dl class="facts">
            <Gain label="Buyers" of={row.buyers} text={percent} />
            <Gain
              label="Revenue a visitor"
              of={row.revenue}
              text={(value) => money(value, site.currency)}
            />
            <Gain label="Clickers" of={row.clicks} text={percent} />
          </dl>
        </>
      ) : (
        <p class="muted">
          No control group: give the placement a share of visitors without recommendations, and the
          gain is measured here.
        </p>
      )}
      <table class="quality">
        <thead>
          <tr>
            <th scope="col" class="name">
              Strategy
            </th>
            <th scope="col" class="number">
              Seen
            </th>
            <th scope="col" class="number">
              Clicks
            </th>
            <th scope="col" class="number">
              Click rate
            </th>
            <th scope="col" class="number">
              Bought
            </th>
            <th scope="col" class="number">
              Revenue
            </th>
          </tr>
        </thead>
        <tbody>
          {row.strategies.map((part) => (
            <tr key={`${part.strategy} ${part.model}`}>
              <th scope="row" class="name" data-tip={part.model ? `Model ${part.model}` : undefined}>
                {strategyWord(part.strategy)}
              </th>
              <td
                class="number"
                data-tip={`${exact(part.shown)}; ${plural(part.items, "different item")}; ${exact(part.waiting)} may still be clicked`}
              >
                {count(part.shown)}
              </td>
              <td class="number" data-tip={`${exact(part.added)} were put into the cart`}>
                {count(part.clicked)}
              </td>
              <td
                class="number"
                data-tip={
                  part.ctr_low !== null && part.ctr_high !== null
                    ? percentRange(part.ctr_low, part.ctr_high)
                    : undefined
                }
              >
                {part.ctr === null ? "–" : percent(part.ctr)}
              </td>
              <td class="number">{count(part.converted)}</td>
              <td class="number" data-tip={exactMoney(part.revenue, site.currency)}>
                {money(part.revenue, site.currency)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </article>
  );
}

/** "+12 % (4 – 21 %)", or that there is not enough data. */
function Gain({
  label,
  of,
  text,
}: {
  label: string;
  of: Difference | null;
  text: (value: number) => string;
}) {
  if (!of) return null;
  const { relative, relative_low: low, relative_high: high } = of;
  const known = of.enough && relative !== null && low !== null && high !== null;
  const sign = (value: number): string => `${value >= 0 ? "+" : "−"}${percent(Math.abs(value))}`;
  const mark = !known ? "" : low > 0 ? "better" : high < 0 ? "worse" : "";
  return (
    <div>
      <dt>{label}</dt>
      <dd data-tip={`${text(of.treatment)} with, ${text(of.control)} without`}>
        {known ? (
          <>
            <b class={mark}>{sign(relative)}</b>{" "}
            <small>
              {sign(low)} to {sign(high)}
            </small>
          </>
        ) : (
          <span class="muted">not enough data yet</span>
        )}
      </dd>
    </div>
  );
}
