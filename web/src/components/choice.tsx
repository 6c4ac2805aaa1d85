// One of a few words.

interface Props {
  label: string;
  value: string;
  /** Value and word, in the order shown. */
  words: Record<string, string>;
  set: (value: string) => void;
}

/** With its label above it. */
export function Choice(props: Props) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <Select {...props} />
    </label>
  );
}

/** Beside other controls: its label is only read out. */
export function InlineChoice(props: Props) {
  return <Select {...props} ariaLabel={props.label} />;
}

function Select({ ariaLabel, value, words, set }: Props & { ariaLabel?: string }) {
  return (
    <span class="select">
      <select
        aria-label={ariaLabel}
        value={value}
        onChange={(event) => set(event.currentTarget.value)}
      >
        {Object.entries(words).map(([each, word]) => (
          <option key={each} value={each}>
            {word}
          </option>
        ))}
      </select>
    </span>
  );
}
