// A form's fields from a list of what they are: for rows with many columns.

import { percent } from "../lib/format";
import { readable } from "../lib/words";
import { Choice } from "./choice";

export interface Field {
  name: string;
  label: string;
  /** list: words of one's own, with commas; share: 0 to 1 as a slider. */
  kind: "text" | "long" | "number" | "day" | "word" | "words" | "list" | "share";
  words?: readonly string[];
  note?: string;
  required?: boolean;
}

export type Values = Record<string, unknown>;

interface Props {
  fields: readonly Field[];
  values: Values;
  set: (values: Values) => void;
}

export function Fields({ fields, values, set }: Props) {
  return (
    <>
      {fields.map((field) => (
        <OneField
          key={field.name}
          field={field}
          value={values[field.name]}
          set={(value) => set({ ...values, [field.name]: value })}
        />
      ))}
    </>
  );
}

interface OneProps {
  field: Field;
  value: unknown;
  set: (value: unknown) => void;
}

function OneField({ field, value, set }: OneProps) {
  const { label, kind, words = [], note, required = false } = field;
  const list = Array.isArray(value) ? value.map(String) : [];
  if (kind === "word") {
    const given = Object.fromEntries([["", "Not said"], ...words.map((word) => [word, readable(word)])]);
    if (required) delete given[""];
    return (
      <Choice label={label} value={String(value ?? "")} words={given} set={(word) => set(word || null)} />
    );
  }
  if (kind === "words") {
    return (
      <fieldset class="plain">
        <legend>{label}</legend>
        <div class="days">
          {words.map((word) => (
            <label key={word} class="check">
              <input
                type="checkbox"
                checked={list.includes(word)}
                onChange={(event) =>
                  set(event.currentTarget.checked ? [...list, word] : list.filter((each) => each !== word))
                }
              />
              <span>{word}</span>
            </label>
          ))}
        </div>
      </fieldset>
    );
  }
  return (
    <label class="field">
      <span>
        {label}
        {kind === "share" && ` · ${percent(Number(value ?? 0))}`}
      </span>
      <Entry field={field} value={kind === "list" ? list.join(", ") : value} set={set} />
      {note && <small>{note}</small>}
    </label>
  );
}

function Entry({ field, value, set }: OneProps) {
  const { kind, required = false } = field;
  const text = String(value ?? "");
  if (kind === "long") {
    return (
      <textarea rows={3} value={text} onInput={(event) => set(event.currentTarget.value || null)} />
    );
  }
  if (kind === "share") {
    return (
      <input
        type="range"
        min={0}
        max={1}
        step={0.05}
        value={text}
        onInput={(event) => set(event.currentTarget.valueAsNumber)}
      />
    );
  }
  if (kind === "number") {
    return (
      <input
        type="number"
        min={0}
        step="any"
        value={text}
        onInput={(event) => {
          const given = event.currentTarget.valueAsNumber;
          set(Number.isFinite(given) ? given : null);
        }}
      />
    );
  }
  if (kind === "list") {
    const split = (given: string): string[] =>
      given.split(",").map((each) => each.trim()).filter(Boolean);
    return (
      <input type="text" value={text} onChange={(event) => set(split(event.currentTarget.value))} />
    );
  }
  const common = {
    required,
    value: text,
    onInput: (event: { currentTarget: HTMLInputElement }): void =>
      set(event.currentTarget.value || (required ? "" : null)),
  };
  return kind === "day" ? <input type="date" {...common} /> : <input type="text" {...common} />;
}
