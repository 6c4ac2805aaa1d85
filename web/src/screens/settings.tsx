// Sites, the snippet to paste, API keys, the password.

import { useState } from "preact/hooks";
import { explain, post, remove, sitePath, sitesPath } from "../lib/api";
import { count, plural } from "../lib/format";
import { option } from "../lib/options";
import { invalidate, useResource } from "../lib/resource";
import { widgetSnippet } from "../lib/snippet";
import type { ApiKey, Login, NewApiKey, Overview, Site } from "../lib/types";
import { currentView, go, type View, withOption } from "../lib/url";
import { ConfirmDialog } from "../components/confirm";
import { CodeBlock } from "../components/copy";
import { Dialog } from "../components/dialog";
import { Icon } from "../components/icons";
import { Loaded, SkeletonRows } from "../components/panel";
import { toast } from "../components/toast";
import { AuditSetting, MembersSetting } from "./members";
import { SiteForm } from "./site_form";
import { WindowsSetting } from "./windows_form";

interface Props {
  view: View;
  sites: readonly Site[];
  site: Site | null;
  user: Login["user"];
}

export function SettingsScreen({ view, sites, site, user }: Props) {
  const [edit, setEdit] = option<string>(view, "edit", "");
  const edited =
    edit === "" || edit === "new" ? null : (sites.find((each) => each.domain === edit) ?? null);
  const close = (): void => setEdit("");
  const isAdmin = user.role === "admin";

  return (
    <div class="screen settings">
      <div class="screen-head">
        <h1>Settings</h1>
      </div>
      <section class="setting" aria-labelledby="settings-sites">
        <header>
          <h2 id="settings-sites">Sites</h2>
          <p>Every site has its own visitors, its own models and its own keys.</p>
          {!isAdmin && <p>Sites, keys and people are an administrator’s to change.</p>}
        </header>
        <div>
          {sites.length > 0 && (
            <SiteList
              sites={sites}
              current={site}
              onEdit={isAdmin ? (domain) => setEdit(domain, { replace: false }) : null}
            />
          )}
          {isAdmin && (
            <button type="button" class="button" onClick={() => setEdit("new", { replace: false })}>
              <Icon name="plus" size={14} /> Add a site
            </button>
          )}
        </div>
      </section>
      {site && (
        <>
          <section class="setting" aria-labelledby="settings-snippet">
            <header>
              <h2 id="settings-snippet">Snippets for {site.domain}</h2>
              <p>
                Paste the first into the head of every page. The second shows recommendations where
                you put it.
              </p>
            </header>
            <div>
              <CodeBlock label="Tracking snippet" text={site.snippet} />
              <CodeBlock label="Widget snippet" text={widgetSnippet(site, location.origin)} />
            </div>
          </section>
          {isAdmin && (
            <>
              <WindowsSetting key={site.id} site={site} />
              <Keys key={site.id} site={site} />
            </>
          )}
        </>
      )}
      {isAdmin && (
        <>
          <MembersSetting />
          <AuditSetting />
        </>
      )}
      <section class="setting" aria-labelledby="settings-password">
        <header>
          <h2 id="settings-password">Password</h2>
          <p>For signing in here. Everybody else who is signed in as you has to sign in again.</p>
        </header>
        <PasswordForm user={user.name} />
      </section>
      {(edit === "new" || edited) && (
        <Dialog title={edited ? `Edit ${edited.domain}` : "Add a site"} onClose={close}>
          <SiteForm
            key={edit}
            site={edited}
            submitLabel={edited ? "Save" : "Add the site"}
            onCancel={close}
            onSaved={(saved) => {
              invalidate(sitesPath);
              toast(edited ? "Saved" : `${saved.domain} is added`);
              go(
                { ...withOption(currentView(), "edit", null), site: saved.domain },
                { replace: true },
              );
            }}
          />
          {edited && <DeleteSite site={edited} onDeleted={close} />}
        </Dialog>
      )}
    </div>
  );
}

interface SiteListProps {
  sites: readonly Site[];
  current: Site | null;
  onEdit: ((domain: string) => void) | null;
}

function SiteList({ sites, current, onEdit }: SiteListProps) {
  return (
    <ul class="rows">
      {sites.map((site) => (
        <li key={site.id}>
          <span class="row-main">
            <b>{site.domain}</b>
            <small>
              {[site.name === site.domain ? "" : site.name, site.timezone, site.currency]
                .filter(Boolean)
                .join(" · ")}
            </small>
          </span>
          {site.id === current?.id && <span class="badge">shown now</span>}
          {onEdit && (
            <button
              type="button"
              class="button small"
              aria-label={`Edit ${site.domain}`}
              onClick={() => onEdit(site.domain)}
            >
              Edit
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function DeleteSite({ site, onDeleted }: { site: Site; onDeleted: () => void }) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState("");
  const overview = useResource<Overview>(
    open ? sitePath(site, "stats/overview?period=all&compare=none") : null,
  );
  if (!open) {
    return (
      <button type="button" class="link-button danger" onClick={() => setOpen(true)}>
        Delete this site…
      </button>
    );
  }
  const metrics = overview.data?.metrics;
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    try {
      await remove(`/api/v1/sites/${site.id}`);
      toast(`${site.domain} is deleted`);
      onDeleted();
      if (currentView().site === site.domain)
        go({ ...currentView(), site: null }, { replace: true });
      invalidate(sitesPath);
    } catch (error) {
      setProblem(explain(error));
    }
  };
  return (
    <form class="danger-zone" onSubmit={submit}>
      <p>
        <b>{site.domain}</b> and its keys stop working: no more events are taken for it, and{" "}
        {metrics
          ? `its ${plural(metrics.sessions?.value ?? 0, "session")}, ${plural(metrics.pageviews?.value ?? 0, "pageview")} and ${plural(metrics.events?.value ?? 0, "event")} are no longer shown.`
          : "what was recorded is no longer shown."}{" "}
        This cannot be undone here. The events stay in the data folder.
      </p>
      <label class="field">
        <span>Type the domain to confirm</span>
        <input
          value={typed}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      <p class="form-error" role="alert">
        {problem}
      </p>
      <button type="submit" class="button danger" disabled={typed !== site.domain}>
        Delete {site.domain}
      </button>
    </form>
  );
}

const scopeWords: Record<ApiKey["scope"], string> = {
  read: "Read the numbers",
  write: "Send events and products",
  admin: "Everything for this site",
};

function Keys({ site }: { site: Site }) {
  const path = sitePath(site, "keys");
  const keys = useResource<{ keys: ApiKey[] }>(path);
  const [made, setMade] = useState<{ name: string; key: string } | null>(null);
  const [revoke, setRevoke] = useState<ApiKey | null>(null);
  const end = async (key: ApiKey): Promise<void> => {
    await remove(`${path}/${key.id}`);
    toast(`“${key.name}” no longer works`);
    setRevoke(null);
    keys.reload();
  };
  return (
    <section class="setting" aria-labelledby="settings-keys">
      <header>
        <h2 id="settings-keys">API keys for {site.domain}</h2>
        <p>For your own programs. Keep them secret: whoever has one can do what it allows.</p>
      </header>
      <div>
        <Loaded resource={keys} skeleton={<SkeletonRows rows={2} />}>
          {(data) =>
            data.keys.length === 0 ? (
              <p class="muted">
                No keys yet. Reading this dashboard and pasting the snippet need none.
              </p>
            ) : (
              <ul class="rows">
                {data.keys.map((key) => (
                  <li key={key.id}>
                    <span class="row-main">
                      <b>{key.name}</b>
                      <small>
                        {key.hint && <span class="mono">{key.hint}… </span>}
                        {scopeWords[key.scope]}
                      </small>
                    </span>
                    <button
                      type="button"
                      class="button small"
                      aria-label={`Revoke ${key.name}`}
                      onClick={() => setRevoke(key)}
                    >
                      Revoke
                    </button>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
        <NewKey
          site={site}
          onMade={(name, key) => {
            setMade({ name, key });
            keys.reload();
          }}
        />
      </div>
      {made && (
        <Dialog title={`The key “${made.name}”`} onClose={() => setMade(null)}>
          <p>Copy it now: it is stored as a hash and cannot be shown again.</p>
          <CodeBlock label="Secret key" text={made.key} />
          <div class="form-actions">
            <button type="button" class="button primary" onClick={() => setMade(null)}>
              I have copied it
            </button>
          </div>
        </Dialog>
      )}
      {revoke && (
        <ConfirmDialog
          title="Revoke a key"
          asked="the key’s name"
          name={revoke.name}
          action="Revoke"
          act={() => end(revoke)}
          onClose={() => setRevoke(null)}
        >
          Programs that use <b>{revoke.name}</b> get no answer from now on. It cannot be undone.
        </ConfirmDialog>
      )}
    </section>
  );
}

function NewKey({ site, onMade }: { site: Site; onMade: (name: string, key: string) => void }) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<ApiKey["scope"]>("write");
  const [problem, setProblem] = useState("");
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setProblem("");
    try {
      const made = await post<NewApiKey>(sitePath(site, "keys"), { name: name.trim(), scope });
      onMade(name.trim(), made.key);
      setName("");
    } catch (error) {
      setProblem(explain(error));
    }
  };
  return (
    <form class="inline-form" onSubmit={submit}>
      <input
        required
        aria-label="Name of the new key"
        placeholder="What it is for"
        maxLength={100}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <label class="select">
        <span class="visually-hidden">Scope</span>
        <select
          value={scope}
          onChange={(event) => setScope(event.currentTarget.value as ApiKey["scope"])}
        >
          {(Object.keys(scopeWords) as ApiKey["scope"][]).map((each) => (
            <option key={each} value={each}>
              {scopeWords[each]}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="button">
        Create key
      </button>
      {problem && (
        <p class="form-error" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

const passwordMin = 8;

function PasswordForm({ user }: { user: string }) {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      await post("/api/v1/account/password", { current, new: next });
      setCurrent("");
      setNext("");
      toast("The password is changed");
    } catch (error) {
      setProblem(explain(error));
    }
    setBusy(false);
  };
  return (
    <form class="form narrow" onSubmit={submit}>
      <input type="text" name="username" autocomplete="username" value={user} hidden readOnly />
      <label class="field">
        <span>Current password</span>
        <input
          type="password"
          required
          autocomplete="current-password"
          value={current}
          onInput={(event) => setCurrent(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>New password</span>
        <input
          type="password"
          required
          minLength={passwordMin}
          autocomplete="new-password"
          value={next}
          onInput={(event) => setNext(event.currentTarget.value)}
        />
        <small>At least {count(passwordMin)} characters.</small>
      </label>
      <p class="form-error" role="alert">
        {problem}
      </p>
      <button type="submit" class="button" disabled={busy}>
        {busy ? "Changing…" : "Change password"}
      </button>
    </form>
  );
}
