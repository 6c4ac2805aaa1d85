// Lists with a name that conditions of flags and tests refer to.

import { useState } from "preact/hooks";
import { explain, remove, request, sitePath } from "../lib/api";
import { plural } from "../lib/format";
import { invalidate, useResource } from "../lib/resource";
import type { SavedGroup, SavedGroups, Site } from "../lib/types";
import { ConfirmDialog } from "../components/confirm";
import { Loaded, SkeletonRows } from "../components/panel";
import { toast } from "../components/toast";

interface Props {
  site: Site;
  /** Whether who looks may change them. */
  mayEdit: boolean;
}

export function SavedGroupsBox(props: Props) {
  const [open, setOpen] = useState(false);
  return (
    <details class="more" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Saved groups</summary>
      {open && <Groups {...props} />}
    </details>
  );
}

function Groups({ site, mayEdit }: Props) {
  const path = sitePath(site, "saved-groups");
  const groups = useResource<SavedGroups>(path);
  const [edited, setEdited] = useState<string | null>(null);
  const [doomed, setDoomed] = useState<SavedGroup | null>(null);
  const close = (): void => {
    setEdited(null);
    setDoomed(null);
    invalidate(path);
  };
  const drop = async (group: SavedGroup): Promise<void> => {
    await remove(`${path}/${encodeURIComponent(group.key)}`);
    toast(`${group.key} is deleted`);
    close();
  };
  return (
    <Loaded resource={groups} skeleton={<SkeletonRows rows={3} />}>
      {(data) => {
        const chosen = data.groups.find((group) => group.key === edited);
        return (
          <div class="form">
            <p class="muted">
              A list of ids, or of other values, that many conditions may name: “id is in the group
              staff”. A change counts everywhere at once. Members go out to browsers with the flags, so
              nothing secret belongs here.
            </p>
            {data.groups.length > 0 && (
              <ul class="rules">
                {data.groups.map((group) => (
                  <li key={group.key}>
                    <span class="item">
                      <b>{group.key}</b>
                      <small>
                        {plural(group.members.length, "member")}
                        {group.description && `: ${group.description}`}
                      </small>
                    </span>
                    {mayEdit && (
                      <button
                        type="button"
                        class="button small ghost"
                        aria-label={`Edit the group ${group.key}`}
                        onClick={() => setEdited(group.key)}
                      >
                        Edit
                      </button>
                    )}
                  </li>
                ))}
              </ul>
            )}
            {!mayEdit ? null : edited === null ? (
              <div>
                <button type="button" class="button small" onClick={() => setEdited("")}>
                  Add a group
                </button>
              </div>
            ) : (
              <GroupForm key={edited} path={path} stored={chosen} close={close} drop={setDoomed} />
            )}
            {doomed && (
              <ConfirmDialog
                title="Delete a saved group"
                asked="the group’s name"
                name={doomed.key}
                action="Delete"
                act={() => drop(doomed)}
                onClose={() => setDoomed(null)}
              >
                <b>{doomed.key}</b> goes with its {plural(doomed.members.length, "member")}. It cannot be
                undone.
              </ConfirmDialog>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}

interface FormProps {
  path: string;
  stored: SavedGroup | undefined;
  close: () => void;
  drop: (group: SavedGroup) => void;
}

function GroupForm({ path, stored, close, drop }: FormProps) {
  const [key, setKey] = useState(stored?.key ?? "");
  const [description, setDescription] = useState(stored?.description ?? "");
  const [text, setText] = useState(() => (stored?.members ?? []).join("\n"));
  const [problem, setProblem] = useState("");
  // Ids are texts, also those that look like numbers; what was stored as a number stays one.
  const numbers = new Set(stored?.members.filter((each) => typeof each === "number").map(String));
  const members = text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => (numbers.has(line) ? Number(line) : line));
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const body = { description, members, version: stored?.version ?? 0 };
    try {
      await request("PUT", `${path}/${encodeURIComponent(key.trim())}`, { body });
      toast("In service");
      close();
    } catch (error) {
      setProblem(explain(error));
    }
  };
  return (
    <form class="form" aria-label="Saved group" onSubmit={save}>
      <label class="field">
        <span>Name of the group</span>
        <input
          type="text"
          required
          readOnly={stored !== undefined}
          placeholder="staff"
          pattern="[A-Za-z0-9_.:\-]{1,100}"
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>Who is in it</span>
        <input
          type="text"
          maxLength={2000}
          value={description}
          onInput={(event) => setDescription(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>Members, one a line</span>
        <textarea
          rows={5}
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <p class="form-error" role="alert">
        {problem}
      </p>
      <div class="form-actions">
        <button type="submit" class="button small primary">
          Keep the group
        </button>
        <button type="button" class="button small" onClick={close}>
          Close the group
        </button>
        {stored && (
          <button type="button" class="button small danger" onClick={() => drop(stored)}>
            Delete the group
          </button>
        )}
      </div>
    </form>
  );
}
