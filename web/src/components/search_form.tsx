// A search that the server answers: asked when the form is sent, kept in the address.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icons";

interface Props {
  label: string;
  placeholder: string;
  value: string;
  onSearch: (value: string) => void;
  children?: ComponentChildren;
}

export function SearchForm({ label, placeholder, value, onSearch, children }: Props) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  return (
    <form
      class="filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(draft.trim());
      }}
    >
      <label class="search">
        <Icon name="search" size={14} />
        <input
          type="search"
          aria-label={label}
          placeholder={placeholder}
          value={draft}
          onInput={(event) => setDraft(event.currentTarget.value)}
        />
      </label>
      {children}
    </form>
  );
}
