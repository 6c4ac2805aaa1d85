// The time range: presets on the left, a calendar for two days on the right. Opens with `d`.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import {
  addDays,
  addMonths,
  dayLabel,
  dayOf,
  monthGrid,
  monthLabel,
  type Period,
  periodLabels,
  periods,
  rangeLabel,
} from "../lib/dates";
import { go, type View } from "../lib/url";
import { Icon } from "./icons";
import { Popover } from "./popover";

export const openRangeEvent = "attune:open-range";

export function periodText(period: View["period"]): string {
  return typeof period === "object" ? rangeLabel(period.from, period.to) : periodLabels[period];
}

export function RangePicker({ view, timeZone }: { view: View; timeZone: string }) {
  const text = periodText(view.period);
  return (
    <Popover
      label={`Time range: ${text}`}
      role="dialog"
      align="right"
      tip={`Days of ${timeZone}. Press d to change.`}
      openOn={openRangeEvent}
      button={
        <>
          <Icon name="calendar" />
          <span class="button-text">{text}</span>
          <Icon name="down" size={12} />
        </>
      }
    >
      {(close) => <Choices view={view} timeZone={timeZone} close={close} />}
    </Popover>
  );
}

function Choices({ view, timeZone, close }: { view: View; timeZone: string; close: () => void }) {
  const choose = (period: View["period"]): void => {
    close();
    const options = { ...view.options };
    delete options["zoom"];
    go({ ...view, period, options });
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("button")];
    const at = all.indexOf(document.activeElement as HTMLElement);
    all[(at + step + all.length) % all.length]?.focus();
  };
  return (
    <div class="range-picker">
      <div class="presets" role="group" aria-label="Presets" onKeyDown={onKey}>
        {periods.map((period: Period) => (
          <button
            type="button"
            key={period}
            class="menu-item"
            aria-pressed={view.period === period}
            {...(view.period === period ? { "data-autofocus": "" } : {})}
            onClick={() => choose(period)}
          >
            {periodLabels[period]}
            {view.period === period && <Icon name="check" size={14} />}
          </button>
        ))}
      </div>
      <Calendar
        today={dayOf(Date.now(), timeZone)}
        chosen={typeof view.period === "object" ? view.period : null}
        timeZone={timeZone}
        onChoose={choose}
      />
    </div>
  );
}

interface CalendarProps {
  today: string;
  chosen: { from: string; to: string } | null;
  timeZone: string;
  onChoose: (range: { from: string; to: string }) => void;
}

function Calendar({ today, chosen, timeZone, onChoose }: CalendarProps) {
  const [focus, setFocus] = useState(chosen?.to ?? today);
  const [start, setStart] = useState<string | null>(null);
  const [hover, setHover] = useState<string | null>(null);
  const month = focus.slice(0, 7);
  const grid = useRef<HTMLDivElement>(null);
  const byKey = useRef(false);

  // The focus follows the keys before the next key can come.
  useLayoutEffect(() => {
    if (byKey.current) grid.current?.querySelector<HTMLElement>(`[data-day="${focus}"]`)?.focus();
    byKey.current = false;
  }, [focus]);

  const pick = (day: string): void => {
    if (start === null) setStart(day);
    else onChoose(day < start ? { from: day, to: start } : { from: start, to: day });
  };
  const end = hover ?? focus;
  const [low, high] =
    start === null
      ? [chosen?.from ?? "", chosen?.to ?? ""]
      : start < end
        ? [start, end]
        : [end, start];

  const onKey = (event: KeyboardEvent): void => {
    const days = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    const months = { PageUp: -1, PageDown: 1 }[event.key];
    let next: string;
    if (days) next = addDays(focus, days);
    else if (months) next = `${addMonths(month, months)}-01`;
    else return;
    event.preventDefault();
    if (next > today) next = today;
    setFocus(next);
    setHover(null);
    byKey.current = true;
  };
  const turn = (months: number): void => {
    const next = `${addMonths(month, months)}-01`;
    setFocus(next > today ? today : next);
  };

  return (
    <div class="calendar">
      <div class="calendar-head">
        <button
          type="button"
          class="icon-button"
          aria-label="Month before"
          onClick={() => turn(-1)}
        >
          <Icon name="left" />
        </button>
        <span aria-live="polite">{monthLabel(month)}</span>
        <button
          type="button"
          class="icon-button"
          aria-label="Month after"
          disabled={addMonths(month, 1) > today.slice(0, 7)}
          onClick={() => turn(1)}
        >
          <Icon name="right" />
        </button>
      </div>
      <div class="calendar-week" aria-hidden="true">
        {["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"].map((name) => (
          <span key={name}>{name}</span>
        ))}
      </div>
      <div
        class="calendar-days"
        ref={grid}
        role="group"
        aria-label={monthLabel(month)}
        onKeyDown={onKey}
        onPointerLeave={() => setHover(null)}
      >
        {monthGrid(month)
          .flat()
          .map((day) => {
            const inside = day >= low && day <= high && low !== "";
            const edge = day === low || day === high;
            return (
              <button
                type="button"
                key={day}
                data-day={day}
                tabIndex={day === focus ? 0 : -1}
                disabled={day > today}
                class={`day${day.slice(0, 7) === month ? "" : " other"}${inside ? " inside" : ""}${edge && inside ? " edge" : ""}${day === today ? " today" : ""}`}
                aria-label={dayLabel(day)}
                aria-pressed={inside}
                onPointerEnter={() => start !== null && setHover(day)}
                onClick={() => pick(day)}
              >
                {Number(day.slice(8))}
              </button>
            );
          })}
      </div>
      <p class="calendar-note" aria-live="polite">
        {start === null ? "Choose the first day." : `From ${dayLabel(start)}: choose the last day.`}
        <br />
        Days of {timeZone}
      </p>
    </div>
  );
}
