// A campaign, statistics from a file, and what is known of the business itself.

import { useState } from "preact/hooks";
import type { Campaign, StatsImported } from "../lib/campaign_types";
import { objectives, platforms } from "../lib/campaigns";
import { explain, patch, post, remove, request } from "../lib/api";
import { plural } from "../lib/format";
import { useRows } from "../lib/pages";
import { CodeBlock } from "../components/copy";
import { Dialog } from "../components/dialog";
import { type Field, Fields, type Values } from "../components/fields";
import { Loaded, SkeletonRows } from "../components/panel";
import { toast } from "../components/toast";

const campaignFields: readonly Field[] = [
  { name: "name", label: "Name", kind: "text", required: true, note: "Statistics name the campaign by it." },
  { name: "status", label: "State", kind: "word", required: true, words: ["draft", "active", "paused", "completed", "cancelled"] },
  { name: "objective", label: "Objective", kind: "word", words: objectives },
  { name: "platform", label: "Platform", kind: "word", words: platforms },
  { name: "budget", label: "Budget", kind: "number" },
  { name: "currency", label: "Currency", kind: "text", note: "Three letters, such as EUR." },
  { name: "start_date", label: "From", kind: "day" },
  { name: "end_date", label: "To", kind: "day" },
  { name: "description", label: "What it is about", kind: "long" },
];

interface CampaignProps {
  stored: Campaign | undefined;
  currency: string;
  onClose: () => void;
  onSaved: () => void;
}

export function CampaignDialog({ stored, currency, onClose, onSaved }: CampaignProps) {
  const [values, setValues] = useState<Values>(() =>
    stored
      ? Object.fromEntries(
          campaignFields.map(({ name }) => [name, stored[name as keyof Campaign]]),
        )
      : { name: "", status: "draft", currency },
  );
  const [problem, setProblem] = useState("");
  const [typed, setTyped] = useState("");
  const act = async (work: () => Promise<unknown>, words: string): Promise<void> => {
    try {
      await work();
      toast(words);
      onSaved();
      onClose();
    } catch (error) {
      setProblem(explain(error));
    }
  };
  const path = `/api/v1/campaigns${stored ? `/${stored.id}` : ""}`;
  const save = (): Promise<unknown> => (stored ? patch(path, values) : post(path, values));
  return (
    <Dialog title={stored ? stored.name : "A new campaign"} onClose={onClose}>
      <form
        class="form two-wide"
        onSubmit={(event) => {
          event.preventDefault();
          void act(save, stored ? "Saved" : "Added");
        }}
      >
        <Fields fields={campaignFields} values={values} set={setValues} />
        <p class="form-error" role="alert">
          {problem}
        </p>
        <div class="form-actions">
          <button type="submit" class="button primary">
            {stored ? "Save" : "Add the campaign"}
          </button>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
      {stored && (
        <details class="more">
          <summary>Delete the campaign</summary>
          <label class="field">
            <span>It goes with its statistics and settings. Type its name to delete it.</span>
            <input type="text" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
          </label>
          <button
            type="button"
            class="button danger"
            disabled={typed !== stored.name}
            onClick={() => void act(() => remove(path), "Deleted")}
          >
            Delete
          </button>
        </details>
      )}
    </Dialog>
  );
}

const example = `campaign,day,platform,audience,impressions,clicks,conversions,revenue,spend,currency
Spring,2026-01-05,Instagram,students,12000,240,12,540.00,180.00,EUR`;

export function ImportDialog({ onClose, onStored }: { onClose: () => void; onStored: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [done, setDone] = useState<StatsImported | null>(null);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    if (!file) return;
    setBusy(true);
    setProblem("");
    setDone(null);
    try {
      const answer = await request<StatsImported>("POST", "/api/v1/campaign_stats_import", {
        file: { type: "text/csv", text: await file.text() },
      });
      setDone(answer);
      if (answer.errors.length === 0) onStored();
    } catch (error) {
      setProblem(explain(error));
    }
    setBusy(false);
  };
  const wrong = done?.errors ?? [];
  return (
    <Dialog title="Import statistics" wide onClose={onClose}>
      <p>
        A CSV file with a header. <code>campaign</code> is the name of one of yours; campaign, day,
        impressions and clicks must be there. A row replaces the one of the same campaign, day,
        platform and audience. When one row is wrong, nothing is stored.
      </p>
      <CodeBlock text={example} label="Example" />
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <label class="field">
          <span>File</span>
          <input
            type="file"
            accept=".csv,text/csv"
            required
            onChange={(event) => {
              setFile(event.currentTarget.files?.[0] ?? null);
              setDone(null);
            }}
          />
        </label>
        <p class="form-error" role="alert">
          {problem}
          {wrong.length > 0 &&
            `Nothing was stored: ${plural(wrong.length, "row is", "rows are")} wrong${wrong.length >= 100 ? ", at least" : ""}.`}
        </p>
        {wrong.length > 0 && (
          <ul class="rules wrong-rows">
            {wrong.map((each) => (
              <li key={`${each.line} ${each.message}`}>
                <b>Line {each.line}</b>
                <span class="item">{each.message}</span>
              </li>
            ))}
          </ul>
        )}
        {done && wrong.length === 0 && <p role="status">{plural(done.rows, "row")} stored.</p>}
        <div class="form-actions">
          <button type="submit" class="button primary" disabled={busy || !file}>
            {busy ? "Importing; large files take a minute…" : "Import"}
          </button>
          <button type="button" class="button" onClick={onClose}>
            Close
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const ages = ["Gen Z", "Millennial", "Gen X", "Boomer"];
const profileFields: readonly Field[] = [
  { name: "industry", label: "Industry", kind: "text" },
  { name: "website", label: "Website", kind: "text" },
  { name: "business_size", label: "Size", kind: "word", words: ["Startup", "SMB", "Enterprise"] },
  { name: "years_in_business", label: "Years in business", kind: "number" },
  { name: "monthly_budget", label: "Budget a month", kind: "number" },
  { name: "budget_range", label: "Budget range", kind: "word", words: ["Micro", "Small", "Medium", "Large", "Enterprise"] },
  { name: "primary_objective", label: "First objective", kind: "word", words: objectives },
  { name: "primary_platform", label: "First platform", kind: "word", words: platforms },
  { name: "primary_age_group", label: "First age group", kind: "word", words: ages },
  { name: "brand_voice", label: "Voice", kind: "word", words: ["Professional", "Casual", "Playful", "Luxury", "Authentic", "Bold"] },
  { name: "content_preference", label: "Content", kind: "word", words: ["Video First", "Image Heavy", "Text Focused", "Mixed"] },
  { name: "brand_colors", label: "Colours", kind: "list", note: "With commas between them, as all lists here." },
  { name: "target_locations", label: "Places", kind: "list" },
  { name: "target_interests", label: "Interests", kind: "list" },
  { name: "target_behaviors", label: "Behaviour", kind: "list" },
  { name: "secondary_objectives", label: "Other objectives", kind: "words", words: objectives },
  { name: "platform_priorities", label: "Other platforms", kind: "words", words: platforms },
  { name: "target_age_groups", label: "Other age groups", kind: "words", words: ages },
  { name: "risk_tolerance", label: "Taste for risk", kind: "share", note: "0 ranks recommendations by what they bring at worst, 1 by what is likely." },
  { name: "roi_focus", label: "Weight of the return", kind: "share" },
  { name: "automation_level", label: "What may run by itself", kind: "share" },
];

type Profile = Values & { id: string };

/** What the account says of its business; recommendations go by it. */
export function ProfileForm() {
  const profiles = useRows<Profile>("meta_user_profiles");
  return (
    <Loaded resource={profiles} skeleton={<SkeletonRows rows={10} />}>
      {(all) => (
        <ProfileFields key={all.rows[0]?.id} stored={all.rows[0]} changed={profiles.reload} />
      )}
    </Loaded>
  );
}

function ProfileFields({ stored, changed }: { stored: Profile | undefined; changed: () => void }) {
  const [values, setValues] = useState<Values>(() => {
    const known: Values = stored ?? { risk_tolerance: 0.5, roi_focus: 0.5, automation_level: 0.5 };
    return Object.fromEntries(profileFields.map(({ name, kind }) => [
      name,
      known[name] ?? (kind === "list" || kind === "words" ? [] : null),
    ]));
  });
  const [problem, setProblem] = useState("");
  const save = async (): Promise<void> => {
    try {
      const path = "/api/v1/meta_user_profiles";
      if (stored) await patch(`${path}/${stored.id}`, values);
      else await post(path, values);
      setProblem("");
      toast("Saved");
      changed();
    } catch (error) {
      setProblem(explain(error));
    }
  };
  return (
    <form
      class="form two-wide profile"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Fields fields={profileFields} values={values} set={setValues} />
      <p class="form-error" role="alert">
        {problem}
      </p>
      <div class="form-actions">
        <button type="submit" class="button primary">
          Save
        </button>
      </div>
    </form>
  );
}
