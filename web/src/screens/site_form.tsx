// Adding and editing a site.

import { useState } from "preact/hooks";
import { ApiError, explain, patch, post } from "../lib/api";
import type { Site, SiteDraft } from "../lib/types";

interface Props {
  site: Site | null;
  submitLabel: string;
  onSaved: (site: Site) => void;
  onCancel?: () => void;
}

const currencies = [
  "EUR",
  "USD",
  "GBP",
  "CHF",
  "SEK",
  "NOK",
  "DKK",
  "PLN",
  "CZK",
  "JPY",
  "CAD",
  "AUD",
  "INR",
  "BRL",
];

function timeZones(): string[] {
  const intl = Intl as typeof Intl & { supportedValuesOf?: (key: "timeZone") => string[] };
  const all = intl.supportedValuesOf?.("timeZone") ?? [];
  return all.includes("UTC") ? all : ["UTC", ...all];
}

/** "https://www.shop.example/path" as "shop.example": what people paste, made what is asked for. */
export function toDomain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, "")
    .replace(/[/?#].*$/, "")
    .replace(/^www\./, "");
}

export function SiteForm({ site, submitLabel, onSaved, onCancel }: Props) {
  const [draft, setDraft] = useState<SiteDraft>({
    domain: site?.domain ?? "",
    name: site?.name ?? "",
    timezone: site?.timezone ?? (Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC"),
    currency: site?.currency ?? "EUR",
    allowed_origins: site?.allowed_origins ?? [],
    store_ip: site?.store_ip ?? true,
  });
  const [origins, setOrigins] = useState(draft.allowed_origins.join("\n"));
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const set = <K extends keyof SiteDraft>(key: K, value: SiteDraft[K]): void =>
    setDraft((now) => ({ ...now, [key]: value }));

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const domain = toDomain(draft.domain);
    const body: SiteDraft = {
      ...draft,
      domain,
      name: draft.name.trim() || domain,
      allowed_origins: origins.split(/[\s,]+/).filter(Boolean),
    };
    setBusy(true);
    setProblem(null);
    try {
      const { domain: _, ...changes } = body;
      onSaved(
        site
          ? await patch<Site>(`/api/v1/sites/${site.id}`, domain === site.domain ? changes : body)
          : await post<Site>("/api/v1/sites", body),
      );
    } catch (error) {
      setProblem(error instanceof ApiError ? error : new ApiError(0, "internal", String(error)));
      setBusy(false);
    }
  };

  const wrong = (field: string): boolean =>
    problem?.field === field || (problem?.field ?? "").startsWith(`${field}[`);
  return (
    <form class="form" onSubmit={submit}>
      <label class="field">
        <span>Domain</span>
        <input
          required
          name="domain"
          placeholder="shop.example"
          autocapitalize="none"
          spellcheck={false}
          value={draft.domain}
          aria-invalid={wrong("domain")}
          onInput={(event) => set("domain", event.currentTarget.value)}
        />
        <small>Without https:// and www.</small>
      </label>
      <label class="field">
        <span>Name</span>
        <input
          name="name"
          placeholder={toDomain(draft.domain) || "What you call it"}
          value={draft.name}
          aria-invalid={wrong("name")}
          onInput={(event) => set("name", event.currentTarget.value)}
        />
      </label>
      <div class="field-pair">
        <label class="field">
          <span>Time zone</span>
          <input
            required
            name="timezone"
            list="time-zones"
            autocomplete="off"
            value={draft.timezone}
            aria-invalid={wrong("timezone")}
            onInput={(event) => set("timezone", event.currentTarget.value)}
          />
          <small>Days begin at midnight here.</small>
        </label>
        <label class="field">
          <span>Currency</span>
          <input
            required
            name="currency"
            list="currencies"
            maxLength={3}
            pattern="[A-Za-z]{3}"
            autocomplete="off"
            value={draft.currency}
            aria-invalid={wrong("currency")}
            onInput={(event) => set("currency", event.currentTarget.value.toUpperCase())}
          />
          <small>Three letters, such as EUR.</small>
        </label>
      </div>
      <datalist id="time-zones">
        {timeZones().map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <datalist id="currencies">
        {currencies.map((code) => (
          <option key={code} value={code} />
        ))}
      </datalist>
      <details class="more" open={origins !== "" || wrong("allowed_origins")}>
        <summary>Privacy and access</summary>
        <label class="field">
          <span>Pages that may send events</span>
          <textarea
            name="allowed_origins"
            rows={2}
            placeholder="https://shop.example"
            spellcheck={false}
            value={origins}
            aria-invalid={wrong("allowed_origins")}
            onInput={(event) => setOrigins(event.currentTarget.value)}
          />
          <small>One origin a line. Empty: any page that has the snippet.</small>
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={draft.store_ip}
            onChange={(event) => set("store_ip", event.currentTarget.checked)}
          />
          <span>
            Keep the IP address, shortened
            <small>
              Its last part is cut off before it is stored. Without this, nothing of it is kept.
            </small>
          </span>
        </label>
      </details>
      <p class="form-error" role="alert">
        {problem && explain(problem)}
      </p>
      <div class="form-actions">
        <button type="submit" class="button primary" disabled={busy}>
          {busy ? "Saving…" : submitLabel}
        </button>
        {onCancel && (
          <button type="button" class="button" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}
