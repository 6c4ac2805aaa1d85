// Is it healthy: intake, lag, journal, storage, jobs?

import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { momentLabel } from "../lib/dates";
import { ago, bytes, count, duration, exact } from "../lib/format";
import { useResource } from "../lib/resource";
import type { Job, Site } from "../lib/types";
import { readable, sentence } from "../lib/words";
import { type JobsAnswer, JobProgress, jobsPath } from "../components/jobs";
import { Loaded, Panel, SkeletonRows } from "../components/panel";

/** GET /api/v1/status; parts that a server does not report stay away. */
interface Status {
  version?: string;
  started_at?: string;
  uptime_seconds?: number;
  data_dir?: string;
  journal?: { first?: number; durable_end?: number; bytes?: number; state?: string };
  etl?: { position?: number; lag_records_bytes?: number; lag_seconds?: number; records?: number };
  store?: { bytes?: number; wal_bytes?: number };
  memory_bytes?: number;
}

const lagWarnSeconds = 5;

export function SystemScreen({ site, sites }: { site: Site | null; sites: readonly Site[] }) {
  const status = useResource<Status>("/api/v1/status", { everyMs: 2_000 });
  const jobs = useResource<JobsAnswer>(jobsPath, { everyMs: 2_000 });
  const rate = useRate(status.data?.etl?.records);
  const data = status.data;
  return (
    <div class="screen">
      <div class="screen-head">
        <div>
          <h1>System</h1>
          <p class="answer">{data ? verdict(data) : "\u00a0"}</p>
        </div>
      </div>
      <Loaded resource={status} skeleton={<div class="facts-skeleton" />}>
        {(now) => <Facts status={now} rate={rate} timeZone={site?.timezone ?? "UTC"} />}
      </Loaded>
      <Panel
        title="Jobs"
        hint="Training, imports, replays and checks."
        resource={jobs}
        skeleton={<SkeletonRows rows={3} />}
      >
        {(answer) =>
          answer.jobs.length === 0 ? (
            <p class="muted">
              Nothing runs and nothing ran since the start. Training, replays and checks show here
              with their progress.
            </p>
          ) : (
            <ul class="rows jobs">
              {answer.jobs.map((job) => (
                <JobRow key={job.id} job={job} sites={sites} timeZone={site?.timezone ?? "UTC"} />
              ))}
            </ul>
          )
        }
      </Panel>
    </div>
  );
}

function verdict(status: Status): string {
  const state = status.journal?.state ?? "ok";
  if (state === "disk_full")
    return "The disk is full: events are refused until there is room. Nothing acknowledged is lost.";
  if (state !== "ok")
    return "The journal has stopped: a write failed. No events are taken until Attune is started again.";
  const lag = status.etl?.lag_seconds ?? 0;
  if (lag > lagWarnSeconds) return `Events are safe, but show ${duration(lag)} late.`;
  return "All is well: events are taken, stored and shown without delay.";
}

/** Records per second, from one answer to the next. */
function useRate(records: number | undefined): number | null {
  const held = useRef<{ records: number; atMs: number; rate: number | null } | null>(null);
  if (records === undefined) return null;
  const now = performance.now();
  const before = held.current;
  if (!before) held.current = { records, atMs: now, rate: null };
  else if (now - before.atMs > 1_000) {
    const rate = Math.max(0, (records - before.records) / ((now - before.atMs) / 1000));
    held.current = { records, atMs: now, rate };
  }
  return held.current?.rate ?? null;
}

interface FactsProps {
  status: Status;
  rate: number | null;
  timeZone: string;
}

function Facts({ status, rate, timeZone }: FactsProps) {
  const { journal, etl, store } = status;
  const state = journal?.state ?? "ok";
  const stored = store?.bytes === undefined ? undefined : store.bytes + (store.wal_bytes ?? 0);
  const lag = etl?.lag_seconds;
  const lagBytes = etl?.lag_records_bytes;
  return (
    <div class="facts-grid">
      <FactGroup title="Intake" state={state === "ok" ? "ok" : "bad"}>
        <Fact
          name="State"
          value={state === "ok" ? "Taking events" : state === "disk_full" ? "Disk full" : "Stopped"}
        />
        <Fact
          name="Events a second"
          value={rate === null ? "–" : rate < 10 ? rate.toFixed(1) : count(rate)}
          hint="Records processed, measured between two looks."
        />
        <Fact
          name="Records processed"
          value={optional(etl?.records, count)}
          exact={optional(etl?.records, exact)}
          hint="Since Attune was started."
        />
      </FactGroup>
      <FactGroup
        title="Processing"
        state={lag !== undefined && lag > lagWarnSeconds ? "warn" : "ok"}
      >
        <Fact
          name="Delay"
          value={lag === undefined ? "–" : lag < 1 ? "under a second" : duration(lag)}
          hint="Age of the oldest event that is stored but not yet in the tables."
        />
        <Fact
          name="Waiting"
          value={optional(lagBytes, bytes)}
          exact={optional(lagBytes, exact)}
          hint="Part of the journal that is not yet in the tables."
        />
      </FactGroup>
      <FactGroup title="Journal" state={state === "ok" ? "ok" : "bad"}>
        <Fact
          name="On disk"
          value={optional(journal?.bytes, bytes)}
          exact={optional(journal?.bytes, exact)}
          hint="Every event as it came, before it is processed."
        />
        <Fact
          name="Written up to"
          value={optional(journal?.durable_end, count)}
          exact={optional(journal?.durable_end, exact)}
          hint="Position in bytes from the start; all before it is safely on disk."
        />
      </FactGroup>
      <FactGroup title="Storage" state="ok">
        <Fact
          name="Database"
          value={optional(stored, bytes)}
          exact={optional(stored, exact)}
          hint="The database file and what is still to be folded into it."
        />
        <Fact
          name="Memory"
          value={optional(status.memory_bytes, bytes)}
          exact={optional(status.memory_bytes, exact)}
        />
        {status.data_dir && <Fact name="Folder" value={<code>{status.data_dir}</code>} />}
      </FactGroup>
      <FactGroup title="Attune">
        <Fact name="Version" value={status.version ?? "–"} />
        <Fact
          name="Running for"
          value={optional(status.uptime_seconds, uptime)}
          exact={
            status.started_at
              ? `Since ${momentLabel(Date.parse(status.started_at), timeZone)}`
              : undefined
          }
        />
      </FactGroup>
    </div>
  );
}

const optional = <T,>(value: number | undefined, format: (value: number) => T): T | string =>
  value === undefined ? "–" : format(value);

function uptime(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  return days === 0 ? duration(seconds) : `${days} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
}

const stateWords = { ok: "Good", warn: "Slow", bad: "Needs attention" };

function FactGroup({
  title,
  state,
  children,
}: {
  title: string;
  state?: "ok" | "warn" | "bad";
  children: ComponentChildren;
}) {
  return (
    <section class="fact-group">
      <h2>
        {title}
        {state && (
          <span class={`state ${state}`}>
            <i aria-hidden="true" /> {stateWords[state]}
          </span>
        )}
      </h2>
      <dl class="facts">{children}</dl>
    </section>
  );
}

function Fact(props: {
  name: string;
  value: ComponentChildren;
  exact?: string | undefined;
  hint?: string;
}) {
  return (
    <div>
      <dt data-tip={props.hint}>{props.name}</dt>
      <dd data-tip={props.exact}>{props.value}</dd>
    </div>
  );
}

function JobRow({ job, sites, timeZone }: { job: Job; sites: readonly Site[]; timeZone: string }) {
  const domain = sites.find((site) => site.id === job.site)?.domain;
  const at = Date.parse(job.finished_at ?? job.started_at);
  return (
    <li>
      <span class="row-main">
        <b>
          {readable(job.kind)}
          {domain ? ` · ${domain}` : ""}
        </b>
        <small>{sentence(job.result?.verdict ?? job.message ?? "")}</small>
      </span>
      {job.state === "running" ? (
        <JobProgress job={job} />
      ) : (
        <span class={`state ${job.state === "done" ? "ok" : "bad"}`}>
          <i aria-hidden="true" /> {job.state === "done" ? "Done" : "Failed"}
        </span>
      )}
      <time data-tip={momentLabel(at, timeZone)}>{ago(at, Date.now())}</time>
    </li>
  );
}
