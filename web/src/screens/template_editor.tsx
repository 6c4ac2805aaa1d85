// A template and, beside it, what it gives for some sample values while it is written.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Template, TemplatePreviewed, Variable } from "../lib/campaign_types";
import { ApiError, explain, patch, post } from "../lib/api";
import { indexOf, placeOf, templateTypes } from "../lib/templates";
import type { Json } from "../lib/types";
import { Choice, InlineChoice } from "../components/choice";
import { HtmlPreview } from "../components/html_preview";
import { toast } from "../components/toast";
import { TextDraft } from "./text_draft";

interface Props {
  stored: Template | undefined;
  /** The newest version of that name. */
  newest: number;
  onClose: () => void;
  onStored: (id: string) => void;
}

type Draft = Pick<
  Template,
  "name" | "description" | "template_type" | "base_prompt" | "personalization_variables" | "style_parameters"
>;

const fresh: Draft = {
  name: "",
  description: null,
  template_type: "web_block",
  base_prompt: "<p>Hi {{ name | default: 'there' }}</p>",
  personalization_variables: [{ name: "name", type: "text", pii: true }],
  style_parameters: {},
};

function draftOf(stored: Template | undefined): Draft {
  if (!stored) return fresh;
  const { name, description, template_type, base_prompt, personalization_variables, style_parameters } = stored;
  return { name, description, template_type, base_prompt, personalization_variables, style_parameters };
}

/** What is counted by version: a change of it needs a new one once it was shown. */
const contentOf = ({ name: _, description: __, ...content }: Draft): Omit<Draft, "name" | "description"> =>
  content;

export function TemplateEditor({ stored, newest, onClose, onStored }: Props) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(stored));
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [drafting, setDrafting] = useState(false);
  const source = useRef<HTMLTextAreaElement>(null);
  const change = (part: Partial<Draft>): void => setDraft((now) => ({ ...now, ...part }));
  const content = contentOf(draft);
  const isShown = stored !== undefined && stored.usage_count > 0;
  const isNewVersion =
    isShown && JSON.stringify(content) !== JSON.stringify(contentOf(draftOf(stored)));
  const save = async (): Promise<void> => {
    const path = "/api/v1/content_templates";
    try {
      const row = !stored
        ? await post<Template>(path, draft)
        : isNewVersion
          ? await post<Template>(`${path}/${stored.id}/versions`, { ...content, description: draft.description })
          : await patch<Template>(`${path}/${stored.id}`, draft);
      setProblem(null);
      toast(isNewVersion ? `Version ${row.version} is stored` : "Saved");
      onStored(row.id);
    } catch (error) {
      setProblem(error instanceof ApiError ? error : new ApiError(0, "internal", String(error)));
    }
  };
  const goTo = (message: string): void => {
    const place = placeOf(message);
    const area = source.current;
    if (!place || !area) return;
    const at = indexOf(area.value, place);
    area.focus();
    area.setSelectionRange(at, Math.min(area.value.length, at + 1));
  };
  return (
    <div class="columns editor">
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TemplateFields draft={draft} change={change} stored={stored} source={source} />
        <Variables
          rows={draft.personalization_variables}
          set={(personalization_variables) => change({ personalization_variables })}
        />
        {isNewVersion && (
          <p class="notice">
            This version was shown, and its numbers belong to its text: saving makes version {newest + 1}.
          </p>
        )}
        <p class="form-error" role="alert">
          {problem && `Not stored. ${explain(problem)}`}
        </p>
        <div class="form-actions">
          <button type="submit" class="button primary">
            {isNewVersion ? `Save as version ${newest + 1}` : "Save"}
          </button>
          {stored && (
            <button type="button" class="button" onClick={() => setDrafting(true)}>
              Draft a text…
            </button>
          )}
          <button type="button" class="button" onClick={onClose}>
            Back to all
          </button>
        </div>
      </form>
      <Preview content={content} goTo={goTo} />
      {stored && drafting && (
        <TextDraft
          stored={stored}
          isEdited={JSON.stringify(content) !== JSON.stringify(contentOf(draftOf(stored)))}
          take={(base_prompt) => change({ base_prompt })}
          onClose={() => setDrafting(false)}
        />
      )}
    </div>
  );
}

interface FieldsProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  stored: Template | undefined;
  source: { current: HTMLTextAreaElement | null };
}

function TemplateFields({ draft, change, stored, source }: FieldsProps) {
  const subject = draft.style_parameters["subject"];
  return (
    <>
      <div class="field-pair">
        <label class="field">
          <span>Name{stored && `, version ${stored.version}`}</span>
          <input
            type="text"
            required
            maxLength={255}
            readOnly={stored !== undefined}
            value={draft.name}
            onInput={(event) => change({ name: event.currentTarget.value })}
          />
        </label>
        <Choice
          label="Kind"
          value={draft.template_type}
          words={templateTypes}
          set={(template_type) => change({ template_type })}
        />
      </div>
      {draft.template_type === "email" && (
        <label class="field">
          <span>Subject</span>
          <input
            type="text"
            value={typeof subject === "string" ? subject : ""}
            onInput={(event) =>
              change({ style_parameters: { ...draft.style_parameters, subject: event.currentTarget.value } })
            }
          />
        </label>
      )}
      <label class="field">
        <span>Text</span>
        <textarea
          ref={source}
          class="source"
          rows={14}
          required
          spellcheck={false}
          value={draft.base_prompt}
          onInput={(event) => change({ base_prompt: event.currentTarget.value })}
        />
        <small>
          A subset of Liquid: {"{{ name | default: 'there' }}"}, {"{% if visitor.segment == 'buyer' %}"}.
        </small>
      </label>
    </>
  );
}

const variableTypes = Object.fromEntries(
  ["text", "number", "flag", "list", "object", "date"].map((type) => [type, type]),
);

/** A default as it is written: text as it is, the rest as JSON where it is that. */
function readDefault(text: string, type: string): Json | undefined {
  if (text === "") return undefined;
  if (type === "text") return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function Variables({ rows, set }: { rows: readonly Variable[]; set: (rows: Variable[]) => void }) {
  const put = (at: number, part: Partial<Variable>): void =>
    set(rows.map((each, n) => (n === at ? { ...each, ...part } : each)));
  const check = (at: number, key: "required" | "pii" | "html_safe", label: string, tip: string) => (
    <label class="check" data-tip={tip}>
      <input
        type="checkbox"
        checked={rows[at]?.[key] ?? false}
        onChange={(event) => put(at, { [key]: event.currentTarget.checked })}
      />
      <span>{label}</span>
    </label>
  );
  return (
    <fieldset class="plain">
      <legend>Variables</legend>
      {rows.map((row, at) => (
        <div class="variable" key={`${rows.length}-${at}`} role="group" aria-label={`variable ${at + 1}`}>
          <div class="condition">
            <input
              type="text"
              aria-label="Name"
              placeholder="name"
              value={row.name}
              onInput={(event) => put(at, { name: event.currentTarget.value })}
            />
            <InlineChoice
              label="Type"
              value={row.type ?? "text"}
              words={variableTypes}
              set={(type) => put(at, { type })}
            />
            <input
              type="text"
              aria-label="Default"
              placeholder="default"
              value={row.default === undefined || row.default === null ? "" : typeof row.default === "string" ? row.default : JSON.stringify(row.default)}
              onChange={(event) => {
                const { default: _, ...rest } = row;
                const given = readDefault(event.currentTarget.value, row.type ?? "text");
                set(rows.map((each, n) => (n !== at ? each : given === undefined ? rest : { ...rest, default: given })));
              }}
            />
            <button
              type="button"
              class="button small ghost"
              aria-label={`Remove ${row.name || "the variable"}`}
              onClick={() => set(rows.filter((_, n) => n !== at))}
            >
              Remove
            </button>
          </div>
          <div class="days">
            {check(at, "pii", "Personal", "Hidden in previews.")}
            {check(at, "required", "Needed", "Without a value nothing is shown.")}
            {check(at, "html_safe", "Is HTML", "May be put out as it is, by the filter raw.")}
          </div>
        </div>
      ))}
      <div>
        <button type="button" class="button small" onClick={() => set([...rows, { name: "", type: "text" }])}>
          Add a variable
        </button>
      </div>
    </fieldset>
  );
}

const emptyData = "{}";

function Preview({ content, goTo }: { content: object; goTo: (message: string) => void }) {
  const [data, setData] = useState(emptyData);
  const [showPii, setShowPii] = useState(false);
  const [made, setMade] = useState<TemplatePreviewed | null>(null);
  const [problem, setProblem] = useState("");
  const key = JSON.stringify([content, data, showPii]);
  useEffect(() => {
    let late = false;
    const timer = setTimeout(async () => {
      try {
        const given: unknown = JSON.parse(data || emptyData);
        const body = { ...content, data: given, show_pii: showPii };
        const next = await post<TemplatePreviewed>("/api/v1/templates/preview", body);
        if (late) return;
        setMade(next);
        setProblem("");
      } catch (error) {
        if (!late)
          setProblem(error instanceof SyntaxError ? "The sample values are not JSON." : explain(error));
      }
    }, 250);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [key]);
  const wrong = problem ? [problem] : (made?.issues ?? []);
  return (
    <section class="panel" aria-labelledby="preview-title">
      <header class="panel-head">
        <h2 id="preview-title" data-tip="What the text gives as it is written here. Nothing is stored.">
          Preview
        </h2>
        <div class="panel-actions">
          <label class="check">
            <input
              type="checkbox"
              checked={showPii}
              onChange={(event) => setShowPii(event.currentTarget.checked)}
            />
            <span>Show personal values</span>
          </label>
        </div>
      </header>
      <ul class="issues" aria-live="polite">
        {wrong.map((message) => (
          <li key={message} class="form-error">
            {message}
            {placeOf(message) && (
              <button type="button" class="link-button" onClick={() => goTo(message)}>
                Go there
              </button>
            )}
          </li>
        ))}
      </ul>
      {made && <Shown made={made} stale={problem !== ""} />}
      <label class="field">
        <span>Sample values</span>
        <textarea
          class="source"
          rows={4}
          spellcheck={false}
          value={data}
          placeholder={'{"name": "Ada"}'}
          onInput={(event) => setData(event.currentTarget.value)}
        />
        <small>JSON, by the names of the variables; visitor and slot too.</small>
      </label>
    </section>
  );
}

function Shown({ made, stale }: { made: TemplatePreviewed; stale: boolean }) {
  return (
    <div class={stale ? "stale" : ""}>
      {made.aborted !== undefined && <p class="notice">Nothing would be shown: {made.aborted}</p>}
      {made.subject !== undefined && (
        <p>
          <span class="muted">Subject</span> <b>{made.subject}</b>
        </p>
      )}
      {made.type === "html" ? (
        <HtmlPreview html={made.output} title="Preview" />
      ) : (
        <pre class="preview-text">{made.output}</pre>
      )}
    </div>
  );
}
