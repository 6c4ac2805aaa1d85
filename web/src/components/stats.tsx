// Headline numbers: the number, then how it changed.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Change } from "../lib/format";

interface StatProps {
  label: string;
  definition: string;
  value: ComponentChildren;
  exact: string | undefined;
  change?: Change | null;
  /** Said instead of a change where there is none. */
  note?: ComponentChildren;
  before?: string | undefined;
  selected?: boolean;
  onSelect?: (() => void) | undefined;
}

export function Stat(props: StatProps) {
  const id = useId();
  const inside = (
    <>
      <span class="stat-label" data-tip={props.definition}>
        {props.label}
      </span>
      <span class="stat-value" data-tip={props.exact}>
        {props.value}
      </span>
      <span class="stat-change">
        {props.change ? <ChangeMark change={props.change} before={props.before} /> : props.note}
      </span>
      <span class="visually-hidden" id={id}>
        {props.definition}
      </span>
    </>
  );
  if (!props.onSelect) return <div class="stat">{inside}</div>;
  return (
    <button
      type="button"
      class="stat"
      aria-pressed={props.selected ?? false}
      aria-describedby={id}
      onClick={props.onSelect}
    >
      {inside}
    </button>
  );
}

export function ChangeMark({ change, before }: { change: Change; before?: string | undefined }) {
  const { direction, tone, text } = change;
  const mark = { up: "▲", down: "▼", same: "" }[direction];
  const words = { up: "up ", down: "down ", same: "unchanged, " }[direction];
  const judgement = tone === "neutral" ? "" : tone === "better" ? ", better" : ", worse";
  return (
    <span class={`change ${tone}`} data-tip={before}>
      <span aria-hidden="true">{mark} </span>
      <span class="visually-hidden">{words}</span>
      {text}
      <span class="visually-hidden">{judgement}</span>
    </span>
  );
}

/** Where headline numbers will be. */
export function StatSkeleton({ stats }: { stats: number }) {
  return (
    <div class="stats">
      {Array.from({ length: stats }, (_, index) => (
        <div class="stat" key={index}>
          <i style={{ width: "64px", height: "12px" }} />
          <i style={{ width: "84px", height: "26px" }} />
          <i style={{ width: "48px", height: "12px" }} />
        </div>
      ))}
    </div>
  );
}
