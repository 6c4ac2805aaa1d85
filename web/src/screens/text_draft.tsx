// A text drafted from a stored template by the operator's text generator: read, then taken or left.

import { useEffect, useState } from "preact/hooks";
import { ApiError, explain, post } from "../lib/api";
import type { Template } from "../lib/campaign_types";
import { useResource } from "../lib/resource";
import type { Job } from "../lib/types";
import { Dialog } from "../components/dialog";
import { jobsPath } from "../components/jobs";

interface Drafted {
  text: string;
  issues: string[];
  model: string;
  generation_ms: number;
  generation_cost: number;
}

interface Props {
  stored: Template;
  /** What is written differs from what is stored, which is what a draft is made of. */
  isEdited: boolean;
  take: (text: string) => void;
  onClose: () => void;
}

export function TextDraft({ stored, isEdited, take, onClose }: Props) {
  const [instructions, setInstructions] = useState("");
  const [data, setData] = useState("");
  const [job, setJob] = useState<string | null>(null);
  const [problem, setProblem] = useState("");
  const [isOff, setIsOff] = useState(false);
  const [finished, setFinished] = useState<string | null>(null);
  const followed = useResource<Job>(job && `${jobsPath}/${job}`, {
    everyMs: job === finished ? 0 : 500,
  });
  const now = followed.data?.id === job ? followed.data : null;
  const busy = job !== null && (now === null || now.state === "running") && followed.error === null;
  const made = now?.state === "done" ? (now.result as unknown as Drafted) : undefined;
  useEffect(() => {
    if (now && now.state !== "running") setFinished(now.id);
  }, [now?.id, now?.state]);
  const start = async (): Promise<void> => {
    setProblem("");
    setJob(null);
    try {
      const given: unknown = JSON.parse(data.trim() || "{}");
      const path = `/api/v1/content_templates/${stored.id}/generate`;
      setJob((await post<Job>(path, { data: given, ...(instructions.trim() && { instructions }) })).id);
    } catch (error) {
      const isUnset = error instanceof ApiError && error.status === 409 && error.message.includes("generate.url");
      setIsOff(isUnset);
      if (!isUnset) setProblem(error instanceof SyntaxError ? "The sample values are not JSON." : explain(error));
    }
  };
  const wrong = problem || (now?.state === "failed" ? (now.message ?? "") : "") || followed.error?.message;
  return (
    <Dialog title={`A text from “${stored.name}”`} onClose={onClose} wide>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <p>
          A language model writes a text from this template, filled with the sample values. Personal
          variables are hidden from it, no visitor sees the draft, and you decide what becomes of it.
        </p>
        {isEdited && <p class="notice">It is made of the template as it is stored: save your edits first.</p>}
        <label class="field">
          <span>What it should mind</span>
          <textarea
            rows={2}
            maxLength={4000}
            placeholder="Be brief, and address people who like tea."
            value={instructions}
            onInput={(event) => setInstructions(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>Sample values for the draft</span>
          <textarea
            class="source"
            rows={2}
            spellcheck={false}
            placeholder={'{"taste": "coffee"}'}
            value={data}
            onInput={(event) => setData(event.currentTarget.value)}
          />
        </label>
        {isOff && <HowToSwitchOn />}
        <p class="form-error" role="alert">
          {wrong}
        </p>
        {made && <DraftShown made={made} />}
        <div class="form-actions">
          {made && (
            <button
              type="button"
              class="button primary"
              onClick={() => {
                take(made.text);
                onClose();
              }}
            >
              Take it into the editor
            </button>
          )}
          <button type="submit" class={`button ${made ? "" : "primary"}`} disabled={busy}>
            {busy ? "Waiting for the draft…" : made ? "Draft another one" : "Draft"}
          </button>
          <button type="button" class="button" onClick={onClose}>
            Close
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const HowToSwitchOn = () => (
  <div class="notice" role="status">
    <p>
      No text generator is set up, so nothing is sent to anybody. Whoever runs the server can name one that
      speaks OpenAI&rsquo;s chat completions, and start the server anew:
    </p>
    <pre class="preview-text">{'[generate]\nurl = "https://HOST/v1"\nmodel = "MODEL"\nkey_file = "/path/to/key"'}</pre>
  </div>
);

function DraftShown({ made }: { made: Drafted }) {
  const seconds = (made.generation_ms / 1000).toFixed(1);
  return (
    <section aria-label="The draft">
      <pre class="preview-text">{made.text}</pre>
      <ul class="issues">
        {made.issues.map((issue) => (
          <li key={issue} class="form-error">
            {issue}
          </li>
        ))}
      </ul>
      <p class="muted">
        {made.model || "The generator"} took {seconds} s
        {made.generation_cost > 0 && `, at a cost of ${Number(made.generation_cost.toPrecision(3))}`}.
      </p>
    </section>
  );
}
