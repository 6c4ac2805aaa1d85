// How long after a recommendation a click, a cart and a purchase are credited to it.

import { useState } from "preact/hooks";
import { explain, request, sitePath } from "../lib/api";
import { invalidate, useResource } from "../lib/resource";
import type { Site } from "../lib/types";
import { Loaded, SkeletonRows } from "../components/panel";
import { toast } from "../components/toast";

interface Windows {
  click_window_min: number | null;
  cart_window_h: number | null;
  purchase_window_h: number | null;
}

const fields = [
  { key: "click_window_min", label: "Click, minutes", max: 1440 },
  { key: "cart_window_h", label: "Cart, hours after the click", max: 2160 },
  { key: "purchase_window_h", label: "Purchase, hours after the click", max: 2160 },
] as const;

export function WindowsSetting({ site }: { site: Site }) {
  const windows = useResource<Windows>(sitePath(site, "windows"));
  return (
    <section class="setting" aria-labelledby="settings-windows">
      <header>
        <h2 id="settings-windows">Credit</h2>
        <p>
          How long after a recommendation what a visitor does is credited to it. Empty: as the
          server's settings say. It holds from now on.
        </p>
      </header>
      <Loaded resource={windows} skeleton={<SkeletonRows rows={3} />}>
        {(data) => <WindowsForm site={site} windows={data} />}
      </Loaded>
    </section>
  );
}

function WindowsForm({ site, windows }: { site: Site; windows: Windows }) {
  const [draft, setDraft] = useState(windows);
  const [problem, setProblem] = useState("");
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setProblem("");
    try {
      setDraft(await request<Windows>("PUT", sitePath(site, "windows"), { body: draft }));
      invalidate(sitePath(site, "windows"));
      toast("Saved");
    } catch (error) {
      setProblem(explain(error));
    }
  };
  return (
    <form class="form" onSubmit={submit}>
      {fields.map(({ key, label, max }) => (
        <label key={key} class="field">
          <span>{label}</span>
          <input
            type="number"
            name={key}
            min={1}
            max={max}
            step={1}
            value={draft[key] ?? ""}
            onInput={(event) => {
              const text = event.currentTarget.value;
              setDraft((now) => ({ ...now, [key]: text === "" ? null : Number(text) }));
            }}
          />
        </label>
      ))}
      {problem && (
        <p class="form-error" role="alert">
          {problem}
        </p>
      )}
      <div class="form-actions">
        <button type="submit" class="button primary">
          Save
        </button>
      </div>
    </form>
  );
}
