// Client keys that SDKs ask with, and whether what they get is encrypted.

import { useState } from "preact/hooks";
import { explain, patch, post, remove, sitePath } from "../lib/api";
import { invalidate, useResource } from "../lib/resource";
import type { SdkConnection, SdkConnections, Site } from "../lib/types";
import { ConfirmDialog } from "../components/confirm";
import { CodeBlock } from "../components/copy";
import { Loaded, SkeletonRows } from "../components/panel";
import { toast } from "../components/toast";

export function SdkKeysBox({ site }: { site: Site }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="more" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>More client keys, and encryption</summary>
      {open && <Keys site={site} />}
    </details>
  );
}

type Doom = { of: SdkConnection; what: "key" | "client key" };

function Keys({ site }: { site: Site }) {
  const all = sitePath(site, "sdk-connections");
  const keys = useResource<SdkConnections>(all);
  const [doom, setDoom] = useState<Doom | null>(null);
  const path = (of: SdkConnection): string => `${all}/${encodeURIComponent(of.client_key)}`;
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      toast(explain(error));
    }
    invalidate(all);
  };
  const end = async ({ of, what }: Doom): Promise<void> => {
    if (what === "key") await patch(path(of), { new_key: true });
    else await remove(path(of));
    setDoom(null);
    invalidate(all);
  };
  return (
    <Loaded resource={keys} skeleton={<SkeletonRows rows={3} />}>
      {(data) => (
        <div class="form">
          <p class="muted">
            Who reads a page&rsquo;s traffic reads the rules of its flags, unless they are encrypted: then an
            SDK needs the decryption key too.
          </p>
          <ul class="flag-rules">
            {data.connections.map((each) => (
              <li key={each.client_key}>
                <Key
                  of={each}
                  set={(encrypted) => void attempt(() => patch(path(each), { encrypted }))}
                  end={(what) => setDoom({ of: each, what })}
                />
              </li>
            ))}
          </ul>
          <AddKey add={(name) => attempt(() => post(all, { name }))} />
          {doom && (
            <ConfirmDialog
              title={doom.what === "key" ? "Another decryption key" : "Delete a client key"}
              asked="its name"
              name={doom.of.name}
              action={doom.what === "key" ? "Make another" : "Delete"}
              act={() => end(doom)}
              onClose={() => setDoom(null)}
            >
              SDKs that have this {doom.what === "key" ? "decryption" : "client"} key of <b>{doom.of.name}</b>{" "}
              get their code&rsquo;s own defaults from now on. It cannot be undone.
            </ConfirmDialog>
          )}
        </div>
      )}
    </Loaded>
  );
}

interface KeyProps {
  of: SdkConnection;
  set: (encrypted: boolean) => void;
  end: (what: Doom["what"]) => void;
}

function Key({ of, set, end }: KeyProps) {
  return (
    <div class="form" role="group" aria-label={of.name}>
      <b>{of.name}</b>
      <CodeBlock text={of.client_key} label={`Client key of ${of.name}`} />
      <label class="check">
        <input
          type="checkbox"
          checked={of.encrypted}
          onChange={(event) => set(event.currentTarget.checked)}
        />
        <span>
          Encrypted
          {of.is_own && (
            <small>
              x.js cannot read it then: tests on pages and its flags stop. While this one is plain, who knows
              it reads everything.
            </small>
          )}
        </span>
      </label>
      {of.encryption_key && <CodeBlock text={of.encryption_key} label={`Decryption key of ${of.name}`} />}
      <div class="form-actions">
        {of.encrypted && (
          <button type="button" class="button small" onClick={() => end("key")}>
            Another decryption key
          </button>
        )}
        {!of.is_own && (
          <button type="button" class="button small danger" onClick={() => end("client key")}>
            Delete the client key
          </button>
        )}
      </div>
    </div>
  );
}

function AddKey({ add }: { add: (name: string) => Promise<void> }) {
  const [name, setName] = useState("");
  return (
    <form
      class="inline-form"
      onSubmit={(event) => {
        event.preventDefault();
        void add(name.trim()).then(() => setName(""));
      }}
    >
      <input
        type="text"
        required
        maxLength={255}
        aria-label="Who gets another client key"
        placeholder="Phone app"
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <button type="submit" class="button small">
        Make a client key
      </button>
    </form>
  );
}
