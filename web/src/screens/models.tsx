// Which model serves, how good is it, what is training, how do I go back?

import { useState } from "preact/hooks";
import { explain, post, sitePath } from "../lib/api";
import { momentLabel } from "../lib/dates";
import { ago, bytes, dash, duration, plural } from "../lib/format";
import { useResource } from "../lib/resource";
import type { Job, ModelRow, ModelRows, Site } from "../lib/types";
import { algorithmWord, readable, sentence, strategyWord } from "../lib/words";
import { type Column, DataTable } from "../components/data_table";
import { Dialog } from "../components/dialog";
import { JobProgress, type JobsAnswer, jobsPath, TrainButton } from "../components/jobs";
import { Empty, Loaded, Panel, SkeletonRows } from "../components/panel";
import { toast } from "../components/toast";

const measures = [
  { key: "hr_20", label: "HR@20", hint: "How often what was wanted next was among 20 items." },
  {
    key: "mrr_20",
    label: "MRR@20",
    hint: "How far up it stood: 1 is always first, 0.5 is second on average.",
  },
  { key: "ndcg_20", label: "NDCG@20", hint: "Like MRR, gentler to lower places." },
] as const;

export function ModelsScreen({ site }: { site: Site }) {
  const models = useResource<ModelRows>(sitePath(site, "models"), { everyMs: 10_000 });
  const [asked, setAsked] = useState<ModelRow | null>(null);
  const all = models.data?.models ?? [];
  return (
    <div class="screen">
      <div class="screen-head">
        <div>
          <h1>Models</h1>
          <p class="answer">{models.data ? summary(all) : "\u00a0"}</p>
        </div>
        <TrainButton site={site} onDone={models.reload} />
      </div>
      <Panel
        title="In service"
        hint="One model serves for each strategy. It got there because it was better than showing what is popular."
        resource={models}
        skeleton={<SkeletonRows rows={4} />}
        class="table-panel"
      >
        {(data) => (
          <Serving
            rows={data.models.filter((model) => model.status === "production")}
            all={data.models}
            site={site}
            onAsk={setAsked}
          />
        )}
      </Panel>
      {all.length > 0 && (
        <Panel
          title="All models"
          hint="Every model that was trained, with its quality on data that training did not see."
          resource={models}
          skeleton={<SkeletonRows rows={6} />}
          class="table-panel"
        >
          {(data) => <AllModels rows={data.models} site={site} onAsk={setAsked} />}
        </Panel>
      )}
      <Trainings site={site} />
      {asked && (
        <Replace
          model={asked}
          present={all.find(
            (each) => each.strategy === asked.strategy && each.status === "production",
          )}
          site={site}
          onClose={() => setAsked(null)}
          onDone={models.reload}
        />
      )}
    </div>
  );
}

function summary(models: readonly ModelRow[]): string {
  const serving = models.filter((model) => model.status === "production");
  if (serving.length === 0) return "No model serves: everybody sees what is popular.";
  const newest = Math.max(...serving.map((model) => Date.parse(model.trained_at ?? "") || 0));
  const words = plural(serving.length, "strategy", "strategies");
  return `${words} ${serving.length === 1 ? "has" : "have"} a model in service, the newest trained ${ago(newest, Date.now())}.`;
}

/** The model that "roll back" would bring: the newest that served before and is still kept. */
function before(present: ModelRow, all: readonly ModelRow[]): ModelRow | undefined {
  const trained = Date.parse(present.trained_at ?? "");
  return all
    .filter(
      (each) =>
        each.strategy === present.strategy &&
        each.status === "archived" &&
        each.deployed_at !== null &&
        each.has_artefact &&
        Date.parse(each.trained_at ?? "") < trained,
    )
    .sort((a, b) => Date.parse(b.trained_at ?? "") - Date.parse(a.trained_at ?? ""))[0];
}

const trainedColumn = (site: Site): Column<ModelRow> => ({
  key: "trained",
  label: "Trained",
  value: (row) => (row.trained_at ? Date.parse(row.trained_at) : null),
  cell: (row) => (row.trained_at ? ago(Date.parse(row.trained_at), Date.now()) : dash),
  exact: (row) =>
    row.trained_at
      ? `${momentLabel(Date.parse(row.trained_at), site.timezone)} ${site.timezone}`
      : undefined,
});

const measureColumns: readonly Column<ModelRow>[] = measures.map(({ key, label, hint }) => ({
  key,
  label,
  hint,
  value: (row) => row.metrics?.[key] ?? null,
  cell: (row) => row.metrics?.[key]?.toFixed(3) ?? dash,
  exact: (row) => {
    const popular = row.metrics?.popularity?.[key];
    return popular === undefined ? undefined : `Popular items: ${popular.toFixed(3)}`;
  },
  wideOnly: key !== "mrr_20",
}));

interface ServingProps {
  rows: readonly ModelRow[];
  all: readonly ModelRow[];
  site: Site;
  onAsk: (model: ModelRow) => void;
}

function Serving({ rows, all, site, onAsk }: ServingProps) {
  if (rows.length === 0) {
    return (
      <Empty title="No model serves yet.">
        <p>
          Train as soon as some visitors have looked at several items, here or by{" "}
          <code>attune train --site {site.domain}</code>. Until then everybody sees what is popular.
        </p>
      </Empty>
    );
  }
  const columns: [Column<ModelRow>, ...Column<ModelRow>[]] = [
    {
      key: "strategy",
      label: "Strategy",
      value: (row) => strategyWord(row.strategy),
      exact: (row) => row.strategy,
    },
    {
      key: "algorithm",
      label: "Algorithm",
      value: (row) => algorithmWord(row.algorithm ?? ""),
      exact: (row) => row.version,
      wideOnly: true,
    },
    trainedColumn(site),
    ...measureColumns,
    {
      key: "gain",
      label: "Gain in MRR",
      hint: "Over showing what is popular, where it lies with 95 % certainty.",
      value: (row) => row.metrics?.mrr_gain_95?.[0] ?? null,
      cell: (row) => {
        const gain = row.metrics?.mrr_gain_95;
        return gain ? `${gain[0].toFixed(3)} to ${gain[1].toFixed(3)}` : dash;
      },
      wideOnly: true,
    },
    {
      key: "back",
      label: "",
      value: () => null,
      cell: (row) => {
        const earlier = before(row, all);
        return (
          earlier && (
            <button type="button" class="button small" onClick={() => onAsk(earlier)}>
              Roll back
            </button>
          )
        );
      },
      noted: true,
    },
  ];
  return (
    <DataTable
      name="serving"
      title="In service"
      columns={columns}
      rows={rows}
      rowKey={(row) => row.strategy}
      total={rows.length}
      defaultSort="strategy"
      searchText={(row) => `${row.strategy} ${row.version}`}
      preview={Math.max(2, rows.length)}
      search={false}
    />
  );
}

const statusHints: Record<string, string> = {
  training: "It is being trained.",
  validating: "Its file is written; it is being held against what is popular.",
  production: "Its recommendations are being shown.",
  archived: "Not shown to anybody.",
};

/** What a model in the shadow has shown, in a sentence. */
function shadowOf({ status, metrics }: ModelRow): string | undefined {
  const shadow = metrics?.shadow;
  if (status !== "validating" || !shadow) return undefined;
  if (!shadow.requests) return "It answers unseen beside the model in service: no request yet.";
  const alike = Math.round(100 * (shadow.overlap_10 ?? 0));
  const [own, present] = [shadow.answer_us ?? 0, shadow.present_answer_us ?? 0].map(Math.round);
  return `It answered ${plural(shadow.requests, "request", "requests")} unseen: ${alike} % of ten items alike, in ${own} µs; the model in service took ${present} µs.`;
}

interface AllProps {
  rows: readonly ModelRow[];
  site: Site;
  onAsk: (model: ModelRow) => void;
}

function AllModels({ rows, site, onAsk }: AllProps) {
  const columns: [Column<ModelRow>, ...Column<ModelRow>[]] = [
    { key: "version", label: "Version", value: (row) => row.version },
    { key: "strategy", label: "Strategy", value: (row) => strategyWord(row.strategy) },
    {
      key: "status",
      label: "State",
      value: (row) => (shadowOf(row) ? "In the shadow" : readable(row.status ?? "")),
      exact: (row) => shadowOf(row) ?? statusHints[row.status ?? ""],
    },
    trainedColumn(site),
    ...measureColumns,
    {
      key: "size",
      label: "Size",
      value: (row) => row.artefact_bytes,
      cell: (row) => (row.artefact_bytes === null ? dash : bytes(row.artefact_bytes)),
      wideOnly: true,
    },
    {
      key: "serve",
      label: "",
      value: () => null,
      cell: (row) =>
        (row.status === "archived" || shadowOf(row)) &&
        row.has_artefact && (
          <button type="button" class="button small" onClick={() => onAsk(row)}>
            Put in service
          </button>
        ),
      wideOnly: true,
    },
  ];
  return (
    <DataTable
      name="models"
      title="All models"
      columns={columns}
      rows={rows}
      rowKey={(row) => `${row.strategy} ${row.version}`}
      total={rows.length}
      defaultSort="-trained"
      searchText={(row) => `${row.strategy} ${strategyWord(row.strategy)} ${row.version} ${row.status}`}
      preview={Math.max(3, Math.min(8, rows.length))}
    />
  );
}

interface ReplaceProps {
  model: ModelRow;
  present: ModelRow | undefined;
  site: Site;
  onClose: () => void;
  onDone: () => void;
}

/** Both models side by side before one takes the place of the other. */
function Replace({ model, present, site, onClose, onDone }: ReplaceProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const replace = async (): Promise<void> => {
    setBusy(true);
    setProblem("");
    try {
      await post(sitePath(site, "models/promote"), {
        strategy: model.strategy,
        version: model.version,
      });
      toast(`${model.version} is in service`);
      onDone();
      onClose();
    } catch (error) {
      setProblem(explain(error));
      setBusy(false);
    }
  };
  const both = present ? [present, model] : [model];
  return (
    <Dialog title={`Put ${strategyWord(model.strategy)} ${model.version} in service`} onClose={onClose}>
      <p>
        {present
          ? "It takes the place of the model that serves now, for every visitor, within a second. The present one is kept and can be put back."
          : "Visitors see its recommendations within a second."}
      </p>
      <table class="quality">
        <caption class="visually-hidden">Both models</caption>
        <thead>
          <tr>
            <th scope="col" class="name">
              On data that training did not see
            </th>
            {present && (
              <th scope="col" class="number">
                Serves now
              </th>
            )}
            <th scope="col" class="number">
              This one
            </th>
          </tr>
        </thead>
        <tbody>
          {measures.map(({ key, label, hint }) => (
            <tr key={key}>
              <th scope="row" class="name" data-tip={hint}>
                {label}
              </th>
              {both.map((each) => (
                <td class="number" key={each.version}>
                  {each.metrics?.[key]?.toFixed(3) ?? dash}
                </td>
              ))}
            </tr>
          ))}
          <tr>
            <th scope="row" class="name">
              Trained
            </th>
            {both.map((each) => (
              <td class="number" key={each.version}>
                {each.trained_at ? ago(Date.parse(each.trained_at), Date.now()) : dash}
              </td>
            ))}
          </tr>
        </tbody>
      </table>
      <p class="muted">Each was measured on the newest visits of its own time, so small differences say little.</p>
      {problem && (
        <p class="form-error" role="alert">
          {problem}
        </p>
      )}
      <div class="form-actions">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="button primary" disabled={busy} onClick={replace}>
          {busy ? "Loading it…" : "Put in service"}
        </button>
      </div>
    </Dialog>
  );
}

/** What is training, and how the last trainings ended. */
function Trainings({ site }: { site: Site }) {
  const jobs = useResource<JobsAnswer>(jobsPath, { everyMs: 2_000 });
  const ours = (job: Job): boolean => job.kind === "train" && (!job.site || job.site === site.id);
  return (
    <section class="panel" aria-labelledby="trainings">
      <header class="panel-head">
        <h2 id="trainings" data-tip="Since the server was started.">
          Trainings
        </h2>
      </header>
      <Loaded resource={jobs} skeleton={<SkeletonRows rows={3} />}>
        {(answer) => {
          const list = answer.jobs.filter(ours).slice(0, 8);
          if (list.length === 0)
            return <p class="muted">None since the server was started. Attune looks every half hour whether there is something new to learn from.</p>;
          return (
            <ul class="rows jobs">
              {list.map((job) => (
                <li key={job.id}>
                  <span class="row-main">
                    <b>{job.state === "running" ? sentence(job.message || "training") : readable(job.state)}</b>
                    <small>{ended(job)}</small>
                  </span>
                  {job.state === "running" && <JobProgress job={job} />}
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </section>
  );
}

function ended(job: Job): string {
  const started = Date.parse(job.started_at);
  const begun = `began ${ago(started, Date.now())}`;
  if (!job.finished_at) return begun;
  const took = `took ${duration((Date.parse(job.finished_at) - started) / 1000)}`;
  const verdict = job.state === "failed" ? job.message : job.result?.verdict;
  return [begun, took, verdict].filter(Boolean).join(" · ");
}
