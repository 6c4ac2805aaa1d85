// People who log in to the account, and the log of what was changed by whom: sections of Settings,
// for administrators.

import { useState } from "preact/hooks";
import { explain, get, patch, post, remove } from "../lib/api";
import { ago, exact } from "../lib/format";
import { useResource } from "../lib/resource";
import { CodeBlock } from "../components/copy";
import { Dialog } from "../components/dialog";
import { Loaded, SkeletonRows } from "../components/panel";
import { toast } from "../components/toast";

const roleWords = {
  admin: "Administrator: everything",
  marketer: "Marketer: campaigns, content, placements",
  experimenter: "Experimenter: tests and flags",
  viewer: "Viewer: looks, changes nothing",
} as const;
type Role = keyof typeof roleWords;

interface Member {
  id: number;
  name: string;
  role: Role;
  is_owner: boolean;
}

interface AuditEntry {
  id: number;
  time: string;
  actor: string;
  actor_kind: "login" | "key" | "owner";
  role: string;
  action: string;
  target: string;
  details: Record<string, unknown>;
  status: number;
}

const membersPath = "/api/v1/members";

function RoleSelect(props: { label: string; value: Role; onChange: (role: Role) => void }) {
  return (
    <label class="select">
      <span class="visually-hidden">{props.label}</span>
      <select
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value as Role)}
      >
        {(Object.keys(roleWords) as Role[]).map((role) => (
          <option key={role} value={role}>
            {roleWords[role]}
          </option>
        ))}
      </select>
    </label>
  );
}

export function MembersSetting() {
  const members = useResource<{ members: Member[] }>(membersPath);
  const [made, setMade] = useState<{ name: string; password: string } | null>(null);
  const [leaver, setLeaver] = useState<Member | null>(null);
  const setRole = async (member: Member, role: Role): Promise<void> => {
    try {
      await patch(`${membersPath}/${member.id}`, { role });
      toast(`${member.name} is ${role === "admin" ? "an administrator" : `a ${role}`} now`);
    } catch (error) {
      toast(explain(error));
    }
    members.reload();
  };
  return (
    <section class="setting" aria-labelledby="settings-members">
      <header>
        <h2 id="settings-members">People</h2>
        <p>Everybody sees everything of the account. What they may change is their role’s.</p>
      </header>
      <div>
        <Loaded resource={members} skeleton={<SkeletonRows rows={2} />}>
          {(data) => (
            <ul class="rows">
              {data.members.map((member) => (
                <li key={member.id}>
                  <span class="row-main">
                    <b>{member.name}</b>
                    {member.is_owner && <small>The account itself</small>}
                  </span>
                  {!member.is_owner && (
                    <>
                      <RoleSelect
                        label={`Role of ${member.name}`}
                        value={member.role}
                        onChange={(role) => void setRole(member, role)}
                      />
                      <button
                        type="button"
                        class="button small"
                        aria-label={`Remove ${member.name}`}
                        onClick={() => setLeaver(member)}
                      >
                        Remove
                      </button>
                    </>
                  )}
                </li>
              ))}
            </ul>
          )}
        </Loaded>
        <NewMember
          onMade={(name, password) => {
            setMade({ name, password });
            members.reload();
          }}
        />
      </div>
      {made && (
        <Dialog title={`${made.name} can sign in`} onClose={() => setMade(null)}>
          <p>Copy the password now: it is stored as a hash and cannot be shown again.</p>
          <CodeBlock label="Password" text={made.password} />
          <div class="form-actions">
            <button type="button" class="button primary" onClick={() => setMade(null)}>
              I have copied it
            </button>
          </div>
        </Dialog>
      )}
      {leaver && (
        <RemoveDialog
          member={leaver}
          onClose={() => setLeaver(null)}
          onRemoved={() => {
            setLeaver(null);
            members.reload();
          }}
        />
      )}
    </section>
  );
}

function NewMember({ onMade }: { onMade: (name: string, password: string) => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("marketer");
  const [problem, setProblem] = useState("");
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setProblem("");
    try {
      const made = await post<{ password: string }>(membersPath, { name: name.trim(), role });
      onMade(name.trim(), made.password);
      setName("");
    } catch (error) {
      setProblem(explain(error));
    }
  };
  return (
    <form class="inline-form" onSubmit={submit}>
      <input
        required
        aria-label="Name of the new person"
        placeholder="Name to sign in with"
        maxLength={100}
        autocomplete="off"
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <RoleSelect label="Role of the new person" value={role} onChange={setRole} />
      <button type="submit" class="button">
        Let in
      </button>
      {problem && (
        <p class="form-error" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

function RemoveDialog(props: { member: Member; onClose: () => void; onRemoved: () => void }) {
  const { member, onClose, onRemoved } = props;
  const [problem, setProblem] = useState("");
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    try {
      await remove(`${membersPath}/${member.id}`);
      toast(`${member.name} can no longer sign in`);
      onRemoved();
    } catch (error) {
      setProblem(explain(error));
    }
  };
  return (
    <Dialog title={`Remove ${member.name}`} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <p>
          <b>{member.name}</b> is signed out everywhere and cannot sign in again. What they made
          stays.
        </p>
        <p class="form-error" role="alert">
          {problem}
        </p>
        <div class="form-actions">
          <button type="submit" class="button danger">
            Remove
          </button>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** "step_ab_test" as people read it. */
const actionText = (action: string): string =>
  sentence(action.replaceAll("_", " ").replace("ab test", "A/B test"));
const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function detailText(entry: AuditEntry): string {
  const shown = Object.entries(entry.details).map(([name, value]) =>
    value === null ? name : `${name}: ${String(value)}`,
  );
  return [entry.target, ...shown].filter(Boolean).join(" · ");
}

interface Check {
  entries: number;
  intact: boolean;
  first_wrong: number | null;
}

export function AuditSetting() {
  const [limit, setLimit] = useState(10);
  const log = useResource<{ entries: AuditEntry[]; more: boolean }>(
    `/api/v1/audit_log?limit=${limit}`,
  );
  const [checked, setChecked] = useState("");
  const check = async (): Promise<void> => {
    try {
      const found = await get<Check>("/api/v1/audit_log/check");
      setChecked(
        found.intact
          ? `All ${exact(found.entries)} rows are as they were written.`
          : `Row ${found.first_wrong} was changed, or rows before it were taken out.`,
      );
    } catch (error) {
      setChecked(explain(error));
    }
  };
  return (
    <section class="setting" aria-labelledby="settings-audit">
      <header>
        <h2 id="settings-audit">Log of changes</h2>
        <p>Who changed what, by hand or by a key. Rows stay for two years.</p>
      </header>
      <div>
        <Loaded resource={log} skeleton={<SkeletonRows rows={4} />}>
          {(data) => (
            <>
              <ul class="rows audit">
                {data.entries.map((entry) => (
                  <li key={entry.id}>
                    <span class="row-main">
                      <b>{actionText(entry.action)}</b>
                      <small>{detailText(entry)}</small>
                    </span>
                    {entry.status >= 400 && <span class="badge">refused</span>}
                    <span class="muted">
                      {entry.actor_kind === "key" ? `key ${entry.actor}` : entry.actor}
                    </span>
                    <time dateTime={entry.time} data-tip={entry.time}>
                      {ago(Date.parse(entry.time), Date.now())}
                    </time>
                  </li>
                ))}
              </ul>
              <div class="form-actions">
                {data.more && (
                  <button type="button" class="button small" onClick={() => setLimit(limit + 40)}>
                    Show more
                  </button>
                )}
                <button type="button" class="button small" onClick={() => void check()}>
                  Check the log
                </button>
                <span role="status">{checked}</span>
              </div>
            </>
          )}
        </Loaded>
      </div>
    </section>
  );
}
