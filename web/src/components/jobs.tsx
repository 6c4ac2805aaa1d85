// Long work: what runs, how far it is, how it ended.

import { useEffect, useRef, useState } from "preact/hooks";
import { explain, post, sitePath } from "../lib/api";
import { duration, percent } from "../lib/format";
import { useResource } from "../lib/resource";
import type { Job, Site } from "../lib/types";
import { sentence } from "../lib/words";
import { toast } from "./toast";

export const jobsPath = "/api/v1/jobs";

export interface JobsAnswer {
  jobs: Job[];
}

/** Progress of a running job: share, and the time left once there is something to judge by. */
export function JobProgress({ job }: { job: Job }) {
  const share = job.done ?? 0;
  const secondsSoFar = (Date.now() - Date.parse(job.started_at)) / 1000;
  const left = share > 0.02 && secondsSoFar > 1 ? (secondsSoFar * (1 - share)) / share : null;
  return (
    <div class="job-progress">
      <progress max={1} value={share} aria-label={`${job.kind}: ${percent(share)} done`} />
      <span>
        {percent(share)}
        {left !== null && ` · ${duration(left)} left`}
      </span>
    </div>
  );
}

/** Starts a training and follows it; a training that runs already is shown after a reload too. */
export function TrainButton({ site, onDone }: { site: Site; onDone: () => void }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const jobs = useResource<JobsAnswer>(jobsPath, { everyMs: busy ? 500 : 10_000 });
  const running = jobs.data?.jobs.find(
    (job) => job.kind === "train" && job.state === "running" && (!job.site || job.site === site.id),
  );
  const was = useRef(false);

  useEffect(() => {
    if (running) {
      was.current = true;
      setBusy(true);
    } else if (was.current) {
      was.current = false;
      setBusy(false);
      const last = jobs.data?.jobs.find(
        (job) => job.kind === "train" && (!job.site || job.site === site.id),
      );
      if (last?.state === "failed") setProblem(last.message ?? "Training failed.");
      else if (last?.result?.promoted === false)
        setProblem(sentence(last.result.verdict ?? "The new model was not better."));
      else toast("The new model is in production");
      onDone();
    }
  }, [running?.id, running?.done, jobs.data]);

  const start = async (): Promise<void> => {
    setProblem("");
    setBusy(true);
    try {
      await post(sitePath(site, "train"), {});
      was.current = true;
      jobs.reload();
    } catch (error) {
      setBusy(false);
      setProblem(explain(error));
    }
  };

  return (
    <div class="train">
      {running ? (
        <JobProgress job={running} />
      ) : (
        <button type="button" class="button small" disabled={busy} onClick={start}>
          {busy ? "Starting…" : "Train now"}
        </button>
      )}
      {problem && (
        <p class="form-error" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
