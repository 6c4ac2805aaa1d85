// Who gets what, and how do I switch it off now? The list with its switches on the left, the chosen flag
// beside it, and what one visitor would get of the draft.

import { useEffect, useState } from "preact/hooks";
import { ApiError, explain, patch, post, request, sitePath } from "../lib/api";
import { useDraft } from "../lib/draft";
import { attributesOf, flagSentence } from "../lib/flags";
import { plural } from "../lib/format";
import { useResource } from "../lib/resource";
import type { Flag, FlagAnswer, FlagList, Login, Site } from "../lib/types";
import { currentView, go, type View } from "../lib/url";
import { sentence } from "../lib/words";
import { CodeBlock } from "../components/copy";
import { Panel, SkeletonRows } from "../components/panel";
import { toast } from "../components/toast";
import { FlagForm } from "./flag_form";
import { SavedGroupsBox } from "./saved_groups";
import { SdkKeysBox } from "./sdk_keys";

export type Draft = Pick<Flag, "description" | "value_type" | "default_value" | "rules">;

const fresh: Draft = { description: "", value_type: "boolean", default_value: false, rules: [] };

const toError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError(0, "internal", String(error));

function draftOf(flag: Flag | undefined): Draft {
  if (!flag) return fresh;
  const { description, value_type, default_value, rules } = flag;
  return { description, value_type, default_value, rules };
}

interface Props {
  view: View;
  site: Site;
  user: Login["user"];
}

export function FlagsScreen({ view, site, user }: Props) {
  const mayEdit = user.role === "admin" || user.role === "experimenter";
  const flags = useResource<FlagList>(sitePath(site, "flags"));
  const all = flags.data?.flags ?? [];
  const live = all.filter((flag) => !flag.archived);
  const key = view.options.flag ?? live[0]?.key ?? "";
  const stored = all.find((flag) => flag.key === key);
  const choose = (next: string): void =>
    go({ ...currentView(), options: { ...currentView().options, flag: next } });
  const off = live.filter((flag) => !flag.enabled).length;
  return (
    <div class="screen">
      <div class="screen-head">
        <div>
          <h1>Flags</h1>
          <p class="answer">
            {flags.data
              ? `${plural(live.length, "flag")}, ${off === 0 ? "none" : off} switched off.`
              : "\u00a0"}
          </p>
        </div>
      </div>
      <div class="columns">
        <Panel
          title="Flags"
          hint="A value that code asks for by its key. The switch takes a flag out of service at once: code gets its own default."
          resource={flags}
          skeleton={<SkeletonRows rows={6} />}
          actions={<NewFlag choose={choose} />}
        >
          {(data) => (
            <>
              <Flags site={site} rows={live} chosen={key} choose={choose} changed={flags.reload} />
              <Archived site={site} rows={all.filter((flag) => flag.archived)} changed={flags.reload} />
              <SavedGroupsBox site={site} mayEdit={mayEdit} />
              <p class="notice">SDKs ask with this client key:</p>
              <CodeBlock text={data.client_key} label="Client key" />
              {mayEdit && <SdkKeysBox site={site} />}
            </>
          )}
        </Panel>
        {key && flags.data && (
          <Chosen key={key} site={site} name={key} stored={stored} changed={flags.reload} />
        )}
      </div>
    </div>
  );
}

function NewFlag({ choose }: { choose: (key: string) => void }) {
  const [adding, setAdding] = useState(false);
  if (!adding) {
    return (
      <button type="button" class="button small" onClick={() => setAdding(true)}>
        New
      </button>
    );
  }
  return (
    <form
      class="try-form"
      onSubmit={(event) => {
        event.preventDefault();
        const text = new FormData(event.currentTarget).get("key");
        setAdding(false);
        if (typeof text === "string" && text.trim()) choose(text.trim());
      }}
    >
      <input
        name="key"
        type="text"
        autofocus
        aria-label="Key of the new flag"
        placeholder="new-checkout"
        pattern="[A-Za-z0-9_.:\-]{1,100}"
      />
      <button type="submit" class="button small">
        Create
      </button>
    </form>
  );
}

interface ListProps {
  site: Site;
  rows: readonly Flag[];
  changed: () => void;
}

function Flags(props: ListProps & { chosen: string; choose: (key: string) => void }) {
  if (props.rows.length === 0) {
    return (
      <p class="no-match">
        No flags yet. Create one, ask for it by its key in code, and decide here who gets what: nobody,
        staff, ten percent, everybody.
      </p>
    );
  }
  const toggle = async (flag: Flag): Promise<void> => {
    const path = sitePath(props.site, `flags/${encodeURIComponent(flag.key)}`);
    try {
      await patch(path, { enabled: !flag.enabled });
      toast(flag.enabled ? `${flag.key} is off` : `${flag.key} is in service`);
    } catch (error) {
      toast(explain(error));
    }
    props.changed();
  };
  return (
    <ul class="rules">
      {props.rows.map((flag) => (
        <li key={flag.key} class={flag.enabled ? "" : "off"}>
          <label class="check">
            <input
              type="checkbox"
              checked={flag.enabled}
              aria-label={`${flag.key} is in service`}
              onChange={() => void toggle(flag)}
            />
          </label>
          <span class="item">
            <b>{flag.key}</b>
            <small>{flagSentence(flag)}</small>
          </span>
          <button
            type="button"
            class="button small ghost"
            aria-pressed={flag.key === props.chosen}
            onClick={() => props.choose(flag.key)}
          >
            Edit
          </button>
        </li>
      ))}
    </ul>
  );
}

function Archived({ site, rows, changed }: ListProps) {
  if (rows.length === 0) return null;
  const restore = async (flag: Flag): Promise<void> => {
    await patch(sitePath(site, `flags/${encodeURIComponent(flag.key)}`), { archived: false });
    changed();
  };
  return (
    <details class="more">
      <summary>{plural(rows.length, "archived flag")}</summary>
      <ul class="rules">
        {rows.map((flag) => (
          <li key={flag.key} class="off">
            <span class="item">
              <b>{flag.key}</b>
              <small>{flag.description}</small>
            </span>
            <button type="button" class="button small ghost" onClick={() => void restore(flag)}>
              Restore
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** The flag that is looked at: its draft, and who would get what. */
function Chosen(props: { site: Site; name: string; stored: Flag | undefined; changed: () => void }) {
  const { site, name, stored } = props;
  const { draft, change, saved } = useDraft<Draft>(draftOf(stored));
  const [problem, setProblem] = useState<ApiError | null>(null);
  const path = sitePath(site, `flags/${encodeURIComponent(name)}`);
  const act = async (work: () => Promise<unknown>, words: string): Promise<void> => {
    try {
      await work();
      setProblem(null);
      toast(words);
      props.changed();
    } catch (error) {
      setProblem(toError(error));
    }
  };
  const save = (): Promise<void> =>
    act(async () => {
      const version = stored?.version ?? 0;
      if (stored) await patch(path, { ...draft, version });
      else await request("PUT", path, { body: { ...draft, version } });
      saved(draft);
    }, "Saved, and in service");
  return (
    <div class="stack">
      <section class="panel" aria-labelledby="flag-title">
        <header class="panel-head">
          <h2 id="flag-title">{name}</h2>
        </header>
        <FlagForm site={site} draft={draft} change={change} save={save}>
          <p class="form-error" role="alert">
            {problem && explain(problem)}
          </p>
          <div class="form-actions">
            <button type="submit" class="button primary">
              Save
            </button>
            {stored && (
              <button
                type="button"
                class="button danger"
                onClick={() => void act(() => patch(path, { archived: true }), "Archived; code gets its own default")}
              >
                Archive
              </button>
            )}
          </div>
        </FlagForm>
      </section>
      <TryVisitor path={path} draft={draft} />
    </div>
  );
}

/** What somebody would get of the flag as it is edited here. */
function TryVisitor({ path, draft }: { path: string; draft: Draft }) {
  const [visitor, setVisitor] = useState("");
  const [attributes, setAttributes] = useState("");
  const [answer, setAnswer] = useState<FlagAnswer | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const key = JSON.stringify([path, draft, visitor, attributes]);
  useEffect(() => {
    let late = false;
    const timer = setTimeout(async () => {
      const body = {
        ...(visitor.trim() && { visitor: visitor.trim() }),
        attributes: attributesOf(attributes),
        flag: draft,
      };
      try {
        const next = await post<FlagAnswer>(`${path}/evaluate`, body);
        if (late) return;
        setAnswer(next);
        setProblem(null);
      } catch (error) {
        if (!late) setProblem(toError(error));
      }
    }, 250);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [key]);
  return (
    <section class="panel dry-run" aria-labelledby="visitor-title">
      <header class="panel-head">
        <h2
          id="visitor-title"
          data-tip="What a visitor would get of the flag as it is edited here. Nothing is recorded, nothing is in service before it is saved."
        >
          Try a visitor
        </h2>
      </header>
      <div class="asked">
        <label class="field">
          <span>Visitor</span>
          <input
            type="text"
            value={visitor}
            spellcheck={false}
            onInput={(event) => setVisitor(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>Attributes</span>
          <input
            type="text"
            value={attributes}
            spellcheck={false}
            placeholder="country = DE, staff = true"
            onInput={(event) => setAttributes(event.currentTarget.value)}
          />
        </label>
      </div>
      <p class="form-error" role="alert">
        {problem && explain(problem)}
      </p>
      {answer && !problem && (
        <p class="flag-answer" aria-live="polite">
          <b>{answer.source === "disabled" ? "no value" : JSON.stringify(answer.value)}</b>
          <span>{sentence(answer.reason)}</span>
        </p>
      )}
    </section>
  );
}
