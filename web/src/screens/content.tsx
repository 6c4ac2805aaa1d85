// What do pages and messages say to whom, and which text does best? Templates, and the slots they fill.

import type { Template } from "../lib/campaign_types";
import { count, dash, exact, percent, plural, small } from "../lib/format";
import { option } from "../lib/options";
import { useRows } from "../lib/pages";
import { byName, templateTypes } from "../lib/templates";
import type { Site } from "../lib/types";
import type { View } from "../lib/url";
import { patch, explain } from "../lib/api";
import { type Column, DataTable } from "../components/data_table";
import { Empty, Loaded, SkeletonRows } from "../components/panel";
import { Tabs } from "../components/tabs";
import { toast } from "../components/toast";
import { Slots } from "./slots";
import { TemplateEditor } from "./template_editor";

const tabs = [
  { value: "templates", label: "Templates" },
  { value: "slots", label: "Slots" },
] as const;
type Tab = (typeof tabs)[number]["value"];

export function ContentScreen({ view, site }: { view: View; site: Site }) {
  const [tab, setTab] = option<Tab>(view, "tab", "templates", tabs.map((each) => each.value));
  const [edit, setEdit] = option<string>(view, "edit", "");
  const templates = useRows<Template>("content_templates");
  const rows = templates.data?.rows ?? [];
  const edited = rows.find((each) => each.id === edit);
  const shown = tab === "templates" && (edit === "new" || edited !== undefined);
  return (
    <div class="screen">
      <div class="screen-head">
        <div>
          <h1>Content</h1>
          <p class="answer">
            {templates.data
              ? `${plural(byName(rows).length, "template")} of the account. Slots are of ${site.domain}.`
              : "\u00a0"}
          </p>
        </div>
        {tab === "templates" && !shown && (
          <button type="button" class="button primary" onClick={() => setEdit("new")}>
            New template
          </button>
        )}
      </div>
      <Tabs label="Content" tabs={tabs} value={tab} onChange={setTab} />
      <div class="tab-body">
        <Loaded resource={templates} skeleton={<SkeletonRows rows={8} />}>
          {() =>
            tab === "slots" ? (
              <Slots view={view} site={site} templates={rows} />
            ) : shown ? (
              <TemplateEditor
                key={edit}
                stored={edited}
                newest={Math.max(0, ...rows.filter((row) => row.name === edited?.name).map((row) => row.version))}
                onClose={() => setEdit("")}
                onStored={(id) => {
                  templates.reload();
                  setEdit(id);
                }}
              />
            ) : (
              <Templates rows={rows} edit={setEdit} changed={templates.reload} />
            )
          }
        </Loaded>
      </div>
    </div>
  );
}

interface ListProps {
  rows: readonly Template[];
  edit: (id: string) => void;
  changed: () => void;
}

function Templates({ rows, edit, changed }: ListProps) {
  if (rows.length === 0) {
    return (
      <Empty title="No templates yet.">
        <p>
          A template is a text with places that are filled for each visitor: a block of a page, a
          mail, a message. Put some into a slot, and the one that does best is shown most.
        </p>
      </Empty>
    );
  }
  const toggle = async (row: Template): Promise<void> => {
    try {
      await patch(`/api/v1/content_templates/${row.id}`, { is_active: !row.is_active });
      toast(`${row.name}, version ${row.version}, is ${row.is_active ? "off" : "on"}`);
    } catch (error) {
      toast(explain(error));
    }
    changed();
  };
  const columns: [Column<Template>, ...Column<Template>[]] = [
    {
      key: "name",
      label: "Template",
      value: (row) => row.name,
      exact: (row) => row.description ?? undefined,
      cell: (row) => (
        <button type="button" class="link-button" onClick={() => edit(row.id)}>
          {row.name}
        </button>
      ),
    },
    { key: "version", label: "Version", value: (row) => row.version },
    {
      key: "type",
      label: "Kind",
      value: (row) => templateTypes[row.template_type] ?? row.template_type,
      wideOnly: true,
    },
    {
      key: "usage",
      label: "Shown",
      hint: "How often it was seen in slots.",
      value: (row) => row.usage_count,
      cell: (row) => count(row.usage_count),
      exact: (row) => exact(row.usage_count),
    },
    {
      key: "success",
      label: "Success",
      hint: "Conversions within 7 days of a click, by times shown.",
      value: (row) => row.success_rate,
      cell: (row) => (row.success_rate === null ? dash : percent(row.success_rate)),
    },
    {
      key: "score",
      label: "Score",
      hint: "The chance that its click rate is above the median of your templates.",
      value: (row) => row.performance_score,
      cell: (row) => (row.performance_score === null ? dash : small(row.performance_score)),
      wideOnly: true,
    },
    {
      key: "active",
      label: "On",
      value: (row) => (row.is_active ? 1 : 0),
      cell: (row) => (
        <input
          type="checkbox"
          checked={row.is_active}
          aria-label={`${row.name}, version ${row.version}, is on`}
          onChange={() => void toggle(row)}
        />
      ),
    },
  ];
  return (
    <DataTable
      name="templates"
      title="Templates"
      columns={columns}
      rows={byName(rows).flatMap(({ newest, older }) => [newest, ...older])}
      rowKey={(row) => row.id}
      total={rows.length}
      defaultSort="name"
      searchText={(row) => row.name}
      preview={Math.min(20, rows.length)}
      search={false}
    />
  );
}
