// Who is this visitor, what did they do, what would we show them and why?

import { sitePath, withQuery } from "../lib/api";
import { momentLabel } from "../lib/dates";
import { ago, count, dash, duration, exactMoney, money, percent } from "../lib/format";
import { option } from "../lib/options";
import { useResource } from "../lib/resource";
import type { PeopleAnswer, PersonAnswer, PersonRow, Recommendations, Site } from "../lib/types";
import { currentView, go, type View, withOption } from "../lib/url";
import { interactionWord, readable, sentence, strategyWord } from "../lib/words";
import { type Column, DataTable } from "../components/data_table";
import { Icon } from "../components/icons";
import { Empty, Panel, SkeletonRows } from "../components/panel";
import { SearchForm } from "../components/search_form";

export function PeopleScreen({ view, site }: { view: View; site: Site }) {
  const [person] = option<string>(view, "person", "");
  const [search, setSearch] = option<string>(view, "search", "");
  const people = useResource<PeopleAnswer>(
    withQuery(sitePath(site, "people"), { search, limit: 100 }),
    { everyMs: 10_000 },
  );
  return (
    <div class="screen">
      <div class="screen-head">
        <div>
          <h1>People</h1>
          <p class="answer">
            {person
              ? "What is known of one person, and what they would be shown now."
              : "Profiles of visitors, the latest first."}
          </p>
        </div>
      </div>
      {person ? (
        <Person key={person} person={person} site={site} />
      ) : (
        <Panel
          title="People"
          hint="Those known to the shop by their id there, all others by their visitor id."
          resource={people}
          skeleton={<SkeletonRows rows={10} />}
          class="table-panel"
          controls={
            <SearchForm
              label="Find a person by the beginning of their id"
              placeholder="Beginning of an id"
              value={search}
              onSearch={setSearch}
            />
          }
        >
          {(data) => <PeopleTable rows={data.people} search={search} site={site} />}
        </Panel>
      )}
    </div>
  );
}

const open = (person: string | null): void => go(withOption(currentView(), "person", person));

function PeopleTable({
  rows,
  search,
  site,
}: {
  rows: readonly PersonRow[];
  search: string;
  site: Site;
}) {
  if (rows.length === 0) {
    return search ? (
      <p class="no-match">Nobody's id begins with “{search}”.</p>
    ) : (
      <Empty title="No profiles yet.">
        <p>
          A profile is made of a visitor's visits, orders and interactions. Compute all of them with{" "}
          <code>attune profiles refresh --site {site.domain}</code>
        </p>
      </Empty>
    );
  }
  const columns: [Column<PersonRow>, ...Column<PersonRow>[]] = [
    {
      key: "person",
      label: "Person",
      value: (row) => row.person,
      cell: (row) => (
        <button type="button" class="link-button" onClick={() => open(row.person)}>
          {row.person}
        </button>
      ),
    },
    {
      key: "stage",
      label: "Stage",
      hint: "New, active, at risk or churned, by the person's own rhythm.",
      value: (row) => readable(row.lifecycle_stage ?? ""),
    },
    {
      key: "sessions",
      label: "Visits",
      value: (row) => row.sessions,
      cell: (row) => count(row.sessions ?? 0),
      wideOnly: true,
    },
    {
      key: "purchases",
      label: "Orders",
      value: (row) => row.purchases,
      cell: (row) => count(row.purchases ?? 0),
      wideOnly: true,
    },
    {
      key: "revenue",
      label: "Revenue",
      value: (row) => row.revenue,
      cell: (row) => money(row.revenue ?? 0, site.currency),
      exact: (row) => exactMoney(row.revenue ?? 0, site.currency),
      wideOnly: true,
    },
    {
      key: "last",
      label: "Last visit",
      value: (row) => (row.last_visit ? Date.parse(row.last_visit) : null),
      cell: (row) => (row.last_visit ? ago(Date.parse(row.last_visit), Date.now()) : dash),
      exact: (row) =>
        row.last_visit
          ? `${momentLabel(Date.parse(row.last_visit), site.timezone)} ${site.timezone}`
          : undefined,
    },
  ];
  return (
    <DataTable
      name="people"
      title="People"
      columns={columns}
      rows={rows}
      rowKey={(row) => row.person}
      total={rows.length}
      defaultSort="-last"
      searchText={(row) => row.person}
      preview={20}
      search={false}
    />
  );
}

function Person({ person, site }: { person: string; site: Site }) {
  const known = useResource<PersonAnswer>(sitePath(site, `people/${encodeURIComponent(person)}`), {
    everyMs: 5_000,
  });
  const shown = useResource<Recommendations>(
    withQuery(sitePath(site, "recommendations"), { visitor: person, n: 8, preview: 1 }),
    { everyMs: 5_000 },
  );
  return (
    <>
      <button type="button" class="link-button" onClick={() => open(null)}>
        <Icon name="left" size={12} /> All people
      </button>
      <div class="columns uneven">
        <div class="stack">
          <Panel
            title="Would be shown now"
            hint="A preview: nobody counts as having been shown anything."
            resource={shown}
            skeleton={<SkeletonRows rows={6} />}
          >
            {(data) => <Shown answer={data} site={site} />}
          </Panel>
          <Panel
            title="Did"
            hint="The newest 50 interactions with products."
            resource={known}
            skeleton={<SkeletonRows rows={8} />}
            class="table-panel"
          >
            {(data) => <Interactions answer={data} site={site} />}
          </Panel>
        </div>
        <Panel title={person} resource={known} skeleton={<SkeletonRows rows={8} />}>
          {(data) => <Profile answer={data} site={site} />}
        </Panel>
      </div>
    </>
  );
}

function Shown({ answer, site }: { answer: Recommendations; site: Site }) {
  if (answer.items.length === 0) {
    return <p class="muted">Nothing: the site has no products and no visits to learn from yet.</p>;
  }
  return (
    <ol class="rows">
      {answer.items.map((item) => (
        <li key={item.item_id}>
          <span class="row-main">
            <b>{item.name ?? item.item_id}</b>
            <small>{sentence(item.reason)}</small>
          </span>
          <span class="badge" data-tip={`Probability of being drawn: ${percent(item.propensity)}`}>
            {strategyWord(item.strategy)}
          </span>
          {item.price != null && <span>{exactMoney(item.price, site.currency)}</span>}
        </li>
      ))}
    </ol>
  );
}

function Interactions({ answer, site }: { answer: PersonAnswer; site: Site }) {
  type Row = PersonAnswer["interactions"][number];
  const columns: [Column<Row>, ...Column<Row>[]] = [
    {
      key: "item",
      label: "Product",
      value: (row) => row.name ?? row.item_id ?? "",
      exact: (row) => row.item_id ?? undefined,
    },
    {
      key: "type",
      label: "What",
      value: (row) => interactionWord(row.type),
      cell: (row) => (
        <>
          {interactionWord(row.type)}
          {row.recommended && <small class="muted"> after a recommendation</small>}
        </>
      ),
    },
    {
      key: "price",
      label: "Price",
      value: (row) => row.price,
      cell: (row) => (row.price === null ? dash : money(row.price, site.currency)),
      wideOnly: true,
    },
    {
      key: "t",
      label: "When",
      value: (row) => Date.parse(row.t),
      cell: (row) => ago(Date.parse(row.t), Date.now()),
      exact: (row) => `${momentLabel(Date.parse(row.t), site.timezone)} ${site.timezone}`,
    },
  ];
  return (
    <DataTable
      name="did"
      title="Did"
      columns={columns}
      rows={answer.interactions}
      rowKey={(row) => `${row.t} ${row.type} ${row.item_id}`}
      total={answer.interactions.length}
      defaultSort="-t"
      searchText={(row) => `${row.item_id} ${row.name ?? ""} ${row.type}`}
      preview={10}
      empty={<p class="no-match">Nothing with products yet.</p>}
    />
  );
}

const list = (names: readonly string[] | null): string =>
  names && names.length > 0 ? names.join(", ") : dash;

function Profile({ answer, site }: { answer: PersonAnswer; site: Site }) {
  const { profile } = answer;
  if (!profile) {
    return (
      <p class="muted">
        No profile yet. Profiles are computed by{" "}
        <code>attune profiles refresh --site {site.domain}</code>
      </p>
    );
  }
  const seconds = (value: number | null): string => (value === null ? dash : duration(value));
  const when = (text: string | null): string => (text ? ago(Date.parse(text), Date.now()) : dash);
  const facts: [string, string, string?][] = [
    ["Stage", readable(profile.lifecycle_stage ?? dash), "By the person's own rhythm."],
    ["Funnel", readable(profile.funnel_position ?? dash), "How far towards a purchase they got."],
    ["Visits", count(profile.sessions ?? 0)],
    ["Pages seen", count(profile.pageviews ?? 0)],
    ["Orders", count(profile.purchases ?? 0)],
    ["Revenue", exactMoney(profile.revenue ?? 0, site.currency)],
    ["Visit lasts", seconds(profile.avg_session_duration_seconds), "On average."],
    ["Time on a page", seconds(profile.avg_time_on_page_seconds), "On average."],
    ["Bounces", profile.bounce_rate === null ? dash : percent(profile.bounce_rate)],
    ["Device", readable(profile.device_preference ?? dash)],
    ["Price sensitivity", readable(profile.price_sensitivity ?? dash)],
    ["Likes categories", list(profile.favorite_categories)],
    ["Likes brands", list(profile.preferred_brands)],
    ["First visit", when(profile.first_visit)],
    ["Last visit", when(profile.last_visit)],
    ["Profile from", when(profile.updated_at)],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value, hint]) => (
        <div key={name}>
          <dt {...(hint ? { "data-tip": hint } : {})}>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
